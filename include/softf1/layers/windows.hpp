// Where the windows of a convolution lie in a batch of images: shared by its passes.
#pragma once

#include <cstddef>

#include <softf1/core/window.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/sample_shape.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The windows of `win` on images of shape `in`.
inline window_grid grid_of(sample_shape in, window const& win) { return {in.height, in.width, in.channels, win}; }

/// rows(p, t · C + c) = x(pixel under tap t of output pixel p, c): windows side by side, for a product.
template <class T, class B>
struct unfold {
  window_grid grid;
  matrix_view<const T, B> x;
  matrix_view<T, B> rows;
  SOFTF1_HD void operator()(std::size_t p, std::size_t j) const {
    std::size_t const channels = grid.channels, from = grid.input_pixel(p, j / channels);
    rows(p, j) = from == window_grid::none ? T(0) : x(from, j % channels);
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

}  // namespace softf1::inline SOFTF1_ABI::layers
