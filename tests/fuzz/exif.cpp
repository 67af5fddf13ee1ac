// EXIF orientation: in JPEG files, and in TIFF blocks alone.
#include <softf1/image/detail/exif.hpp>
#include <softf1/image/detail/format.hpp>

#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = std::as_bytes(std::span(data, size));
  int const in_file = softf1::image::detail::jpeg_orientation(bytes);
  int const in_block = softf1::image::detail::tiff_orientation(bytes);
  softf1::image::detail::format_of(bytes);
  if (in_file < 1 || in_file > 8 || in_block < 1 || in_block > 8) std::abort();
  return 0;
}
