// Where the windows of a convolution lie in a batch of images: shared by its passes.
#pragma once

#include <cstddef>

#include <softf1/core/window.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/sample_shape.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The pixels of a batch and of the windows on it. Pixels count through images, rows and columns.
struct window_grid {
  sample_shape in;
  window win;

  SOFTF1_HD std::size_t out_pixels() const { return win.out_height * win.out_width; }
  SOFTF1_HD std::size_t taps() const { return win.size * win.size; }

  /// The input pixel under tap `t` of output pixel `p`; outside of the image: `none`.
  SOFTF1_HD std::size_t input_pixel(std::size_t p, std::size_t t) const {
    std::size_t const image = p / out_pixels(), place = p % out_pixels();
    // Above and to the left of the image the subtraction wraps around.
    std::size_t const y = place / win.out_width * win.stride + t / win.size - win.top;
    std::size_t const x = place % win.out_width * win.stride + t % win.size - win.left;
    return y < in.height && x < in.width ? (image * in.height + y) * in.width + x : none;
  }

  /// The output pixel that has input pixel `p` under its tap `t`; `none` where no window does.
  SOFTF1_HD std::size_t output_pixel(std::size_t p, std::size_t t) const {
    std::size_t const image = p / in.pixels(), place = p % in.pixels();
    std::size_t const y = place / in.width + win.top - t / win.size, x = place % in.width + win.left - t % win.size;
    std::size_t const out_y = y / win.stride, out_x = x / win.stride;
    bool const hit = y % win.stride == 0 && x % win.stride == 0 && out_y < win.out_height && out_x < win.out_width;
    return hit ? (image * win.out_height + out_y) * win.out_width + out_x : none;
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

/// rows(p, t · C + c) = x(pixel under tap t of output pixel p, c): windows side by side, for a product.
template <class T, class B>
struct unfold {
  window_grid grid;
  matrix_view<const T, B> x;
  matrix_view<T, B> rows;
  SOFTF1_HD void operator()(std::size_t p, std::size_t j) const {
    std::size_t const channels = grid.in.channels, from = grid.input_pixel(p, j / channels);
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
      if (from != window_grid::none) sum += rows(from, t * grid.in.channels + c);
    }
    x(p, c) = sum;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
