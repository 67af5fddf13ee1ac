// The image file of a row, by a template of columns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/names.hpp>
#include <softf1/data/image_name.hpp>
#include <softf1/io/csv.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Texts and columns that make a file name.
class path_template {
 public:
  /// Throws value_error for a brace without its partner and for a column that the table lacks.
  path_template(std::string_view text, io::csv_table const& table, std::size_t id_column) {
    if (text.empty()) {
      is_default_ = true;
      columns_ = {id_column};
      return;
    }
    auto const fail = [&](std::string const& why) {
      throw value_error("read_label_table: the image template " + io::detail::in_quotes(text) + " " + why);
    };
    auto rest = text;
    for (;;) {
      auto const open = rest.find_first_of("{}");
      texts_.emplace_back(rest.substr(0, open));
      if (open == std::string_view::npos) return;
      auto const close = rest.find_first_of("{}", open + 1);
      if (rest[open] == '}' || close == std::string_view::npos || rest[close] == '{')
        fail("has a brace without its partner");
      std::string const name(rest.substr(open + 1, close - open - 1));
      if (std::find(table.header.begin(), table.header.end(), name) == table.header.end())
        fail("names a column " + io::detail::in_quotes(name) + ", the columns are " + name_list(table.header));
      columns_.push_back(table.column(name));
      rest.remove_prefix(close + 1);
    }
  }

  /// The columns that it reads.
  std::vector<std::size_t> const& columns() const { return columns_; }

  std::string operator()(std::vector<std::string> const& row) const {
    if (is_default_) return image_name(io::detail::trimmed(row[columns_[0]]));
    std::string path = texts_[0];
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      path += io::detail::trimmed(row[columns_[k]]);
      path += texts_[k + 1];
    }
    return path;
  }

 private:
  bool is_default_ = false;
  std::vector<std::string> texts_;  // one more than columns
  std::vector<std::size_t> columns_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
