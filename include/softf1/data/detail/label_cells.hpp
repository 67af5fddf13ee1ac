// Labels that stand together in one cell: joined by a separator, or as a list.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

using io::detail::trimmed;

/// The names of "Action|Drama", without blanks at their ends; empty ones mean nothing. The separator is not empty.
inline std::vector<std::string> split_labels(std::string_view cell, std::string_view separator) {
  std::vector<std::string> names;
  for (;;) {
    auto const end = cell.find(separator);
    auto const name = trimmed(cell.substr(0, end));
    if (!name.empty()) names.emplace_back(name);
    if (end == std::string_view::npos) return names;
    cell.remove_prefix(end + separator.size());
  }
}

/// Whether a cell would be read as a list.
inline bool looks_like_list(std::string_view cell) {
  cell = trimmed(cell);
  return cell.size() >= 2 && cell.front() == '[' && cell.back() == ']';
}

/// Appends a character (at most U+10FFFF) as UTF-8.
inline void append_utf8(std::string& text, std::uint32_t code) {
  auto const put = [&](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

/// Reads a list as Python and JSON write it: ['Action', "it's", 7]. Strings in either quote, with escapes; what stands
/// without quotes is taken as it is up to the next comma.
class list_parser {
 public:
  explicit list_parser(std::string_view cell) : text_(trimmed(cell)) {}

  /// The items without blanks at their ends, empty ones left out; nothing where the text is no list.
  std::optional<std::vector<std::string>> parse() {
    std::vector<std::string> names;
    if (!take('[')) return std::nullopt;
    while (!take(']')) {
      auto const item = read_item();
      if (!item) return std::nullopt;
      if (!trimmed(*item).empty()) names.emplace_back(trimmed(*item));
      if (take(',')) continue;
      if (!take(']')) return std::nullopt;
      break;
    }
    if (!text_.empty()) return std::nullopt;
    return names;
  }

 private:
  void skip_blanks() {
    auto const first = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(first == std::string_view::npos ? text_.size() : first);
  }

  bool take(char c) {
    skip_blanks();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::optional<std::string> read_item() {
    for (char const quote : {'\'', '"'})
      if (take(quote)) return read_string(quote);
    auto const end = text_.find_first_of(",[]'\"");
    std::string item(trimmed(text_.substr(0, end)));
    if (item.empty() || end == std::string_view::npos) return std::nullopt;
    text_.remove_prefix(end);
    return item;
  }

  std::optional<std::string> read_string(char quote) {
    std::string item;
    while (!text_.empty()) {
      char const c = text_.front();
      text_.remove_prefix(1);
      if (c == quote) return item;
      if (c != '\\')
        item += c;
      else if (!read_escape(item))
        return std::nullopt;
    }
    return std::nullopt;
  }

  /// What stands behind a backslash.
  bool read_escape(std::string& item) {
    if (text_.empty()) return false;
    char const c = text_.front();
    text_.remove_prefix(1);
    for (auto const& [letter, meaning] : {std::pair{'n', '\n'}, {'t', '\t'}, {'r', '\r'}})
      if (c == letter) return item += meaning, true;
    std::size_t const digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) return item += c, true;
    auto code = read_hex(digits);
    // JSON writes what lies above U+FFFF as two surrogates.
    if (c == 'u' && code && (*code & 0xFC00) == 0xD800 && text_.starts_with("\\u")) {
      text_.remove_prefix(2);
      auto const low = read_hex(4);
      if (!low || (*low & 0xFC00) != 0xDC00) return false;
      code = 0x10000 + ((*code & 0x3FF) << 10) + (*low & 0x3FF);
    }
    if (!code || *code > 0x10FFFF || (*code & 0xFFFFF800) == 0xD800) return false;
    append_utf8(item, *code);
    return true;
  }

  std::optional<std::uint32_t> read_hex(std::size_t digits) {
    std::uint32_t code = 0;
    auto const end = text_.data() + digits;
    if (text_.size() < digits || std::from_chars(text_.data(), end, code, 16).ptr != end) return std::nullopt;
    text_.remove_prefix(digits);
    return code;
  }

  std::string_view text_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
