// What readers of labels share: lines of words, tables that are too large, and rows that are put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/data/detail/names.hpp>
#include <softf1/data/detail/safe_name.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/io/file.hpp>
#include <softf1/io/text.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Throws io_error where N rows of L labels need more than 4 GiB: a file may name more than it holds.
inline void check_cells(std::size_t rows, std::size_t labels, std::string_view who, std::string_view path) {
  if (labels > 0 && rows > (std::size_t{1} << 32) / labels)
    io::detail::fail(who, path,
                     std::to_string(rows) + " rows of " + std::to_string(labels) + " bytes are more than 4 GiB");
}

inline std::string at_line(std::size_t line) { return "line " + std::to_string(line) + ": "; }

inline std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\v\f";
  std::vector<std::string_view> words;
  for (;;) {
    auto const begin = line.find_first_not_of(blanks);
    if (begin == line.npos) return words;
    line.remove_prefix(begin);
    words.push_back(line.substr(0, line.find_first_of(blanks)));
    line.remove_prefix(words.back().size());
  }
}

/// Calls on_line(words, number) for each line of a file that is not empty.
template <class OnLine>
void for_each_line_of_words(std::string const& path, std::string_view who, OnLine&& on_line) {
  io::mapped_file const file(path, who);
  io::detail::for_each_line(file.text(), [&](std::string_view line, std::size_t number) {
    if (auto const words = words_of(line); !words.empty()) on_line(words, number);
  });
}

/// "0" … "L-1".
inline std::vector<std::string> numbered_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t j = 0; j < count; ++j) names.push_back(std::to_string(j));
  return names;
}

/// Puts the rows of a table together, each id once.
class table_builder {
 public:
  table_builder(std::string_view who, std::string path) : who_(who), path_(std::move(path)) {}

  /// `place` stands in sentences: "line 3: ".
  void add_row(std::string id, std::string image, std::string const& place) {
    if (!stays_below(image))
      fail(place + "the image " + io::detail::in_quotes(image) + " must be a name inside the folder of images");
    add_id(std::move(id), place);
    table.images.back() = std::move(image);
  }

  /// A row without an image.
  void add_id(std::string id, std::string const& place) {
    if (!rows_.emplace(id, table.rows()).second) fail(place + "the id " + io::detail::in_quotes(id) + " is repeated");
    table.ids.push_back(std::move(id));
    table.images.emplace_back();
  }

  /// The row of an id; N where there is none.
  std::size_t row_of(std::string const& id) const {
    auto const found = rows_.find(id);
    return found == rows_.end() ? table.rows() : found->second;
  }

  /// All targets 0, once rows and labels are known.
  void make_cells() {
    check_cells(table.rows(), table.labels(), who_, path_);
    table.targets.assign(table.rows() * table.labels(), 0);
  }

  void set_missing(std::size_t cell) {
    if (table.mask.size() < table.targets.size()) table.mask.resize(table.targets.size(), 1);
    table.mask[cell] = 0;
  }

  /// The table, with what is counted in it. Throws io_error where it has no rows or no labels.
  label_table finish(std::string description) {
    if (table.rows() == 0) fail("there are no images");
    if (table.labels() == 0) fail("there are no labels");
    if (!table.mask.empty()) table.mask.resize(table.targets.size(), 1);
    table.rows_read = table.rows();
    for (std::size_t i = 0; i < table.rows(); ++i) {
      bool any = false;
      for (std::size_t j = 0; j < table.labels(); ++j) any = any || table.targets[i * table.labels() + j] == 1;
      table.unlabelled_rows += !any;
    }
    table.description = std::move(description);
    return std::move(table);
  }

  [[noreturn]] void fail(std::string const& text) const { io::detail::fail(who_, path_, text); }

  label_table table;

 private:
  std::string_view who_;
  std::string path_;
  std::unordered_map<std::string, std::size_t> rows_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
