// Reading CSV files (RFC 4180): as tables of text, and as matrices of numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/csv_encoding.hpp>
#include <softf1/io/detail/csv_parser.hpp>
#include <softf1/io/detail/number.hpp>
#include <softf1/io/file.hpp>
#include <softf1/io/make_array.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// Whether something is in a file; `detect` looks.
enum class csv_has : unsigned char { no, yes, detect };

/// How a CSV file is read.
struct csv_options {
  char delimiter = '\0';  ///< '\0': the one of comma, semicolon and tab that is most frequent in the first row
  char quote = '"';       ///< '\0': quotes mean nothing
  csv_has header = csv_has::detect;     ///< detect: the first row is one if any of its fields is not a number
  csv_has row_names = csv_has::detect;  ///< of matrices; detect: under an empty field of the header, or all not numbers
  text_encoding encoding = text_encoding::detect;  ///< what is read is UTF-8 in any case
};

/// A table of text. All rows have as many fields as the header.
struct csv_table {
  std::string path;
  std::vector<std::string> header;  ///< empty where the file has none
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  ///< the line, from 1, that each row begins in

  /// Index of the column named so in the header. Throws io_error where none is, or more than one.
  std::size_t column(std::string_view name) const {
    std::size_t found = header.size();
    for (std::size_t k = 0; k < header.size(); ++k) {
      if (header[k] != name) continue;
      if (found < header.size()) detail::fail("csv_table", path, "two columns are named " + detail::in_quotes(name));
      found = k;
    }
    if (found < header.size()) return found;
    std::string names;
    for (auto const& other : header) names += (names.empty() ? "" : ", ") + detail::in_quotes(other);
    detail::fail(
        "csv_table", path,
        "expected a column " + detail::in_quotes(name) + ", got " + (names.empty() ? std::string("no header") : names));
  }
};

namespace detail {

inline bool are_numbers(std::vector<std::string> const& fields) {
  for (auto const& field : fields)
    if (!parse_number(field)) return false;
  return true;
}

}  // namespace detail

/// Reads a table. Fields may be quoted and then hold delimiters, line ends and doubled quotes; lines end with LF, CRLF
/// or CR; empty lines are skipped; a UTF-8 byte order mark is dropped; ISO-8859-1 becomes UTF-8. A table of text
/// without a header needs `{.header = csv_has::no}`: its first row is taken for one otherwise. Throws io_error with
/// file and line for a quote that is not closed (the line that opens it), text behind a closing quote, a row with
/// another number of fields than the first, an empty file whose header was stated, UTF-16, and bytes that are not the
/// UTF-8 that was stated.
inline csv_table read_csv(std::string const& path, csv_options const& options = {}) {
  mapped_file const file(path, "read_csv");
  detail::decoded_text const decoded(file.text(), options.encoding, "read_csv", path);
  detail::csv_parser parser(decoded.text(), options.delimiter, options.quote, "read_csv", path);
  csv_table table{path, {}, {}, {}};
  std::vector<std::string> fields;
  for (bool is_first = true; parser.next(fields); is_first = false) {
    bool const is_header = is_first && (options.header == csv_has::yes ||
                                        (options.header == csv_has::detect && !detail::are_numbers(fields)));
    if (is_header) {
      table.header = fields;
      continue;
    }
    table.rows.push_back(fields);
    table.lines.push_back(parser.record_line());
  }
  if (options.header == csv_has::yes && table.header.empty())
    detail::fail("read_csv", path, "expected a header row, got an empty file");
  return table;
}

namespace detail {

/// Collects the rows of a CSV file as numbers and decides what is a name.
class csv_matrix_reader {
 public:
  csv_matrix_reader(std::string const& path, csv_options const& options) : path_(path), options_(options) {}

  named_matrix read() {
    mapped_file const file(path_, who);
    decoded_text const decoded(file.text(), options_.encoding, who, path_);
    csv_parser parser(decoded.text(), options_.delimiter, options_.quote, who, path_);
    std::vector<std::string> fields;
    bool any = false;
    for (; parser.next(fields); any = true) {
      line_ = parser.record_line();
      width_ = fields.size();
      bool const may_be_header = !any && options_.header != csv_has::no;
      if (may_be_header && (options_.header == csv_has::yes || !are_numbers(fields)))
        columns_ = fields;
      else
        add_row(fields);
    }
    if (!any) fail(who, path_, "expected rows of numbers, got an empty file");
    std::size_t const names = has_row_names() ? 1 : 0;
    if (names && !columns_.empty()) columns_.erase(columns_.begin());
    std::size_t const cols = width_ - names;
    return {make_array(std::move(values_), {count_, cols}), std::move(columns_), std::move(rows_)};
  }

 private:
  static constexpr std::string_view who = "read_csv_matrix";

  /// Without rows the header decides alone.
  bool has_row_names() const {
    if (row_names_) return *row_names_;
    return options_.row_names == csv_has::yes ||
           (options_.row_names == csv_has::detect && !columns_.empty() && columns_[0].empty());
  }

  void add_row(std::vector<std::string> const& fields) {
    if (!row_names_) {
      bool const by_text = !columns_.empty() && width_ > 1 && !fields[0].empty() && !parse_number(fields[0]);
      row_names_ = has_row_names() || (options_.row_names == csv_has::detect && by_text);
      names_by_text_ = *row_names_ && options_.row_names == csv_has::detect && !columns_[0].empty();
    }
    if (*row_names_) {
      // Otherwise one mistyped number would turn a column of numbers into names.
      if (names_by_text_ && parse_number(fields[0]))
        fail(who, path_,
             place(0) + ": the first column began with a name, got the number " + in_quotes(fields[0]) +
                 ": state row_names");
      rows_.push_back(fields[0]);
    }
    for (std::size_t k = *row_names_ ? 1 : 0; k < fields.size(); ++k) {
      auto const value = parse_number(fields[k]);
      if (!value) fail(who, path_, place(k) + ": expected a number, got " + in_quotes(fields[k]));
      values_.push_back(*value);
    }
    ++count_;
  }

  std::string place(std::size_t k) const {
    std::string const name = k < columns_.size() ? " (" + in_quotes(columns_[k]) + ")" : "";
    return "line " + std::to_string(line_) + ", column " + std::to_string(k + 1) + name;
  }

  std::string const& path_;
  csv_options const& options_;
  std::size_t line_ = 0, width_ = 0, count_ = 0;
  std::optional<bool> row_names_;
  bool names_by_text_ = false;
  std::vector<double> values_;
  std::vector<std::string> columns_, rows_;
};

}  // namespace detail

/// Reads a matrix (N, L) of f64. The first row is a header if any of its fields is not a number, unless `options` say
/// otherwise; under a header, the first column holds row names if its header is empty or its fields are not numbers.
/// "nan" and "inf" are numbers. Throws io_error with file, line, column (from 1) and the text that is not a number, for
/// an empty file, and like read_csv. Cost: one pass.
inline named_matrix read_csv_matrix(std::string const& path, csv_options const& options = {}) {
  return detail::csv_matrix_reader(path, options).read();
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::csv_has;
using io::csv_options;
using io::csv_table;
using io::read_csv;
using io::read_csv_matrix;
}  // namespace softf1::inline SOFTF1_ABI
