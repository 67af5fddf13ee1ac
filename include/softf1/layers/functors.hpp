// What layers hand to the primitives.
#pragma once

#include <cstddef>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/activation.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

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

/// Σ over rows, of one column; added to the total.
template <class T, class B>
struct column_sum : summing<T> {
  matrix_view<const T, B> from;
  explicit column_sum(matrix_view<const T, B> m) : from(m) {}
  SOFTF1_HD void add(typename summing<T>::partial& to, std::size_t i, std::size_t j) const { to.sum += from(i, j); }
};

/// to(i) += from(i).
template <class T, class B>
struct add_to {
  vector_view<const T, B> from;
  vector_view<T, B> to;
  SOFTF1_HD void operator()(std::size_t i) const { to(i) += from(i); }
};

/// y = clamp(x).
template <class T, class B>
struct clamp_forward {
  vector_view<const T, B> x;
  vector_view<T, B> y;
  clamp_range<T> range;
  SOFTF1_HD void operator()(std::size_t i) const { y(i) = range(x(i)); }
};

/// grad_x = grad_y inside of the range, 0 at its ends and outside.
template <class T, class B>
struct clamp_backward {
  vector_view<const T, B> x, grad_y;
  vector_view<T, B> grad_x;
  clamp_range<T> range;
  SOFTF1_HD void operator()(std::size_t i) const {
    grad_x(i) = x(i) > range.low && x(i) < range.high ? grad_y(i) : T(0);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
