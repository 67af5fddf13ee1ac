// Turning and mirroring by EXIF orientation.
#pragma once

#include <cstddef>

#include <softf1/image/image.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// The image as it is to be seen, from an image stored with an orientation of 1 to 8 (1: as stored, 2: mirrored left
/// to right, 3: half a turn, 4: mirrored top to bottom, 5: transposed, 6: to be turned clockwise, 7: transposed about
/// the other diagonal, 8: to be turned counter-clockwise).
inline rgb_image oriented(rgb_image stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  bool const transposed = orientation >= 5;
  // Which corner of the stored image the first pixel comes from.
  bool const from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  bool const from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  rgb_image seen(transposed ? stored.width : stored.height, transposed ? stored.height : stored.width);
  for (std::size_t y = 0; y < seen.height; ++y)
    for (std::size_t x = 0; x < seen.width; ++x) {
      std::size_t const row = transposed ? x : y, col = transposed ? y : x;
      auto const* const from =
          stored.at(from_bottom ? stored.height - 1 - row : row, from_right ? stored.width - 1 - col : col);
      auto* const to = seen.at(y, x);
      for (std::size_t c = 0; c < 3; ++c) to[c] = from[c];
    }
  return seen;
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
