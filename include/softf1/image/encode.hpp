// Pixels to image files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/image/detail/jpeg.hpp>
#include <softf1/image/detail/stb_codec.hpp>
#include <softf1/image/image.hpp>

namespace softf1::inline SOFTF1_ABI::image {

namespace detail {

/// The largest side that JPEG can state is enough for PNG too.
inline void require_encodable(rgb_image const& image, std::string_view who) {
  require_image(image, who);
  if (image.height > 65535 || image.width > 65535)
    throw shape_error(std::string(who) + ": a side must have at most 65535 pixels, got shape " +
                      shape_text({image.height, image.width, 3}));
}

}  // namespace detail

inline namespace SOFTF1_DETAIL_JPEG {

/// The bytes of a JPEG file; quality from 1 to 100. Chroma is halved in both directions, as is usual (libjpeg-turbo;
/// stb, where that is missing, keeps it from quality 91 on). Throws shape_error for an image without pixels or with a
/// side above 65535, value_error for another quality. The same bytes for the same image, always, by one library.
inline std::vector<std::byte> encode_jpeg(rgb_image const& image, int quality = 90) {
  detail::require_encodable(image, "encode_jpeg");
  if (quality < 1 || quality > 100)
    throw value_error("encode_jpeg: quality must lie in 1..100, got " + std::to_string(quality));
  return detail::jpeg_encode(image, quality);
}

}  // namespace SOFTF1_DETAIL_JPEG

/// The bytes of a PNG file. Throws like encode_jpeg.
inline std::vector<std::byte> encode_png(rgb_image const& image) {
  detail::require_encodable(image, "encode_png");
  std::vector<std::byte> bytes;
  int const width = static_cast<int>(image.width);
  if (!stbi_write_png_to_func(detail::append_bytes, &bytes, width, static_cast<int>(image.height), 3,
                              image.pixels.data(), 3 * width))
    throw io_error("encode_png: stb could not encode the image");
  return bytes;
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::encode_jpeg;
using image::encode_png;
}  // namespace softf1::inline SOFTF1_ABI
