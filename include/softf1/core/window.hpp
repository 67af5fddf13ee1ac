// How a kernel's window walks over an image.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A square window of a convolution along both axes: out(y, x) sees the input rows stride·y − top … + size − 1, and the
/// columns likewise from `left`; what lies outside of the image is 0.
struct window {
  std::size_t size = 1, stride = 1;
  std::size_t top = 0, left = 0;  ///< zero rows above and zero columns to the left
  std::size_t out_height = 1, out_width = 1;

  /// True where each output pixel sees exactly the input pixel of the same place.
  constexpr bool is_pointwise() const { return size == 1 && stride == 1; }
};

}  // namespace softf1::inline SOFTF1_ABI
