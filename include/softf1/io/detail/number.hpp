// Numbers as text, independent of any locale.
#pragma once

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <softf1/io/detail/convert.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Without the spaces and tabs (and the end of a line) at both ends.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto const first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The number that the whole text is: decimal or scientific, "nan", "inf" and "infinity" in any case, with an optional
/// sign. Nothing where it is anything else or too large for a double; a number too small for one is 0.
inline std::optional<double> parse_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  auto const end = text.data() + text.size();
  double value = 0;
  auto const [stop, code] = std::from_chars(text.data(), end, value);
  if (stop != end || code == std::errc::invalid_argument) return std::nullopt;
  if (code == std::errc{}) return value;
  // Out of range says neither which way nor the sign; the exponent of a long double reaches far enough to see.
  long double wide = 0;
  if (std::from_chars(text.data(), end, wide).ec != std::errc{}) return std::nullopt;
  value = static_cast<double>(wide);
  if (value - value != 0) return std::nullopt;
  return value;
}

/// Appends the shortest text that reads back as the same T.
template <class T>
void append_number(std::string& text, T value) {
  char buffer[32];
  if constexpr (std::is_same_v<T, bool>)
    text += value ? '1' : '0';
  else if constexpr (std::is_same_v<T, half> || std::is_same_v<T, bfloat16>)
    append_number(text, static_cast<float>(value));
  else
    text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

}  // namespace softf1::inline SOFTF1_ABI::io::detail
