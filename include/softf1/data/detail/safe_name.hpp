// File names from elsewhere: harmless, or made so.
#pragma once

#include <string>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Whether a path stays below the folder that it is joined to: not empty, not absolute, no `..` between slashes, no
/// zero byte (the system would stop reading there).
inline bool stays_below(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != path.npos) return false;
  for (;;) {
    auto const end = path.find('/');
    if (path.substr(0, end) == "..") return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

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
