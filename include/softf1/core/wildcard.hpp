// Names that a pattern with wildcards matches.
#pragma once

#include <cstddef>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// True where the whole of `text` matches: `*` stands for any characters, none too, `?` for one; others for themselves.
/// Cost: at most pattern times text.
constexpr bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace softf1::inline SOFTF1_ABI
