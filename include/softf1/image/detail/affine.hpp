// Turning, shearing and shifting a square image about its middle.
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/image/detail/pixel_lanes.hpp>
#include <softf1/image/detail/planes.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Where an output pixel comes from: (dx, dy) from the middle is the image at (xx dx + xy dy + x, yx dx + yy dy + y)
/// from the middle, in pixels.
struct affine {
  float xx = 1, xy = 0, x = 0, yx = 0, yy = 1, y = 0;
};

/// Counter-clockwise, as one sees it.
inline affine turned(double degrees) {
  double const angle = degrees * 3.14159265358979323846 / 180;
  auto const c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
  return {c, -s, 0, s, c, 0};
}

/// Bilinear; beyond its outermost centres the image continues as its edge.
inline void move_pixels(planes& image, affine const& by) {
  std::size_t const side = image.side;
  // Pixels of four lanes, one column and one row more than there are: their weights are 0.
  std::size_t const stride = 4 * (side + 1);
  auto const pixels = std::make_unique<float[]>(stride * (side + 1));
  float const middle = (static_cast<float>(side) - 1) / 2, last = static_cast<float>(side) - 1;
  softf1::detail::run_for(best_instruction_set(), [&] {
    float* const from = pixels.get();
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t y = 0; y < side; ++y)
        for (std::size_t x = 0; x < side; ++x) from[y * stride + 4 * x + c] = image.plane(c)[y * side + x];
    for (std::size_t y = 0; y < side; ++y) {
      float const dy = static_cast<float>(y) - middle;
      float const row_x = middle + by.xy * dy + by.x, row_y = middle + by.yy * dy + by.y;
      for (std::size_t x = 0; x < side; ++x) {
        float const dx = static_cast<float>(x) - middle;
        float from_x = row_x + by.xx * dx, from_y = row_y + by.yx * dx;
        from_x = from_x > 0 ? from_x : 0;
        from_y = from_y > 0 ? from_y : 0;
        from_x = from_x < last ? from_x : last;
        from_y = from_y < last ? from_y : last;
        int const x0 = static_cast<int>(from_x), y0 = static_cast<int>(from_y);
        float const wx = from_x - static_cast<float>(x0), wy = from_y - static_cast<float>(y0);
        float const* const at = from + static_cast<std::size_t>(y0) * stride + 4 * static_cast<std::size_t>(x0);
        pixel_lanes const left = load_pixel(at), right = load_pixel(at + 4);
        pixel_lanes const low_left = load_pixel(at + stride), low_right = load_pixel(at + stride + 4);
        pixel_lanes const above = left + (right - left) * wx, under = low_left + (low_right - low_left) * wx;
        pixel_lanes const mixed = above + (under - above) * wy;
        for (std::size_t c = 0; c < 3; ++c) image.plane(c)[y * side + x] = mixed[c];
      }
    }
  });
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
