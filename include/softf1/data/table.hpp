// Reading a table of labelled images.
#pragma once

#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/table_reader.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/data/table_options.hpp>
#include <softf1/io/csv.hpp>

namespace softf1::inline SOFTF1_ABI::data {

namespace detail {

/// The column separator that an option names; '\0' is to be detected.
inline char parse_separator(std::string_view name) {
  if (name.empty()) return '\0';
  if (name == "tab" || name == "\\t") return '\t';
  if (name.size() != 1 || name.find_first_of("\"\r\n") != name.npos)
    throw value_error("the separator of columns must be one character or 'tab', got " + io::detail::in_quotes(name));
  return name[0];
}

}  // namespace detail

/// Reads a table of labelled images: a CSV file with a header, one row an image. Labels are looked for in this order,
/// unless `options` say where they stand: (a) columns of 0 and 1 (every column, but the id's and those of the image
/// template, whose cells are all 0, 1 or empty); (b) the one column of lists, `['Action', "it's"]`; (c) the one column
/// in which labels are joined by `|`. How they were found is `description`. Label names are sorted by bytes whatever
/// their shape, and `N/A` is a name like any other. Rows are kept in the order of the file; those whose id, label cells
/// or parts of the image's name are empty are dropped and counted (the empty list is a row without labels). A column of
/// 0 and 1 without any 1 is kept, unless min_label_count says otherwise, and named in the description.
/// Throws io_error with file, and line where there is one, for a column that is missing (naming those there are) or
/// ambiguous, no labels, a label cell that is neither 0 nor 1 or not a list, a repeated id (naming both lines), an
/// image outside its folder (absolute or with `..`), no row or label left, and like read_csv; value_error for options
/// that contradict themselves or each other, or name a label to drop that there is not. Cost: one pass over the file, O(N · L) memory.
inline label_table read_label_table(std::string const& path, table_options const& options = {}) {
  auto const text = io::read_csv(path, {.delimiter = detail::parse_separator(options.separator),
                                        .header = io::csv_has::yes,
                                        .encoding = io::parse_text_encoding(options.encoding)});
  return detail::table_reader(text, options).read();
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_label_table;
}  // namespace softf1::inline SOFTF1_ABI
