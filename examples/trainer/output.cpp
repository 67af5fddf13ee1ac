#include "output.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <softf1/core/errors.hpp>

namespace program {

bool is_same_file(std::string const& a, std::string const& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code failed;
  auto const whole = [&](std::string const& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
  };
  return a == b || whole(a) == whole(b) || std::filesystem::equivalent(a, b, failed);
}

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
  for (auto const& [other, other_path] : outputs_)
    if (is_same_file(path, other_path)) throw softf1::value_error(other + " and " + option + " both write " + path);
  for (auto const& [other, other_path] : inputs_)
    if (path != "-" && is_same_file(path, other_path))
      throw softf1::value_error(option + " would replace the input of " + other + ", " + path);
  outputs_.emplace_back(option, path);
  take_standard_output_ = take_standard_output_ || path == "-" || path == "/dev/stdout";
}

void output_files::add(std::string const& option, std::string const& path, std::string_view text) {
  add(option, path, [&](softf1::io::atomic_writer& to) { to.write(text); });
}

void output_files::add(std::string const& option, std::string const& path,
                       std::function<void(softf1::io::atomic_writer&)> const& write) {
  claim(option, path);
  write(writers_.emplace_back(path, option));
}

void output_files::commit() {
  for (auto& writer : writers_) writer.commit();
}

}  // namespace program
