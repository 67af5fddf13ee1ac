#include "output.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <softf1/core/errors.hpp>

namespace program {

void print(std::string_view text) {
  if (!text.empty()) softf1::write_atomically("/dev/stdout", text, "standard output");
}

std::string table(std::vector<std::vector<std::string>> const& lines) {
  std::vector<std::size_t> widths;
  for (auto const& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t k = 0; k < line.size(); ++k) widths[k] = std::max(widths[k], fmt::formatted_size("{:1}", line[k]));
  }
  std::string text;
  for (auto const& line : lines) {
    std::string row;
    for (std::size_t k = 0; k < line.size(); ++k)
      row += k == 0 ? fmt::format("{:<{}}", line[k], widths[k]) : fmt::format("  {:>{}}", line[k], widths[k]);
    text += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string figure(double x) { return std::isnan(x) ? "-" : fmt::format("{:.4f}", x); }

std::string count(double x) { return x == std::trunc(x) ? fmt::format("{:.0f}", x) : fmt::format("{:.4g}", x); }

void output_files::claim(std::string const& option, std::string const& path) {
  if (path.empty()) throw softf1::io_error(option + ": cannot write a file without a name");
  for (auto const& [other, other_path] : paths_)
    if (path == other_path) throw softf1::value_error(other + " and " + option + " both write " + path);
  paths_.emplace_back(option, path);
  take_standard_output_ = take_standard_output_ || path == "-" || path == "/dev/stdout";
}

void output_files::add(std::string const& option, std::string const& path, std::string_view text) {
  claim(option, path);
  writers_.emplace_back(path, option).write(text);
}

void output_files::commit() {
  for (auto& writer : writers_) writer.commit();
}

}  // namespace program
