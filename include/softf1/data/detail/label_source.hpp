// Where the labels of a table stand: in columns of 0 and 1, or together in one column.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/data/detail/label_cells.hpp>
#include <softf1/data/detail/names.hpp>
#include <softf1/data/table_options.hpp>
#include <softf1/io/csv.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

inline constexpr std::string_view read_who = "read_label_table";

enum class label_shape : unsigned char { columns, joined, list };

struct label_source {
  label_shape shape;
  std::vector<std::size_t> columns;  // one for joined and list
  std::string separator = {};        // of joined
};

/// 0 or 1 as whole numbers or as the decimals that tools make of columns with gaps; -1 for any other text.
inline int zero_or_one(std::string_view cell) {
  cell = trimmed(cell);
  if (cell == "0" || cell == "0.0") return 0;
  return cell == "1" || cell == "1.0" ? 1 : -1;
}

/// Looks for the labels. `taken` are columns that mean something else.
class label_finder {
 public:
  label_finder(io::csv_table const& table, table_options const& options, std::vector<std::size_t> taken)
      : table_(table), options_(options), taken_(std::move(taken)) {}

  /// Throws value_error where both kinds of columns are stated, io_error where the stated ones are not there or none
  /// are found.
  label_source find() const {
    require_value(options_.label_column.empty() || options_.label_columns.empty(), read_who,
                  "state label_column or label_columns, not both");
    if (!options_.label_columns.empty()) {
      label_source source{label_shape::columns, {}};
      for (auto const& name : options_.label_columns) {
        source.columns.push_back(table_.column(name));
        auto const last = source.columns.end() - 1;
        require_value(std::find(source.columns.begin(), last, *last) == last, read_who,
                      "the label column '" + name + "' is given twice");
      }
      return source;
    }
    if (!options_.label_column.empty()) return together_in(table_.column(options_.label_column));
    return detect();
  }

 private:
  label_source detect() const {
    auto const flags = columns_where([](std::string_view cell) { return zero_or_one(cell) >= 0; });
    if (!flags.empty()) {
      // Two columns of one name would be one label with two opinions.
      for (auto const k : flags) table_.column(table_.header[k]);
      return {label_shape::columns, flags};
    }
    auto const lists = columns_where(looks_like_list);
    if (!lists.empty()) return {label_shape::list, {only(lists)}};
    auto const separator = options_.label_separator.empty() ? "|" : options_.label_separator;
    std::vector<std::size_t> joined;
    for (std::size_t k = 0; k < table_.header.size(); ++k)
      if (!is_taken(k) && rows_having(k, separator) > 0) joined.push_back(k);
    if (!joined.empty()) return {label_shape::joined, {only(joined)}, separator};
    io::detail::fail(read_who, table_.path,
                     "found no labels: no column holds only 0 and 1, lists such as ['a', 'b'], or labels joined by " +
                         io::detail::in_quotes(separator) + "; state label_column or label_columns; the columns are " +
                         name_list(table_.header));
  }

  label_source together_in(std::size_t column) const {
    bool any = false, all_lists = true;
    for (auto const& row : table_.rows) {
      if (trimmed(row[column]).empty()) continue;
      any = true;
      all_lists = all_lists && looks_like_list(row[column]);
    }
    if (!options_.label_separator.empty()) return {label_shape::joined, {column}, options_.label_separator};
    if (any && all_lists) return {label_shape::list, {column}};
    std::string best = "|";
    std::size_t most = 0;
    for (std::string const separator : {"|", ";", ","})
      if (auto const count = rows_having(column, separator); count > most) {
        best = separator;
        most = count;
      }
    return {label_shape::joined, {column}, best};
  }

  /// The columns, neither taken nor nameless, whose cells are empty or as asked, and not all empty.
  template <class Predicate>
  std::vector<std::size_t> columns_where(Predicate const& holds) const {
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < table_.header.size(); ++k) {
      if (is_taken(k) || trimmed(table_.header[k]).empty()) continue;
      bool any = false, all = true;
      for (auto const& row : table_.rows) {
        if (trimmed(row[k]).empty()) continue;
        any = true;
        all = holds(row[k]);
        if (!all) break;
      }
      if (any && all) found.push_back(k);
    }
    return found;
  }

  std::size_t rows_having(std::size_t column, std::string_view text) const {
    std::size_t count = 0;
    for (auto const& row : table_.rows) count += row[column].find(text) != std::string::npos;
    return count;
  }

  bool is_taken(std::size_t column) const { return std::find(taken_.begin(), taken_.end(), column) != taken_.end(); }

  std::size_t only(std::vector<std::size_t> const& columns) const {
    if (columns.size() == 1) return columns[0];
    std::vector<std::string> names;
    for (auto const k : columns) names.push_back(table_.header[k]);
    io::detail::fail(read_who, table_.path,
                     "the labels may stand in any of the columns " + name_list(names) + ": state label_column");
  }

  io::csv_table const& table_;
  table_options const& options_;
  std::vector<std::size_t> taken_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
