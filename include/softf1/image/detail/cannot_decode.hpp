// The sentence for bytes that are not an image that can be read.
#pragma once

#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/image/options.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Throws io_error "decode: name: text".
[[noreturn]] inline void cannot_decode(std::string_view name, std::string_view text,
                                       source_position at = source_position::here()) {
  throw io_error("decode: " + std::string(name) + ": " + std::string(text), at);
}

/// Throws io_error unless height and width are positive and their product is at most options.max_pixels. To be called
/// before anything of that size is allocated.
inline void require_size(long long height, long long width, decode_options const& options, std::string_view name) {
  if (height <= 0 || width <= 0) cannot_decode(name, "the image has no pixels");
  auto const pixels = static_cast<unsigned long long>(height) * static_cast<unsigned long long>(width);
  if (pixels > options.max_pixels)
    cannot_decode(name, "expected at most " + std::to_string(options.max_pixels) + " pixels, got " +
                            std::to_string(width) + " x " + std::to_string(height));
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
