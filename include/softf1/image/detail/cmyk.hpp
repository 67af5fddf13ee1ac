// CMYK pixels as JPEG files hold them, to RGB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <softf1/image/image.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// x * y / 255, rounded to nearest.
inline unsigned times_255(unsigned x, unsigned y) {
  unsigned const t = x * y + 128;
  return ((t >> 8) + t) >> 8;
}

/// Adobe's programs store inverted inks (255 is none), and so does nearly every such file; as Pillow does, all are read
/// so. A channel is K - (255 - ink) * K / 255;
/// colour profiles are not applied.
inline void cmyk_to_rgb(std::span<std::uint8_t const> cmyk, rgb_image& to) {
  for (std::size_t k = 0; 4 * k + 3 < cmyk.size(); ++k) {
    unsigned const black = cmyk[4 * k + 3];
    for (std::size_t c = 0; c < 3; ++c)
      to.pixels[3 * k + c] = static_cast<std::uint8_t>(black - times_255(255u - cmyk[4 * k + c], black));
  }
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
