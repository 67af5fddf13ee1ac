// Texts and numbers as they stand in HTML.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

/// The number of bytes of the UTF-8 character that `text` begins with; 0 where it is none, or one that XML forbids.
inline std::size_t character_length(std::string_view text) {
  auto const byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  unsigned const lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 ? (lead != 0x7F) : (lead == '\t' || lead == '\n' || lead == '\r');
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  unsigned long code = lead & (0xFFu >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(k) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(k) & 0x3Fu);
  }
  bool const overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  bool const forbidden = (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF || code == 0xFFFE || code == 0xFFFF;
  return overlong || forbidden || (code >= 0x80 && code < 0xA0) ? 0 : length;
}

/// The text for use between tags and in quoted attributes. What is no UTF-8 becomes U+FFFD.
inline std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t const length = character_length(text);
    switch (length == 1 ? text[0] : '\0') {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += length == 0 ? "\xEF\xBF\xBD" : text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

/// A number with that many decimals; "-0" is "0".
inline std::string with_decimals(double x, int decimals) {
  char buffer[400];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::fixed, decimals).ptr;
  std::string text(buffer, end);
  if (text[0] == '-' && text.find_first_not_of("-0.") == text.npos) text.erase(0, 1);
  return text;
}

/// A coordinate of a drawing: at most two decimals.
inline std::string coordinate(double x) {
  std::string text = with_decimals(x, 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// A value to be read: four significant digits.
inline std::string value_text(double x) {
  if (!std::isfinite(x)) return "–";
  char buffer[64];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::general, 4).ptr;
  return {buffer, end};
}

/// 1234567 as "1,234,567".
inline std::string grouped(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

/// "1 image", "2 images".
inline std::string count_of(std::size_t n, std::string_view what) {
  return grouped(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// RFC 4648, with padding.
inline std::string base64(std::span<std::byte const> bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::size_t const count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? std::to_integer<unsigned>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
