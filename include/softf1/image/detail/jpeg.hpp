// JPEG: by libjpeg-turbo where it was found, else by stb.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/image/detail/cannot_decode.hpp>
#include <softf1/image/detail/cmyk.hpp>
#include <softf1/image/image.hpp>

#if defined(SOFTF1_TURBOJPEG)
#include <turbojpeg.h>
#else
#include <softf1/image/detail/stb_codec.hpp>
#endif

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Whether the end marker stands behind the start of the last scan.
inline bool jpeg_has_end(std::span<std::byte const> bytes) {
  for (std::size_t at = bytes.size(); at-- > 1;) {
    if (bytes[at - 1] != std::byte{0xff}) continue;
    if (bytes[at] == std::byte{0xd9}) return true;
    if (bytes[at] == std::byte{0xda}) return false;
  }
  return false;
}

inline namespace SOFTF1_DETAIL_JPEG {

#if defined(SOFTF1_TURBOJPEG)

struct turbo_destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using turbo_handle = std::unique_ptr<void, turbo_destroy>;

inline std::string turbo_reason(turbo_handle const& handle) { return tjGetErrorStr2(handle.get()); }

/// Warnings other than a missing end are ignored, as by Pillow: what is decoded is then a whole image, with stains.
inline void turbo_read(turbo_handle const& handle, std::span<std::byte const> bytes, std::uint8_t* to, int width,
                       int height, int pixel_format, std::string_view name) {
  int const status = tjDecompress2(handle.get(), reinterpret_cast<unsigned char const*>(bytes.data()),
                                   static_cast<unsigned long>(bytes.size()), to, width, 0, height, pixel_format,
                                   TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
  if (status == 0) return;
  std::string const reason = turbo_reason(handle);
  if (tjGetErrorCode(handle.get()) != TJERR_WARNING) cannot_decode(name, "the JPEG file is broken: " + reason);
  // Only the first warning is told, which may have been another one.
  if (reason.find("Premature end of JPEG file") != std::string::npos || !jpeg_has_end(bytes))
    cannot_decode(name, "the JPEG file is truncated at byte " + std::to_string(bytes.size()));
}

inline rgb_image jpeg_decode(std::span<std::byte const> bytes, std::string_view name, decode_options const& options) {
  turbo_handle const handle(tjInitDecompress());
  if (!handle) cannot_decode(name, "libjpeg-turbo could not start");
  int width = 0, height = 0, subsampling = -1, colours = -1;
  int const status =
      tjDecompressHeader3(handle.get(), reinterpret_cast<unsigned char const*>(bytes.data()),
                          static_cast<unsigned long>(bytes.size()), &width, &height, &subsampling, &colours);
  // Unusual subsampling is an error of the header call alone; the image can be decoded.
  if (status != 0 && (width < 1 || height < 1 || colours < 0))
    cannot_decode(name, "the JPEG file is broken: " + turbo_reason(handle));
  require_size(height, width, options, name);
  rgb_image image(static_cast<std::size_t>(height), static_cast<std::size_t>(width));
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    std::vector<std::uint8_t> inks(image.height * image.width * 4);
    turbo_read(handle, bytes, inks.data(), width, height, TJPF_CMYK, name);
    cmyk_to_rgb(inks, image);
  } else {
    turbo_read(handle, bytes, image.pixels.data(), width, height, TJPF_RGB, name);
  }
  return image;
}

struct turbo_free {
  void operator()(unsigned char* bytes) const { tjFree(bytes); }
};

inline std::vector<std::byte> jpeg_encode(rgb_image const& image, int quality) {
  turbo_handle const handle(tjInitCompress());
  if (!handle) throw io_error("encode_jpeg: libjpeg-turbo could not start");
  unsigned char* start = nullptr;
  unsigned long size = 0;
  int const status =
      tjCompress2(handle.get(), image.pixels.data(), static_cast<int>(image.width), 0, static_cast<int>(image.height),
                  TJPF_RGB, &start, &size, TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  std::unique_ptr<unsigned char, turbo_free> const owner(start);
  if (status != 0) throw io_error("encode_jpeg: " + turbo_reason(handle));
  auto const* const first = reinterpret_cast<std::byte const*>(start);
  return {first, first + size};
}

#else

inline rgb_image jpeg_decode(std::span<std::byte const> bytes, std::string_view name, decode_options const& options) {
  // stb takes zeros for what is missing.
  if (!jpeg_has_end(bytes)) cannot_decode(name, "the JPEG file is truncated at byte " + std::to_string(bytes.size()));
  return stb_decode(bytes, name, options);
}

inline std::vector<std::byte> jpeg_encode(rgb_image const& image, int quality) {
  std::vector<std::byte> bytes;
  if (!stbi_write_jpg_to_func(append_bytes, &bytes, static_cast<int>(image.width), static_cast<int>(image.height), 3,
                              image.pixels.data(), quality))
    throw io_error("encode_jpeg: stb could not encode the image");
  return bytes;
}

#endif

}  // namespace SOFTF1_DETAIL_JPEG
}  // namespace softf1::inline SOFTF1_ABI::image::detail
