// Integers in the headers of image files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Unsigned integers in a block of bytes, in either byte order; nothing where they lie outside of it.
class byte_reader {
 public:
  byte_reader(std::span<std::byte const> bytes, bool big_endian) : bytes_(bytes), big_(big_endian) {}

  std::optional<std::uint32_t> u16(std::size_t at) const { return number(at, 2); }
  std::optional<std::uint32_t> u32(std::size_t at) const { return number(at, 4); }

 private:
  std::optional<std::uint32_t> number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < size; ++k)
      value = value << 8 | std::to_integer<std::uint32_t>(bytes_[at + (big_ ? k : size - 1 - k)]);
    return value;
  }

  std::span<std::byte const> bytes_;
  bool big_;
};

}  // namespace softf1::inline SOFTF1_ABI::image::detail
