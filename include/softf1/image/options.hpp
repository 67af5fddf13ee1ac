// How images are decoded.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// How files become images.
struct decode_options {
  bool exif_orientation = true;  ///< turn and mirror as the EXIF orientation of a JPEG file says
  /// Larger images are refused before memory is taken: a file of a few kB can claim to hold gigabytes. The default is
  /// where Pillow refuses too: twice the pixels that fill 256 MiB at three bytes each.
  std::size_t max_pixels = 178'956'970;

  friend bool operator==(decode_options const&, decode_options const&) = default;
};

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::decode_options;
}
