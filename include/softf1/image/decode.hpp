// Image files to pixels.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <softf1/image/detail/cannot_decode.hpp>
#include <softf1/image/detail/exif.hpp>
#include <softf1/image/detail/format.hpp>
#include <softf1/image/detail/jpeg.hpp>
#include <softf1/image/detail/orient.hpp>
#include <softf1/image/detail/stb_codec.hpp>
#include <softf1/image/image.hpp>
#include <softf1/image/options.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::image {
inline namespace SOFTF1_DETAIL_JPEG {

/// The image in the bytes of a JPEG, PNG, BMP or GIF file; what it is, is told from the bytes alone.
///
/// Gray is repeated in three channels; 16-bit channels keep their high byte; palettes are resolved; alpha is dropped;
/// CMYK and YCCK of JPEG are taken for Adobe's inverted inks; of a GIF, the first frame. Colour profiles are not
/// applied. The EXIF orientation of JPEG is followed; broken EXIF data are ignored. These are Pillow's rules for
/// convert("RGB"), but that Pillow clips gray of 16 bits.
///
/// `name` is what errors call the bytes. Throws io_error for other formats, for broken and truncated files, and for
/// more pixels than options.max_pixels (before they are allocated). Bytes before the start marker of a JPEG are an
/// error, junk between its segments is not, and damage inside its data gives stains, as everywhere. stb (PNG, BMP, GIF)
/// checks no checksums and takes zeros for what a BMP file lacks. JPEG decoders differ by a level or two; with one of
/// them, the result is always the same.
inline rgb_image decode(std::span<std::byte const> bytes, std::string_view name, decode_options const& options = {}) {
  auto const found = detail::format_of(bytes);
  if (found.kind == detail::file_kind::jpeg) {
    auto image = detail::jpeg_decode(bytes, name, options);
    return options.exif_orientation ? detail::oriented(std::move(image), detail::jpeg_orientation(bytes)) : image;
  }
  if (found.kind == detail::file_kind::by_stb) return detail::stb_decode(bytes, name, options);
  detail::cannot_decode(name, "expected a JPEG, PNG, BMP or GIF file, got " + std::string(found.name));
}

/// The image in a file: `decode` of its bytes. "-" is the standard input.
/// Throws io_error, naming the file, where it cannot be read or decoded.
inline rgb_image read_image(std::string const& path, decode_options const& options = {}) {
  return decode(io::read_file(path, "read_image"), path, options);
}

}  // namespace SOFTF1_DETAIL_JPEG
}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::read_image;
}
