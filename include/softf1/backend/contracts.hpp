// What the primitives ask of the functors that they are given, on every backend.
#pragma once

#include <concepts>
#include <cstddef>
#include <numeric>
#include <type_traits>
#include <utility>

#include <softf1/core/tie_group.hpp>

namespace softf1::inline SOFTF1_ABI {

/// What may run on a backend: a functor that is copied there byte by byte. For nvcc it also has a name (is no lambda), and
/// its call operator is const and marked SOFTF1_HD.
template <class F>
concept backend_functor = std::is_trivially_copyable_v<F>;

/// Whether a functor says, by `static constexpr bool bound_by_arithmetic = true`, that it computes more than it reads and
/// writes: the CPU backend then compiles it for its widest vectors as well.
template <class F>
inline constexpr bool is_bound_by_arithmetic = requires { requires F::bound_by_arithmetic; };

/// How many rows of its matrix a functor can take as one: (i, cols + j) then stands for (i + 1, j). It says so by
/// `std::size_t rows_at_once() const`, where rows lie one after the other; else it is 1. Loops over few columns can so be
/// as long as vectors like them to be.
template <class F>
std::size_t rows_at_once(F const& f) {
  if constexpr (requires { f.rows_at_once(); })
    return f.rows_at_once();
  else
    return 1;
}
/// The answer of a functor that does not ask for the place of a cell.
inline constexpr std::size_t any_number_of_rows = ~std::size_t{0};

/// How many cells compilers put into the widest vectors: what a functor says by `vector_lanes`, else 16 floats.
template <class F>
constexpr std::size_t vector_lanes() {
  if constexpr (requires { F::vector_lanes; })
    return F::vector_lanes;
  else
    return 16;
}

/// The fewest rows that make a whole number of vectors of `lanes`, a power of 2; fewer where that is more than 1,024 cells.
inline std::size_t rows_for_vectors(std::size_t cols, std::size_t lanes) {
  std::size_t rows = lanes / std::gcd(cols, lanes);
  while (rows > 1 && rows * cols > 1024) rows /= 2;
  return rows;
}

/// A reduction down columns, for `reduce_columns`:
/// `partial`, an aggregate of 1 to 6 numbers of type `scalar`: the state of a column over some rows;
/// `static partial identity()`, of no rows; `void add(partial&, row, column) const`, which takes a cell in;
/// `total`, the state of a column over all rows; `static total neutral()`, of no rows;
/// `static void merge(total&, partial const&)` and `static void merge(total&, total const&)`, earlier rows first.
/// Cells are added and states merged in any grouping, but in order; of one that takes several rows at once, in any order.
template <class F>
concept column_reduction =
    backend_functor<F> && requires(F const& f, typename F::partial& part, typename F::total& total, std::size_t i) {
      typename F::scalar;
      { F::identity() } -> std::same_as<typename F::partial>;
      { F::neutral() } -> std::same_as<typename F::total>;
      f.add(part, i, i);
      F::merge(total, std::as_const(part));
      F::merge(total, std::as_const(total));
    };

/// A reduction along rows, for `reduce_rows`: `partial`, `static partial identity()`,
/// `void add(partial&, row, column) const`, `static void merge(partial& earlier, partial const& later)`, and
/// `void finish(row, partial const&) const`, which puts the result where it belongs.
template <class F>
concept row_reduction = backend_functor<F> && requires(F const& f, typename F::partial& part, std::size_t i) {
  { F::identity() } -> std::same_as<typename F::partial>;
  f.add(part, i, i);
  F::merge(part, std::as_const(part));
  f.finish(i, std::as_const(part));
};

/// A walk over the tie groups of a column, for `reduce_tie_groups`: `state`, `result`, `state identity() const`,
/// `void add(state&, tie_group<score> const&, column_totals const&) const` for each group in descending order of score,
/// `static void merge(state& earlier, state const& later)`, where earlier groups have the higher scores, and
/// `result finish(column, state const&, column_totals const&) const`.
template <class F, class Score>
concept tie_group_reduction =
    backend_functor<F> && requires(F const& f, typename F::state& state, tie_group<Score> const& group,
                                   column_totals const& totals, std::size_t i) {
      { f.identity() } -> std::same_as<typename F::state>;
      f.add(state, group, totals);
      F::merge(state, std::as_const(state));
      { f.finish(i, std::as_const(state), totals) } -> std::same_as<typename F::result>;
    };

namespace detail {

// Sentences for whoever writes a functor that does not fit.
template <class F>
constexpr void check_functor() {
  static_assert(backend_functor<F>, "softf1: what runs on a backend is a trivially copyable functor");
}
template <class F>
constexpr void check_column_reduction() {
  static_assert(column_reduction<F>,
                "softf1: reduce_columns takes a column_reduction: see backend/contracts.hpp for what it must have");
}
template <class F>
constexpr void check_row_reduction() {
  static_assert(row_reduction<F>,
                "softf1: reduce_rows takes a row_reduction: see backend/contracts.hpp for what it must have");
}
template <class F, class Score>
constexpr void check_tie_group_reduction() {
  static_assert(
      tie_group_reduction<F, Score>,
      "softf1: reduce_tie_groups takes a tie_group_reduction: see backend/contracts.hpp for what it must have");
}

inline constexpr std::size_t row_piece = 1024;

/// The state of a row, of pieces of 1,024 cells merged in order.
template <class F>
struct walk_row {
  F f;
  std::size_t cols;
  SOFTF1_HD void operator()(std::size_t i) const {
    auto state = F::identity();
    for (std::size_t first = 0; first < cols; first += row_piece) {
      auto part = F::identity();
      for (std::size_t j = first; j < cols && j < first + row_piece; ++j) f.add(part, i, j);
      F::merge(state, part);
    }
    f.finish(i, state);
  }
};

}  // namespace detail
}  // namespace softf1::inline SOFTF1_ABI
