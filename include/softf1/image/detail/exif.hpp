// The orientation that a JPEG file's EXIF block states.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <softf1/image/detail/byte_reader.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Tag 0x0112 of the first directory of a TIFF block, 1 to 8; 1 where the block is broken or has none.
/// Source: TIFF 6.0 (1992), p. 13-16 and 36.
inline int tiff_orientation(std::span<std::byte const> tiff) {
  byte_reader const mark(tiff, true);
  auto const order = mark.u16(0);
  if (order != 0x4949u && order != 0x4d4du) return 1;
  byte_reader const reader(tiff, order == 0x4d4du);
  if (reader.u16(2) != 42u) return 1;
  auto const directory = reader.u32(4);
  if (!directory) return 1;
  auto const entries = reader.u16(*directory);
  if (!entries) return 1;
  for (std::size_t k = 0; k < *entries; ++k) {
    std::size_t const entry = std::size_t{*directory} + 2 + 12 * k;
    auto const tag = reader.u16(entry);
    if (!tag) return 1;
    if (*tag != 0x0112) continue;
    // A SHORT; some writers store a LONG.
    auto const type = reader.u16(entry + 2);
    auto const value = type == 4u ? reader.u32(entry + 8) : reader.u16(entry + 8);
    bool const known = (type == 3u || type == 4u) && value && *value >= 1 && *value <= 8;
    return known ? static_cast<int>(*value) : 1;
  }
  return 1;
}

/// The orientation in the first EXIF block of a JPEG file; 1 where there is none or it is broken.
inline int jpeg_orientation(std::span<std::byte const> jpeg) {
  byte_reader const reader(jpeg, true);
  for (std::size_t at = 2;;) {
    auto const marker = reader.u16(at);
    if (!marker || *marker < 0xff00) return 1;
    // Fill bytes before a marker, and markers without a length.
    if (*marker == 0xffff) {
      ++at;
      continue;
    }
    if (*marker == 0xff00 || *marker == 0xff01 || (*marker >= 0xffd0 && *marker <= 0xffd8)) {
      at += 2;
      continue;
    }
    auto const length = reader.u16(at + 2);
    bool const is_data = *marker == 0xffda || *marker == 0xffd9;
    if (is_data || !length || *length < 2) return 1;
    if (*marker == 0xffe1 && reader.u32(at + 4) == 0x45786966u && reader.u16(at + 8) == 0u && *length > 8) {
      auto const rest = jpeg.subspan(at + 10);
      return tiff_orientation(rest.first(std::min<std::size_t>(rest.size(), *length - 8)));
    }
    at += 2 + *length;
  }
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
