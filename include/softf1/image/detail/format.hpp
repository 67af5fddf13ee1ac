// What kind of file some bytes are, by how they begin.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Which decoder reads a file.
enum class file_kind : unsigned char { unknown, jpeg, by_stb };

/// What a file is: who reads it, and what it is called in a sentence.
struct file_format {
  file_kind kind;
  std::string_view name;
  std::string_view extension = {};  ///< of those that are read
};

inline file_format format_of(std::span<std::byte const> bytes) {
  std::string_view const text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
  auto const at = [&](std::size_t offset, std::string_view mark) {
    return text.size() >= offset && text.substr(offset).starts_with(mark);
  };
  if (text.empty()) return {file_kind::unknown, "an empty file"};
  if (at(0, "\xff\xd8")) return {file_kind::jpeg, "JPEG", ".jpg"};
  if (at(0, "\x89PNG\r\n\x1a\n")) return {file_kind::by_stb, "PNG", ".png"};
  if (at(0, "BM")) return {file_kind::by_stb, "BMP", ".bmp"};
  if (at(0, "GIF87a") || at(0, "GIF89a")) return {file_kind::by_stb, "GIF", ".gif"};
  if (at(0, "RIFF") && at(8, "WEBP")) return {file_kind::unknown, "a WebP file"};
  if (at(0, {"II*\0", 4}) || at(0, {"MM\0*", 4})) return {file_kind::unknown, "a TIFF file"};
  if (at(4, "ftypavif")) return {file_kind::unknown, "an AVIF file"};
  if (at(4, "ftyphei") || at(4, "ftypmif1")) return {file_kind::unknown, "a HEIF file"};
  if (at(0, "<!DOCTYPE") || at(0, "<html") || at(0, "<!doctype")) return {file_kind::unknown, "an HTML page"};
  return {file_kind::unknown, "something else"};
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
