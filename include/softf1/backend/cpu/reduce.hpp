// Reduction down the columns of a matrix of cells, in chunks of rows that never depend on the number of threads.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/backend/contracts.hpp>
#include <softf1/backend/cpu/elementwise.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

inline constexpr std::size_t chunk_rows = 128;
inline constexpr std::size_t chunk_labels = 64;

// A state of K equal scalars, one array a field: so that a loop over labels is a loop over unit strides. Fields are
// named one by one (not through an array), since compilers keep a small array in memory and then do not vectorise.
template <class State, class Scalar>
struct state_fields {
  static constexpr std::size_t count = sizeof(State) / sizeof(Scalar);
  static_assert(count * sizeof(Scalar) == sizeof(State) && count >= 1 && count <= 6,
                "softf1: the partial state of a reduction is an aggregate of 1 to 6 scalars of one type");
  using table = Scalar[count][chunk_labels];

  template <std::size_t... k>
  [[gnu::always_inline]] static State load(table const& t, std::size_t j, std::index_sequence<k...>) {
    return State{t[k][j]...};
  }
  [[gnu::always_inline]] static State load(table const& t, std::size_t j) {
    return load(t, j, std::make_index_sequence<count>{});
  }
  [[gnu::always_inline]] static void store(table& t, std::size_t j, State const& s) {
    if constexpr (count == 1) {
      auto const& [a] = s;
      t[0][j] = a;
    } else if constexpr (count == 2) {
      auto const& [a, b] = s;
      t[0][j] = a, t[1][j] = b;
    } else if constexpr (count == 3) {
      auto const& [a, b, c] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c;
    } else if constexpr (count == 4) {
      auto const& [a, b, c, d] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c, t[3][j] = d;
    } else if constexpr (count == 5) {
      auto const& [a, b, c, d, e] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c, t[3][j] = d, t[4][j] = e;
    } else {
      auto const& [a, b, c, d, e, f] = s;
      t[0][j] = a, t[1][j] = b, t[2][j] = c, t[3][j] = d, t[4][j] = e, t[5][j] = f;
    }
  }
};

// States of rows [begin, end) for every column.
template <class F>
[[gnu::always_inline]] inline void reduce_chunk(F const& given, std::size_t begin, std::size_t end, std::size_t cols,
                                                typename F::partial* out) {
  using fields = state_fields<typename F::partial, typename F::scalar>;
  F const f = given;  // a copy of one's own: what f writes cannot be its pointers, so that loops vectorise
  alignas(64) typename fields::table t;
  for (std::size_t first = 0; first < cols; first += chunk_labels) {
    std::size_t const width = cols - first < chunk_labels ? cols - first : chunk_labels;
    for (std::size_t j = 0; j < width; ++j) fields::store(t, j, F::identity());
    for (std::size_t i = begin; i < end; ++i)
      vector_loop(width, [&](std::size_t j) {
        auto state = fields::load(t, j);
        f.add(state, i, first + j);
        fields::store(t, j, state);
      });
    for (std::size_t j = 0; j < width; ++j) out[first + j] = fields::load(t, j);
  }
}

}  // namespace detail

/// Merges f, a column_reduction, over the rows of each column into out: for each column j, out(j) takes in the cells
/// (0, j), (1, j), … `out` has shape (cols,) and is added to, so the caller initialises it. Cells of a chunk of 128 rows
/// go into one partial; partials are merged in the order of the chunks: the same bits for any number of threads.
/// Cost: one pass; scratch at most 4 MB, or 16 chunks.
template <class F>
void reduce_columns(context<cpu>& ctx, std::size_t rows, std::size_t cols, F f,
                    vector_view<typename F::total, cpu> out) {
  using partial = typename F::partial;
  detail::check_column_reduction<F>();
  require_shape("reduce_columns", "out", {cols}, out.shape());
  std::size_t const chunks = (rows + detail::chunk_rows - 1) / detail::chunk_rows;
  std::size_t const fitting = (std::size_t{4} << 20) / (cols * sizeof(partial) + 1);
  std::size_t const wave = fitting < 16 ? 16 : fitting;
  buffer<partial> states(ctx, (chunks < wave ? chunks : wave) * cols);
  int const threads = detail::threads_for(ctx, rows * cols);
  for (std::size_t first = 0; first < chunks; first += wave) {
    std::size_t const count = chunks - first < wave ? chunks - first : wave;
    detail::parallel_tasks(threads, count, [&](std::size_t k) {
      std::size_t const begin = (first + k) * detail::chunk_rows;
      std::size_t const end = begin + detail::chunk_rows < rows ? begin + detail::chunk_rows : rows;
      partial* const mine = states.data() + k * cols;
      detail::run_for(ctx.set(), [&, begin, end, mine] { detail::reduce_chunk(f, begin, end, cols, mine); });
    });
    std::size_t const blocks = (cols + detail::chunk_labels - 1) / detail::chunk_labels;
    detail::parallel_tasks(detail::threads_for(ctx, count * cols), blocks, [&](std::size_t b) {
      std::size_t const begin = b * detail::chunk_labels;
      std::size_t const end = begin + detail::chunk_labels < cols ? begin + detail::chunk_labels : cols;
      for (std::size_t k = 0; k < count; ++k)
        for (std::size_t j = begin; j < end; ++j) F::merge(out(j), states.data()[k * cols + j]);
    });
  }
}

/// A state for each row: f, a row_reduction, takes in the cells of each row and finishes it.
/// Pieces of 1,024 cells go into one partial each and are merged in order: the same bits for any number of threads.
/// Cost: one pass; no scratch.
template <class F>
void reduce_rows(context<cpu>& ctx, std::size_t rows, std::size_t cols, F f) {
  detail::check_row_reduction<F>();
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
