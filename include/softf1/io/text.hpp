// Plain text: matrices of numbers separated by blanks (numpy.savetxt), and lists of names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/detail/number.hpp>
#include <softf1/io/file.hpp>
#include <softf1/io/make_array.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

/// Calls on_line(line, number from 1) for each line without its end; the byte order mark is dropped.
template <class OnLine>
void for_each_line(std::string_view text, OnLine&& on_line) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto const end = text.find('\n');
    on_line(text.substr(0, end), number);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

}  // namespace detail

/// Reads a matrix (N, L) of f64: numbers separated by blanks, one row a line. '#' begins a comment, empty lines mean
/// nothing, "nan" and "inf" are numbers. Throws io_error with file and line for a row of another length than the first,
/// for a text that is not a number, and for a file without numbers.
inline array read_text_matrix(std::string const& path) {
  constexpr std::string_view who = "read_text_matrix", blanks = " \t\r\v\f";
  mapped_file const file(path, who);
  if (file.text().starts_with("\x93NUMPY"))
    detail::fail(who, path, "expected text, got a .npy file: give it by a path of a regular file");
  std::vector<double> values;
  std::size_t rows = 0, cols = 0, first_line = 0;
  detail::for_each_line(file.text(), [&](std::string_view line, std::size_t number) {
    line = line.substr(0, line.find('#'));
    std::size_t const before = values.size();
    for (;;) {
      auto const begin = line.find_first_not_of(blanks);
      if (begin == std::string_view::npos) break;
      line.remove_prefix(begin);
      auto const word = line.substr(0, line.find_first_of(blanks));
      line.remove_prefix(word.size());
      auto const value = detail::parse_number(word);
      if (!value)
        detail::fail(who, path,
                     "line " + std::to_string(number) + ", column " + std::to_string(values.size() - before + 1) +
                         ": expected a number, got " + detail::in_quotes(word) +
                         (word.find(',') != word.npos ? " (numbers separated by commas are read from .csv)" : ""));
      values.push_back(*value);
    }
    std::size_t const count = values.size() - before;
    if (count == 0) return;
    if (rows++ == 0) {
      cols = count;
      first_line = number;
    }
    if (count != cols)
      detail::fail(who, path,
                   "line " + std::to_string(number) + ": expected " + std::to_string(cols) + " numbers as in line " +
                       std::to_string(first_line) + ", got " + std::to_string(count));
  });
  if (rows == 0) detail::fail(who, path, "expected rows of numbers, got none");
  return make_array(std::move(values), {rows, cols});
}

/// Reads a list of names, one a line, without blanks at both ends; empty lines at the end are dropped, others are kept.
/// A byte order mark and CR before LF mean nothing. Throws io_error where the file cannot be read.
inline std::vector<std::string> read_lines(std::string const& path) {
  mapped_file const file(path, "read_lines");
  std::vector<std::string> lines;
  detail::for_each_line(file.text(),
                        [&](std::string_view line, std::size_t) { lines.emplace_back(detail::trimmed(line)); });
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

/// Writes names, one a line, whole or not at all. Throws value_error for a name that holds the end of a line, io_error
/// where the system cannot store the file.
inline void write_lines(std::string const& path, std::vector<std::string> const& lines) {
  for (std::size_t k = 0; k < lines.size(); ++k)
    if (lines[k].find_first_of("\r\n") != std::string::npos)
      throw value_error("write_lines: " + path + ": line " + std::to_string(k + 1) + " (" +
                        detail::in_quotes(lines[k]) + ") must not hold the end of a line");
  auto const fill = [&](atomic_writer& writer) {
    for (auto const& line : lines) writer.write(line + "\n");
  };
  write_atomically(path, fill, "write_lines");
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::read_lines;
using io::read_text_matrix;
using io::write_lines;
}  // namespace softf1::inline SOFTF1_ABI
