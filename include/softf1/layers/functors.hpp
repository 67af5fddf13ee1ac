// What layers hand to the primitives.
#pragma once

#include <cstddef>

#include <softf1/backend/matrices.hpp>
#include <softf1/backend/primitives.hpp>
#include <softf1/core/activation.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// Rows whose numbers lie side by side, as those of maps do: loops along them are then known to be over unit strides.
template <class T, class B>
struct dense_rows {
  T* data;
  std::size_t stride;
  explicit dense_rows(matrix_view<T, B> m) : data(m.data()), stride(static_cast<std::size_t>(m.stride(0))) {}
  SOFTF1_HD T& operator()(std::size_t i, std::size_t j) const { return data[i * stride + j]; }
};

/// Σ over rows, of one column; added to the total.
template <class T, class B>
struct column_sum : summing<T> {
  dense_rows<const T, B> from;
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
    T const slope = grad_y(i), at = x(i);  // always read, so that loops of this vectorise
    grad_x(i) = ((at > range.low) & (at < range.high)) ? slope : T(0);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
