// Reductions of the device backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/core/atomic.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

// So many states are merged by one thread.
inline constexpr std::size_t merged_at_once = 16;

// So few rows are one chunk, whose state needs no memory on its way.
inline constexpr std::size_t few_rows = 64;

template <class F>
struct reduce_few_rows {
  F f;
  std::size_t rows;
  vector_view<typename F::total, cuda> out;
  SOFTF1_HD void operator()(std::size_t label) const {
    auto state = F::identity();
    for (std::size_t i = 0; i < rows; ++i) f.add(state, i, label);
    auto total = out(label);
    F::merge(total, state);
    out(label) = total;
  }
};

/// The total of a group of states of a label, for each group and label.
template <class F, class State>
struct merge_group {
  State const* states;
  std::size_t count, cols;
  typename F::total* out;
  SOFTF1_HD void operator()(std::size_t k) const {
    std::size_t const label = k % cols, first = k / cols * merged_at_once;
    std::size_t const end = first + merged_at_once < count ? first + merged_at_once : count;
    auto total = F::neutral();
    for (std::size_t s = first; s < end; ++s) F::merge(total, states[s * cols + label]);
    out[k] = total;
  }
};

/// The same into what is there already.
template <class F, class State>
struct merge_last {
  State const* states;
  std::size_t count, cols;
  vector_view<typename F::total, cuda> out;
  SOFTF1_HD void operator()(std::size_t label) const {
    auto total = out(label);  // not in place: memory that may be the states' keeps loads from being made ahead
    for (std::size_t s = 0; s < count; ++s) F::merge(total, states[s * cols + label]);
    out(label) = total;
  }
};

template <class F, class State>
void merge_chunks(context<cuda>& ctx, State const* states, std::size_t count, std::size_t cols,
                  vector_view<typename F::total, cuda> out) {
  if (count <= merged_at_once) return launch(ctx, cols, merge_last<F, State>{states, count, cols, out});
  std::size_t const groups = (count + merged_at_once - 1) / merged_at_once;
  buffer<typename F::total, cuda> totals(ctx, groups * cols);
  launch(ctx, groups * cols, merge_group<F, State>{states, count, cols, totals.data()});
  merge_chunks<F>(ctx, std::as_const(totals).data(), groups, cols, out);
}

/// The least place of a cell for which f holds. Few cells do, where any does.
template <class F>
struct note_first {
  F f;
  std::size_t cols;
  std::uint64_t* first;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    if (f(i, j)) atomic_min(first, i * cols + j);
  }
};

}  // namespace detail

/// Merges f, a column_reduction, over the rows of each column into out, which is added to.
/// Chunks of 8 to 256 rows, by the shape, go into one partial each; partials are merged 16 at a time, in order: the
/// same bits each time. Cost: one pass; scratch of a state a chunk and label.
template <class F>
void reduce_columns(context<cuda>& ctx, std::size_t rows, std::size_t cols, F f,
                    vector_view<typename F::total, cuda> out) {
  detail::check_column_reduction<F>();
  require_shape("reduce_columns", "out", {cols}, out.shape());
  if (rows == 0 || cols == 0) return;
  if (rows <= detail::few_rows) return detail::thrust_for_each(ctx, cols, detail::reduce_few_rows<F>{f, rows, out});
  std::size_t const of_chunk = detail::rows_a_chunk(rows, cols), chunks = (rows + of_chunk - 1) / of_chunk;
  buffer<typename F::partial, cuda> states(ctx, chunks * cols);
  detail::launch_chunks(ctx, rows, cols, of_chunk, f, states.data());
  detail::merge_chunks<F>(ctx, std::as_const(states).data(), chunks, cols, out);
}

/// A state for each row: f, a row_reduction, takes in the cells of each row and finishes it. A thread walks a row.
/// Cost: one pass; no scratch.
template <class F>
void reduce_rows(context<cuda>& ctx, std::size_t rows, std::size_t cols, F f) {
  detail::check_row_reduction<F>();
  for_each_row(ctx, rows, cols, detail::walk_row<F>{f, cols});
}

/// The least index (i, j), as i · cols + j, for which f(i, j) holds; rows · cols where there is none. Waits for it.
/// Cost: one pass.
template <class F>
std::size_t find_first(context<cuda>& ctx, std::size_t rows, std::size_t cols, F f) {
  detail::check_functor<F>();
  if (rows == 0 || cols == 0) return 0;
  buffer<std::uint64_t, cuda> first(ctx, 1);
  fill(ctx, first.view(), rows * cols);
  detail::launch_cells(ctx, rows, cols, detail::note_first<F>{f, cols, first.data()});
  std::uint64_t found = 0;
  copy(ctx, std::as_const(first).view(), vector_view<std::uint64_t>(&found, 1));
  return static_cast<std::size_t>(found);
}

}  // namespace softf1::inline SOFTF1_ABI
