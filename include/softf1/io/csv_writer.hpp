// Writing CSV files (RFC 4180, lines end with LF).
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/view_traits.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/csv.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// One row of a CSV file, with its line end: fields are quoted where they must be. Numbers are text made by the caller
/// (number_text).
inline std::string csv_line(std::span<std::string const> fields, char delimiter = ',') {
  std::string line;
  for (std::string_view field : fields) {
    // An empty line would be skipped by readers, a byte order mark be taken for the file's.
    bool const is_fragile = (field.empty() && fields.size() == 1) || field.starts_with(detail::byte_order_mark);
    bool const is_special = field.find_first_of("\"\r\n") != field.npos || field.find(delimiter) != field.npos;
    if (is_fragile || is_special) {
      line += '"';
      for (char c : field) line.append(c == '"' ? 2 : 1, c);
      line += '"';
    } else {
      line += field;
    }
    line += delimiter;
  }
  if (line.empty()) return "\n";
  line.back() = '\n';
  return line;
}

/// Writes rows of text one after the other; `close` puts the file under its name, without it nothing is written.
/// See csv_line.
class csv_writer {
 public:
  /// Throws io_error where the file cannot be written.
  explicit csv_writer(std::string const& path, char delimiter = ',', std::string const& who = "csv_writer")
      : path_(path), who_(who), delimiter_(delimiter), writer_(path, who) {}

  /// Writes a row. Throws shape_error where it has another number of fields than the first, or none.
  void row(std::span<std::string const> fields) {
    if (width_ == 0) width_ = fields.size();
    if (fields.empty() || fields.size() != width_)
      throw shape_error(who_ + ": " + path_ + ": a row must have " + std::to_string(width_) + " fields, got " +
                        std::to_string(fields.size()));
    writer_.write(csv_line(fields, delimiter_));
  }
  void row(std::initializer_list<std::string> fields) { row(std::span(fields.begin(), fields.size())); }

  /// Throws io_error where the system cannot store the file: then nothing has changed.
  void close() { writer_.commit(); }

 private:
  std::string path_, who_;
  char delimiter_;
  std::size_t width_ = 0;
  atomic_writer writer_;
};

/// Writes a table (its header, if it has one, and its rows), whole or not at all.
inline void write_csv(std::string const& path, csv_table const& table, char delimiter = ',') {
  csv_writer writer(path, delimiter, "write_csv");
  if (!table.header.empty()) writer.row(table.header);
  for (auto const& row : table.rows) writer.row(row);
  writer.close();
}

/// Writes a matrix (N, L) of numbers, each in the shortest form that reads back as the same number; `columns` (L names,
/// or none) is the header, `rows` (N names, or none) the first column, under an empty field of the header.
/// Throws shape_error where names and matrix differ, value_error for row names without column names, io_error where the
/// system cannot store the file.
template <class X>
void write_csv_matrix(std::string const& path, X const& matrix, std::vector<std::string> const& columns = {},
                      std::vector<std::string> const& rows = {}, char delimiter = ',') {
  constexpr std::string_view who = "write_csv_matrix";
  auto const m = to_view<2>(matrix, who, "matrix");
  if (!columns.empty()) require_shape(who, "columns", {m.cols()}, std::vector<std::size_t>{columns.size()});
  if (!rows.empty()) require_shape(who, "rows", {m.rows()}, std::vector<std::size_t>{rows.size()});
  require_value(rows.empty() || !columns.empty(), who, "row names need column names, or they would read as numbers");
  csv_writer writer(path, delimiter, std::string(who));
  std::vector<std::string> fields;
  auto const write_row = [&](std::string const* name, auto const& append_values) {
    fields.clear();
    if (!rows.empty()) fields.push_back(*name);
    append_values();
    writer.row(fields);
  };
  std::string const corner;
  if (!columns.empty()) write_row(&corner, [&] { fields.insert(fields.end(), columns.begin(), columns.end()); });
  for (std::size_t i = 0; i < m.rows(); ++i)
    write_row(rows.empty() ? nullptr : &rows[i], [&] {
      for (std::size_t j = 0; j < m.cols(); ++j) detail::append_number(fields.emplace_back(), m(i, j));
    });
  writer.close();
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::csv_writer;
using io::write_csv;
using io::write_csv_matrix;
}  // namespace softf1::inline SOFTF1_ABI
