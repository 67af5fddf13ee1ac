// The encodings that text files are read in; inside the library all text is UTF-8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// How the bytes of a text file mean characters; `detect`: UTF-8 where the bytes are valid UTF-8, else ISO-8859-1.
enum class text_encoding : unsigned char { detect, utf_8, iso_8859_1 };

/// The encoding that a program's option names: "" (detect), "utf-8", "iso-8859-1", and the short forms "utf8" and
/// "latin1". Throws value_error for any other name.
inline text_encoding parse_text_encoding(std::string_view name) {
  if (name.empty()) return text_encoding::detect;
  if (name == "utf-8" || name == "utf8") return text_encoding::utf_8;
  if (name == "iso-8859-1" || name == "latin1") return text_encoding::iso_8859_1;
  throw value_error("the encoding must be utf-8 or iso-8859-1, got " + detail::in_quotes(name));
}

/// Where the first byte stands that is not part of UTF-8 (RFC 3629: shortest forms only, no surrogates, nothing above
/// U+10FFFF); npos where all bytes are.
inline std::size_t find_invalid_utf8(std::string_view text) {
  auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080u) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    unsigned const lead = byte(at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    std::size_t const length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || text.size() - at < length) return at;
    unsigned const lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned const highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(at + 1) < lowest || byte(at + 1) > highest) return at;
    for (std::size_t k = 2; k < length; ++k)
      if ((byte(at + k) & 0xC0) != 0x80) return at;
    at += length;
  }
  return std::string_view::npos;
}

/// The text in UTF-8 whose bytes are characters of ISO-8859-1.
inline std::string utf8_from_iso_8859_1(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (char c : bytes) {
    unsigned const code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return text;
}

namespace detail {

/// A file's bytes as UTF-8 without a byte order mark; copied only where they must be converted.
class decoded_text {
 public:
  /// Throws io_error for UTF-16, and with the line for bytes that are not the UTF-8 that was stated.
  decoded_text(std::string_view bytes, text_encoding encoding, std::string_view who, std::string_view path) {
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
      fail(who, path, "expected UTF-8, got UTF-16: save the file as UTF-8");
    // The mark says UTF-8 as clearly as an option does.
    if (bytes.starts_with(byte_order_mark)) {
      bytes.remove_prefix(byte_order_mark.size());
      encoding = text_encoding::utf_8;
    }
    text_ = bytes;
    bool const is_latin = encoding == text_encoding::iso_8859_1;
    auto const bad = is_latin ? 0 : find_invalid_utf8(bytes);
    if (bad == std::string_view::npos) return;
    if (encoding == text_encoding::utf_8) {
      auto const line = 1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bad), '\n');
      fail(who, path,
           "line " + std::to_string(line) + ": expected UTF-8, got byte " +
               std::to_string(static_cast<unsigned char>(bytes[bad])) + ": is the encoding iso-8859-1?");
    }
    converted_ = utf8_from_iso_8859_1(bytes);
    is_converted_ = true;
  }

  std::string_view text() const { return is_converted_ ? std::string_view(converted_) : text_; }

 private:
  std::string_view text_;
  std::string converted_;
  bool is_converted_ = false;
};

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::parse_text_encoding;
using io::text_encoding;
}  // namespace softf1::inline SOFTF1_ABI
