// How a kernel's window walks over an image.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A square window of a convolution along both axes: out(y, x) sees the input rows stride·y − top + dilation·a for a in
/// [0, size), and the columns likewise from `left`; what lies outside of the image is 0.
struct window {
  std::size_t size = 1, stride = 1;
  std::size_t top = 0, left = 0;  ///< zero rows above and zero columns to the left
  std::size_t out_height = 1, out_width = 1;
  std::size_t dilation = 1;  ///< pixels from one tap to the next

  /// True where each output pixel sees exactly the input pixel of the same place.
  constexpr bool is_pointwise() const { return size == 1 && stride == 1; }
};

/// The pixels of a batch of images (N, height, width, channels) and of the windows on them. Pixels count through images,
/// rows and columns.
struct window_grid {
  std::size_t height, width, channels;  ///< of an image that goes in
  window win;

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  SOFTF1_HD constexpr std::size_t pixels() const { return height * width; }
  SOFTF1_HD constexpr std::size_t out_pixels() const { return win.out_height * win.out_width; }
  SOFTF1_HD constexpr std::size_t taps() const { return win.size * win.size; }

  /// Where the window of an output pixel begins. Above and to the left of the image the numbers wrap around.
  struct corner {
    std::size_t image, y, x;
  };
  SOFTF1_HD constexpr corner corner_of(std::size_t p) const {
    std::size_t const image = p / out_pixels(), place = p % out_pixels();
    return {image, place / win.out_width * win.stride - win.top, place % win.out_width * win.stride - win.left};
  }
  /// The input pixel in row `a` and column `b` of the window; outside of the image: `none`.
  SOFTF1_HD constexpr std::size_t pixel_at(corner const& c, std::size_t a, std::size_t b) const {
    std::size_t const y = c.y + a * win.dilation, x = c.x + b * win.dilation;
    return y < height && x < width ? (c.image * height + y) * width + x : none;
  }
  /// The input pixel under tap `t` of output pixel `p`; outside of the image: `none`.
  SOFTF1_HD constexpr std::size_t input_pixel(std::size_t p, std::size_t t) const {
    return pixel_at(corner_of(p), t / win.size, t % win.size);
  }

  /// The output pixel that has input pixel `p` under its tap `t`; `none` where no window does.
  SOFTF1_HD constexpr std::size_t output_pixel(std::size_t p, std::size_t t) const {
    std::size_t const image = p / pixels(), place = p % pixels();
    std::size_t const y = place / width + win.top - t / win.size * win.dilation;
    std::size_t const x = place % width + win.left - t % win.size * win.dilation;
    std::size_t const out_y = y / win.stride, out_x = x / win.stride;
    bool const hit = y % win.stride == 0 && x % win.stride == 0 && out_y < win.out_height && out_x < win.out_width;
    return hit ? (image * win.out_height + out_y) * win.out_width + out_x : none;
  }
};

}  // namespace softf1::inline SOFTF1_ABI
