// fill, copy and the two parallel-fors of the CPU backend.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include <softf1/backend/contracts.hpp>
#include <softf1/backend/cpu/context.hpp>
#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {
// Work below this many cells is not worth waking threads for.
inline constexpr std::size_t serial_cells = 16384;
inline constexpr std::size_t block_cells = 8192;

inline int threads_for(context<cpu> const& ctx, std::size_t cells) { return cells < serial_cells ? 1 : ctx.threads(); }
}  // namespace detail

/// f(i) for i in [0, n), in parallel. f is trivially copyable and its calls are independent of each other.
template <class F>
void for_each(context<cpu>& ctx, std::size_t n, F f) {
  detail::check_functor<F>();
  std::size_t const blocks = (n + detail::block_cells - 1) / detail::block_cells;
  detail::parallel_tasks(detail::threads_for(ctx, n), blocks, [&](std::size_t b) {
    std::size_t const begin = b * detail::block_cells;
    std::size_t const count = n - begin < detail::block_cells ? n - begin : detail::block_cells;
    detail::run_for(ctx.set(), [&, begin, count] { detail::vector_loop(count, [&](std::size_t k) { f(begin + k); }); });
  });
}

namespace detail {
// f(i, j) for `steps` steps of `fold` rows each, from row `begin` on; those of a step side by side.
template <class F>
void for_each_step(context<cpu>& ctx, std::size_t begin, std::size_t steps, std::size_t fold, std::size_t cols,
                   F const& f) {
  std::size_t const width = fold * cols, steps_a_block = width >= block_cells ? 1 : block_cells / width;
  std::size_t const blocks = (steps + steps_a_block - 1) / steps_a_block;
  parallel_tasks(threads_for(ctx, steps * width), blocks, [&](std::size_t b) {
    std::size_t const from = b * steps_a_block, to = from + steps_a_block < steps ? from + steps_a_block : steps;
    run_for<is_bound_by_arithmetic<F>>(ctx.set(), [&, from, to] {
      for (std::size_t k = from; k < to; ++k)
        vector_loop(width, [&](std::size_t j) { f(begin + k * fold, j); });
    });
  });
}
}  // namespace detail

/// f(i, j) for every cell of rows × cols, in parallel; independent calls, j fastest.
template <class F>
void for_each_cell(context<cpu>& ctx, std::size_t rows, std::size_t cols, F f) {
  detail::check_functor<F>();
  if (rows == 0 || cols == 0) return;
  std::size_t const most = cols >= detail::block_cells ? 1 : detail::block_cells / cols;
  std::size_t const fold = std::min({rows_at_once(f), most, rows}), steps = rows / fold;
  detail::for_each_step(ctx, 0, steps, fold, cols, f);
  if (rows % fold != 0) detail::for_each_step(ctx, steps * fold, 1, rows % fold, cols, f);
}

/// f(i) for each of `rows` items, each of which costs about `cells_a_row` cells of work, in parallel.
template <class F>
void for_each_row(context<cpu>& ctx, std::size_t rows, std::size_t cells_a_row, F f) {
  detail::check_functor<F>();
  std::size_t const cells = cells_a_row == 0 ? 1 : cells_a_row;
  std::size_t const rows_a_block = cells >= detail::block_cells ? 1 : detail::block_cells / cells;
  std::size_t const blocks = (rows + rows_a_block - 1) / rows_a_block;
  detail::parallel_tasks(detail::threads_for(ctx, rows * cells), blocks, [&](std::size_t b) {
    std::size_t const begin = b * rows_a_block;
    std::size_t const end = begin + rows_a_block < rows ? begin + rows_a_block : rows;
    detail::run_for(ctx.set(), [&, begin, end] {
      for (std::size_t i = begin; i < end; ++i) f(i);
    });
  });
}

/// Every element = value.
template <class T>
void fill(context<cpu>& ctx, vector_view<T, cpu> out, std::type_identity_t<T> value) {
  for_each(ctx, out.size(), [out, value](std::size_t i) { out(i) = value; });
}

/// to(i) = from(i). Throws shape_error unless both have the same length.
template <class T>
void copy(context<cpu>& ctx, vector_view<const T, cpu> from, vector_view<T, cpu> to) {
  require_shape("copy", "destination", {from.size()}, to.shape());
  for_each(ctx, from.size(), [from, to](std::size_t i) { to(i) = from(i); });
}

}  // namespace softf1::inline SOFTF1_ABI
