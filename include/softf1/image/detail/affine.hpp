// Turning, shearing and shifting a square image about its middle.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>

#include <softf1/backend/cpu/instruction_set.hpp>
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
  planes out(image.side);
  std::size_t const side = image.side;
  float const middle = (static_cast<float>(side) - 1) / 2, last = static_cast<float>(side) - 1;
  softf1::detail::run_for(best_instruction_set(), [&] {
    for (std::size_t y = 0; y < side; ++y) {
      float const dy = static_cast<float>(y) - middle;
      for (std::size_t x = 0; x < side; ++x) {
        float const dx = static_cast<float>(x) - middle;
        float from_x = middle + by.xx * dx + by.xy * dy + by.x, from_y = middle + by.yx * dx + by.yy * dy + by.y;
        from_x = from_x < 0 ? 0 : from_x > last ? last : from_x;
        from_y = from_y < 0 ? 0 : from_y > last ? last : from_y;
        auto const x0 = static_cast<std::size_t>(from_x), y0 = static_cast<std::size_t>(from_y);
        float const wx = from_x - static_cast<float>(x0), wy = from_y - static_cast<float>(y0);
        std::size_t const right = x0 + 1 < side ? 1 : 0, below = y0 + 1 < side ? side : 0, at = y0 * side + x0;
        for (std::size_t c = 0; c < 3; ++c) {
          float const* const p = image.plane(c) + at;
          float const above = p[0] + (p[right] - p[0]) * wx, under = p[below] + (p[below + right] - p[below]) * wx;
          out.plane(c)[y * side + x] = above + (under - above) * wy;
        }
      }
    }
  });
  image = std::move(out);
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
