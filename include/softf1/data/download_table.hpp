// The images that a table names, as what is to be downloaded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/download_options.hpp>
#include <softf1/data/table.hpp>
#include <softf1/io/csv.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Where a table has ids and URLs. `id_column`, `encoding` and `separator` are those of table_options.
struct download_columns {
  std::string id_column = {};
  /// Empty: the column named (in any case, the first of these that there is) url, image_url, poster_url, poster or
  /// image.
  std::string url_column = {};
  std::string encoding = {}, separator = {};
};

/// The id and URL of each row of a CSV file with a header, in order; either may be empty. Throws io_error for a column
/// that is missing, and like read_csv; value_error for other options that mean nothing.
inline std::vector<download_item> read_download_items(std::string const& path, download_columns const& columns = {}) {
  constexpr std::string_view who = "read_download_items";
  auto const table = io::read_csv(path, {.delimiter = detail::parse_separator(columns.separator),
                                         .header = io::csv_has::yes,
                                         .encoding = io::parse_text_encoding(columns.encoding)});
  std::size_t const id = detail::find_id_column(table, columns.id_column);
  std::size_t url = table.header.size();
  if (!columns.url_column.empty()) url = table.column(columns.url_column);
  for (std::string_view const usual : {"url", "image_url", "poster_url", "poster", "image"})
    for (std::size_t k = 0; k < table.header.size() && url == table.header.size(); ++k)
      if (detail::lower_case(io::detail::trimmed(table.header[k])) == usual) url = k;
  if (url == table.header.size())
    io::detail::fail(who, path,
                     "found no column of URLs, state url_column; the columns are " + detail::name_list(table.header));
  std::vector<download_item> items;
  for (auto const& row : table.rows)
    items.push_back({std::string(io::detail::trimmed(row[id])), std::string(io::detail::trimmed(row[url]))});
  return items;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::download_columns;
using data::read_download_items;
}  // namespace softf1::inline SOFTF1_ABI
