// Windows of convolutions, cell by cell: laid side by side and back, and each channel by itself.
#pragma once

#include <cstddef>

#include <softf1/backend/matrices.hpp>
#include <softf1/core/view.hpp>
#include <softf1/core/window.hpp>

namespace softf1::inline SOFTF1_ABI {

/// The windows of a convolution with groups of channels: group k makes the k-th of equal parts of `out` from the k-th
/// part of the channels.
struct convolution_grid {
  window_grid on;  ///< its channels are those of a group
  std::size_t groups = 1, out = 1;

  /// Weights that an output has.
  constexpr std::size_t depth() const { return on.taps() * on.channels; }
};

/// The output pixels of windows, seen as windows of one pixel.
constexpr window pointwise_on(window const& w) { return {.out_height = w.out_height, .out_width = w.out_width}; }

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

/// grad_x(p, c) = Σ over taps of grad_y(output pixel that has p under the tap, c) · w(t, c).
template <class T, class B>
struct depthwise_backward_input {
  window_grid grid;
  matrix_view<const T, B> grad_y, w;
  matrix_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    T sum = 0;
    for (std::size_t t = 0; t < grid.taps(); ++t) {
      std::size_t const from = grid.output_pixel(p, t);
      if (from != window_grid::none) sum += grad_y(from, c) * w(t, c);
    }
    grad_x(p, c) = sum;
  }
};

/// grad_w(t, c) += Σ over output pixels of x(pixel under the tap, c) · grad_y(p, c); column t · C + c.
template <class T, class B>
struct depthwise_backward_weight : summing<T> {
  window_grid grid;
  matrix_view<const T, B> x, grad_y;
  depthwise_backward_weight(window_grid const& g, matrix_view<const T, B> in, matrix_view<const T, B> slopes)
      : grid(g), x(in), grad_y(slopes) {}
  SOFTF1_HD void add(typename summing<T>::partial& to, std::size_t p, std::size_t j) const {
    std::size_t const c = j % grid.channels, from = grid.input_pixel(p, j / grid.channels);
    to.sum += from == window_grid::none ? T(0) : x(from, c) * grad_y(p, c);
  }
};

}  // namespace softf1::inline SOFTF1_ABI
