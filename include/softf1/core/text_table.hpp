// Tables for people.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A number by a format of printf; "-" for NaN, which is what is undefined or does not apply.
inline std::string figure_text(double x, const char* format = "%.4f") {
  if (std::isnan(x)) return "-";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, x);
  return buffer;
}

/// Lines of cells as text: columns as wide as their longest cell, the first flush left, the others flush right. UTF-8
/// continuation bytes take no room.
inline std::string text_table(std::vector<std::vector<std::string>> const& lines) {
  auto const width_of = [](std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  std::vector<std::size_t> widths;
  for (auto const& line : lines)
    for (std::size_t k = 0; k < line.size(); ++k) {
      if (k == widths.size()) widths.push_back(0);
      widths[k] = std::max(widths[k], width_of(line[k]));
    }
  std::string text;
  for (auto const& line : lines) {
    for (std::size_t k = 0; k < line.size(); ++k) {
      std::string const room(widths[k] - width_of(line[k]), ' ');
      text += k == 0 ? line[k] + room : "  " + room + line[k];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace softf1::inline SOFTF1_ABI
