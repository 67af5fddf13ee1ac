// PNG, BMP and GIF by stb_image; JPEG too where libjpeg-turbo is missing.
#pragma once

#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/image/detail/byte_reader.hpp>
#include <softf1/image/detail/cannot_decode.hpp>
#include <softf1/image/detail/stb.hpp>
#include <softf1/image/image.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

struct stb_free {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

[[noreturn]] inline void stb_fail(std::string_view name) {
  char const* const reason = stbi_failure_reason();
  cannot_decode(name, std::string("the file is broken: ") + (reason ? reason : "no reason given"));
}

/// Three channels: gray is repeated, 16-bit channels keep their high byte, alpha is dropped.
inline rgb_image stb_decode(std::span<std::byte const> bytes, std::string_view name, decode_options const& options) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    cannot_decode(name, "the file is larger than 2 GiB");
  // stb says "unknown image type" of a PNG file that is too large for it.
  if (bytes.size() >= 24 && bytes[0] == std::byte{0x89}) {
    byte_reader const header(bytes, true);
    require_size(*header.u32(20), *header.u32(16), options, name);
  }
  auto const* const data = reinterpret_cast<stbi_uc const*>(bytes.data());
  int const size = static_cast<int>(bytes.size());
  int width = 0, height = 0, channels = 0;
  if (!stbi_info_from_memory(data, size, &width, &height, &channels)) stb_fail(name);
  require_size(height, width, options, name);
  std::unique_ptr<stbi_uc, stb_free> const pixels(stbi_load_from_memory(data, size, &width, &height, &channels, 3));
  if (!pixels) stb_fail(name);
  require_size(height, width, options, name);
  rgb_image image(static_cast<std::size_t>(height), static_cast<std::size_t>(width));
  std::memcpy(image.pixels.data(), pixels.get(), image.pixels.size());
  return image;
}

inline void append_bytes(void* to, void* data, int size) {
  auto const* const first = static_cast<std::byte const*>(data);
  auto& bytes = *static_cast<std::vector<std::byte>*>(to);
  bytes.insert(bytes.end(), first, first + size);
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
