// Small things about matrices that products and reductions are told.
#pragma once

#include <cstddef>

#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI {

/// The same matrix, read the other way.
template <class T, class B>
matrix_view<T, B> transposed(matrix_view<T, B> m) {
  return {m.data(), m.cols(), m.rows(), m.stride(1), m.stride(0)};
}

/// to(i, j) = row(j).
template <class T, class B>
struct row_broadcast {
  matrix_view<T, B> to;
  vector_view<const T, B> row;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to(i, j) = row(j); }
};

/// What reductions of columns to one number have in common: a partial sum, added to the total.
template <class T>
struct summing {
  struct partial {
    T sum;
  };
  using scalar = T;
  using total = T;
  static SOFTF1_HD partial identity() { return partial{T(0)}; }
  static SOFTF1_HD T neutral() { return T(0); }
  static SOFTF1_HD void merge(T& total, partial const& part) { total += part.sum; }
  static SOFTF1_HD void merge(T& total, T const& part) { total += part; }
};

}  // namespace softf1::inline SOFTF1_ABI
