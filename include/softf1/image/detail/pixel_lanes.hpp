// A pixel as a vector.
#pragma once

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Four floats at once, the fourth of which is nobody's; read and written at any float's address.
using pixel_lanes [[gnu::may_alias]] = float __attribute__((vector_size(16), aligned(4)));

}  // namespace softf1::inline SOFTF1_ABI::image::detail
