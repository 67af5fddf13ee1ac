// Windows of a convolution laid side by side, and back.
#pragma once

#include <cstddef>

#include <softf1/core/view.hpp>
#include <softf1/core/window.hpp>

namespace softf1::inline SOFTF1_ABI {

/// rows(p, t · C + c) = x(pixel under tap t of output pixel p, c): windows side by side, for a product.
template <class T, class B>
struct unfold {
  window_grid grid;
  matrix_view<const T, B> x;
  matrix_view<T, B> rows;
  SOFTF1_HD void operator()(std::size_t p, std::size_t j) const {
    std::size_t const from = grid.input_pixel(p, j / grid.channels);
    rows(p, j) = from == window_grid::none ? static_cast<T>(0.0f) : x(from, j % grid.channels);
  }
};

/// x(p, c) = Σ over taps of rows(output pixel that has p under the tap, t · C + c): the transpose of `unfold`.
template <class T, class B>
struct fold {
  window_grid grid;
  matrix_view<const T, B> rows;
  matrix_view<T, B> x;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    T sum = 0;
    for (std::size_t t = 0; t < grid.taps(); ++t) {
      std::size_t const from = grid.output_pixel(p, t);
      if (from != window_grid::none) sum += rows(from, t * grid.channels + c);
    }
    x(p, c) = sum;
  }
};

}  // namespace softf1::inline SOFTF1_ABI
