// Rows of a CSV file as the bytes that they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/io/csv_encoding.hpp>
#include <softf1/io/detail/csv_parser.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// The bytes of a CSV file with a header, without the rows k, counted from 0 behind the header as read_csv does, where
/// `dropped[k]`. Header and other rows keep their encoding, quotes and line ends. `delimiter`: as of csv_options.
/// Throws io_error like read_csv, shape_error for another number of rows than the file has. Cost: one pass.
inline std::string csv_without_rows(std::string const& path, std::vector<bool> const& dropped, char delimiter = '\0') {
  constexpr std::string_view who = "csv_without_rows";
  mapped_file const file(path, who);
  auto text = file.text();
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    detail::fail(who, path, "expected UTF-8, got UTF-16");
  std::string kept;
  if (text.starts_with(detail::byte_order_mark)) {
    kept = detail::byte_order_mark;
    text.remove_prefix(detail::byte_order_mark.size());
  }
  // What separates fields and rows is ASCII, in ISO-8859-1 and UTF-8 alike.
  detail::csv_parser parser(text, delimiter, '"', who, path);
  std::vector<std::string> fields;
  std::size_t begin = 0, rows = 0;
  for (bool is_header = true; parser.next(fields); is_header = false) {
    if (is_header || (rows < dropped.size() && !dropped[rows])) kept += text.substr(begin, parser.offset() - begin);
    rows += !is_header;
    begin = parser.offset();
  }
  require_shape(who, "dropped", {rows}, std::vector<std::size_t>{dropped.size()});
  return kept;
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::csv_without_rows;
}
