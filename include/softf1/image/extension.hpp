// How a file of an image is to be called.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <softf1/image/detail/format.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// ".jpg", ".png", ".bmp" or ".gif", by how the bytes of a file begin; empty where they are none that `decode` reads.
inline std::string_view extension_of(std::span<std::byte const> bytes) { return detail::format_of(bytes).extension; }

}  // namespace softf1::inline SOFTF1_ABI::image
