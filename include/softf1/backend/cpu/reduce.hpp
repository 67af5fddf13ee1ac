// Reduction down the columns of a matrix of cells, in chunks of rows that never depend on the number of threads.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/backend/contracts.hpp>
#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/core/fields.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

inline constexpr std::size_t chunk_rows = 128;
inline constexpr std::size_t chunk_labels = 64;

// States of `count` steps of `fold` rows each, from row `begin` on, for every column of a step.
template <class F>
[[gnu::always_inline]] inline void reduce_chunk(F const& given, std::size_t begin, std::size_t count, std::size_t fold,
                                                std::size_t cols, typename F::partial* out) {
  using fields = fields_of<typename F::partial, typename F::scalar>;
  F const f = given;  // a copy of one's own: what f writes cannot be its pointers, so that loops vectorise
  alignas(64) typename F::scalar t[fields::count][chunk_labels];
  for (std::size_t first = 0; first < cols; first += chunk_labels) {
    std::size_t const width = cols - first < chunk_labels ? cols - first : chunk_labels;
    for (std::size_t j = 0; j < width; ++j) fields::store(t, j, F::identity());
    for (std::size_t k = 0; k < count; ++k)
      vector_loop(width, [&](std::size_t j) {
        auto state = fields::load(t, j);
        f.add(state, begin + k * fold, first + j);
        fields::store(t, j, state);
      });
    for (std::size_t j = 0; j < width; ++j) out[first + j] = fields::load(t, j);
  }
}

// Rows [begin, begin + steps · fold), `fold` of them side by side as one, merged into out.
template <class F>
void reduce_folded(context<cpu>& ctx, std::size_t begin, std::size_t steps, std::size_t fold, std::size_t cols,
                   F const& f, vector_view<typename F::total, cpu> out) {
  using partial = typename F::partial;
  std::size_t const width = cols * fold;
  std::size_t const chunks = (steps + chunk_rows - 1) / chunk_rows;
  std::size_t const fitting = (std::size_t{4} << 20) / (width * sizeof(partial) + 1);
  std::size_t const wave = fitting < 16 ? 16 : fitting;
  buffer<partial> states(ctx, (chunks < wave ? chunks : wave) * width);
  int const threads = threads_for(ctx, steps * width);
  for (std::size_t first = 0; first < chunks; first += wave) {
    std::size_t const count = chunks - first < wave ? chunks - first : wave;
    parallel_tasks(threads, count, [&](std::size_t k) {
      std::size_t const step = (first + k) * chunk_rows;
      std::size_t const in_chunk = step + chunk_rows < steps ? chunk_rows : steps - step;
      partial* const mine = states.data() + k * width;
      run_for<is_bound_by_arithmetic<F>>(ctx.set(), [&, step, in_chunk, mine] {
        reduce_chunk(f, begin + step * fold, in_chunk, fold, width, mine);
      });
    });
    std::size_t const blocks = (cols + chunk_labels - 1) / chunk_labels;
    parallel_tasks(threads_for(ctx, count * width), blocks, [&](std::size_t b) {
      std::size_t const from = b * chunk_labels, to = from + chunk_labels < cols ? from + chunk_labels : cols;
      for (std::size_t k = 0; k < count * fold; ++k)
        for (std::size_t j = from; j < to; ++j) F::merge(out(j), states.data()[k * cols + j]);
    });
  }
}

}  // namespace detail

/// Merges f, a column_reduction, over the rows of each column into out: for each column j, out(j) takes in the cells
/// (0, j), (1, j), … `out` has shape (cols,) and is added to, so the caller initialises it. Cells of a chunk of 128 rows
/// (of every 2nd to 64th of more, where rows are taken as one) go into one partial; partials are merged in the order of
/// the chunks: the same bits for any number of threads.
/// Cost: one pass; scratch at most 4 MB, or 16 chunks.
template <class F>
void reduce_columns(context<cpu>& ctx, std::size_t rows, std::size_t cols, F f,
                    vector_view<typename F::total, cpu> out) {
  detail::check_column_reduction<F>();
  require_shape("reduce_columns", "out", {cols}, out.shape());
  std::size_t const whole = rows_for_vectors(cols, vector_lanes<F>());
  std::size_t const fold = rows_at_once(f) >= whole ? whole : 1, steps = rows / fold;
  detail::reduce_folded(ctx, 0, steps, fold, cols, f, out);
  if (rows % fold != 0) detail::reduce_folded(ctx, steps * fold, rows % fold, 1, cols, f, out);
}

namespace detail {

inline constexpr std::size_t row_lanes = 16;

// As walk_row for 16 rows from row `begin` on, a row a lane: adding and merging are the same work in every lane.
template <class F>
[[gnu::always_inline]] inline void walk_rows(F const& given, std::size_t begin, std::size_t cols) {
  using fields = fields_of<typename F::partial, typename F::scalar>;
  using table = typename F::scalar[fields::count][row_lanes];
  F const f = given;
  alignas(64) table states, parts;
  for (std::size_t row = 0; row < row_lanes; ++row) fields::store(states, row, F::identity());
  for (std::size_t first = 0; first < cols; first += row_piece) {
    std::size_t const end = cols - first < row_piece ? cols : first + row_piece;
    for (std::size_t row = 0; row < row_lanes; ++row) fields::store(parts, row, F::identity());
    for (std::size_t j = first; j < end; ++j)
      vector_loop(row_lanes, [&](std::size_t row) {
        auto part = fields::load(parts, row);
        f.add(part, begin + row, j);
        fields::store(parts, row, part);
      });
    vector_loop(row_lanes, [&](std::size_t row) {
      auto state = fields::load(states, row);
      F::merge(state, fields::load(parts, row));
      fields::store(states, row, state);
    });
  }
  for (std::size_t row = 0; row < row_lanes; ++row) f.finish(begin + row, fields::load(states, row));
}

template <class F>
void reduce_rows_in_lanes(context<cpu>& ctx, std::size_t rows, std::size_t cols, F const& f) {
  std::size_t const tile = row_lanes * (cols + 1), tiles_a_block = tile >= block_cells ? 1 : block_cells / tile;
  std::size_t const step = tiles_a_block * row_lanes;
  parallel_tasks(threads_for(ctx, rows * cols), (rows + step - 1) / step, [&](std::size_t b) {
    std::size_t const begin = b * step, end = begin + step < rows ? begin + step : rows;
    run_for<true>(ctx.set(), [&, begin, end] {
      std::size_t i = begin;
      for (; i + row_lanes <= end; i += row_lanes) walk_rows(f, i, cols);
      for (; i < end; ++i) walk_row<F>{f, cols}(i);
    });
  });
}

}  // namespace detail

/// A state for each row: f, a row_reduction, takes in the cells of each row and finishes it.
/// Pieces of 1,024 cells go into one partial each and are merged in order: the same bits for any number of threads.
/// Cost: one pass; no scratch. What is bound by arithmetic, with a `partial` of numbers of one type `scalar`, is done for 16
/// rows at once.
template <class F>
void reduce_rows(context<cpu>& ctx, std::size_t rows, std::size_t cols, F f) {
  detail::check_row_reduction<F>();
  if constexpr (is_bound_by_arithmetic<F>)
    detail::reduce_rows_in_lanes(ctx, rows, cols, f);
  else
    for_each_row(ctx, rows, cols, detail::walk_row<F>{f, cols});
}

/// The least index (i, j), as i · cols + j, for which f(i, j) holds; rows · cols where there is none.
/// Cost: one serial pass at most: for error paths.
template <class F>
std::size_t find_first(context<cpu>&, std::size_t rows, std::size_t cols, F f) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j)
      if (f(i, j)) return i * cols + j;
  return rows * cols;
}

}  // namespace softf1::inline SOFTF1_ABI
