// A pixel as a vector.
#pragma once

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Four floats at once, the fourth of which is nobody's.
using pixel_lanes = float __attribute__((vector_size(16)));

/// From and to any float's address.
[[gnu::always_inline]] inline pixel_lanes load_pixel(float const* from) {
  pixel_lanes pixel;
  __builtin_memcpy(&pixel, from, sizeof(pixel));
  return pixel;
}
[[gnu::always_inline]] inline void store_pixel(float* to, pixel_lanes const& pixel) {
  __builtin_memcpy(to, &pixel, sizeof(pixel));
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
