// How libraries of products read a matrix.
#pragma once

#include <cstddef>

#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// Stored row-major as it is, or transposed; with a leading dimension, in elements. Other strides cannot be read.
struct blas_layout {
  bool readable, transposed;
  std::ptrdiff_t leading;
};

template <class T, class B>
blas_layout blas_layout_of(matrix_view<T, B> const& m) {
  auto const rows = static_cast<std::ptrdiff_t>(m.rows()), cols = static_cast<std::ptrdiff_t>(m.cols());
  auto const at_least = [](std::ptrdiff_t a, std::ptrdiff_t b) { return a > b ? a : b; };
  if ((m.stride(1) == 1 || cols == 1) && (m.stride(0) >= cols || rows == 1))
    return {true, false, at_least(rows == 1 ? cols : m.stride(0), 1)};
  if ((m.stride(0) == 1 || rows == 1) && (m.stride(1) >= rows || cols == 1))
    return {true, true, at_least(cols == 1 ? rows : m.stride(1), 1)};
  return {false, false, 0};
}

}  // namespace softf1::inline SOFTF1_ABI::detail
