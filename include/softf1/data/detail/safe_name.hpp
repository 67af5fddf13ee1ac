// File names from elsewhere, made harmless.
#pragma once

#include <string>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// A relative path that stays below the folder that it is joined to, whatever the text: parts that are empty, `.` or
/// `..` are left out, control characters become `_`, parts are cut to 200 bytes. Empty where nothing is left.
inline std::string safe_name(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    auto const end = text.find('/');
    auto const part = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (part.empty() || part == "." || part == "..") continue;
    if (!name.empty()) name += '/';
    // The end of a long name has its extension.
    for (char const c : part.substr(part.size() > 200 ? part.size() - 200 : 0))
      name += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '_' : c;
  }
  return name;
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
