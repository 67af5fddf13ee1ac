// Makes a table of labels of a table of text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/data/detail/label_cells.hpp>
#include <softf1/data/detail/label_source.hpp>
#include <softf1/data/detail/names.hpp>
#include <softf1/data/detail/path_template.hpp>
#include <softf1/data/detail/safe_name.hpp>
#include <softf1/data/label_filter.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/data/table_options.hpp>
#include <softf1/io/csv.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

inline std::size_t find_id_column(io::csv_table const& table, std::string const& name) {
  if (!name.empty()) return table.column(name);
  for (std::string_view const usual :
       {"id", "imdbid", "imdb_id", "image_id", "imageid", "image", "filename", "file_name", "file"})
    for (std::size_t k = 0; k < table.header.size(); ++k)
      if (lower_case(trimmed(table.header[k])) == usual) return k;
  return 0;
}

/// Makes a label_table of a table of text, step by step.
class table_reader {
 public:
  table_reader(io::csv_table const& text, table_options const& options)
      : text_(text),
        options_(options),
        id_(find_id_column(text, options.id_column)),
        image_(options.image_template, text, id_),
        source_(label_finder(text, options, taken_columns()).find()) {}

  label_table read() {
    result_.rows_read = text_.rows.size();
    choose_rows();
    if (source_.shape == label_shape::columns)
      read_columns();
    else
      read_sets();
    describe();
    filter();
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(std::string_view text) const { io::detail::fail(read_who, text_.path, text); }
  [[noreturn]] void fail_at(std::size_t row, std::string_view text) const {
    fail("line " + std::to_string(text_.lines[row]) + ": " + std::string(text));
  }

  std::vector<std::size_t> taken_columns() const {
    auto taken = image_.columns();
    taken.push_back(id_);
    return taken;
  }

  bool is_complete(std::vector<std::string> const& row) const {
    auto const is_empty = [&](std::size_t k) { return trimmed(row[k]).empty(); };
    return !is_empty(id_) && std::none_of(image_.columns().begin(), image_.columns().end(), is_empty) &&
           std::none_of(source_.columns.begin(), source_.columns.end(), is_empty);
  }

  void choose_rows() {
    std::unordered_map<std::string, std::size_t> line_of;
    for (std::size_t r = 0; r < text_.rows.size(); ++r) {
      auto const& row = text_.rows[r];
      if (!is_complete(row)) {
        ++result_.incomplete_rows;
        continue;
      }
      std::string id(trimmed(row[id_]));
      auto const [earlier, is_new] = line_of.emplace(id, text_.lines[r]);
      if (!is_new && !options_.drop_repeated)
        fail_at(r, "the id " + io::detail::in_quotes(id) + " stands in line " + std::to_string(earlier->second) +
                       " already: drop_repeated keeps the first");
      if (!is_new) {
        ++result_.repeated_rows;
        continue;
      }
      auto image = image_(row);
      if (!stays_below(image))
        fail_at(r, "the image " + io::detail::in_quotes(image) + " is not a file below the folder of images");
      rows_.push_back(r);
      result_.ids.push_back(std::move(id));
      result_.images.push_back(std::move(image));
    }
    if (rows_.empty())
      fail("no row is left: of " + std::to_string(result_.rows_read) + " rows read, " +
           std::to_string(result_.incomplete_rows) + " are incomplete");
  }

  void read_columns() {
    auto& columns = source_.columns;
    std::sort(columns.begin(), columns.end(),
              [&](std::size_t a, std::size_t b) { return text_.header[a] < text_.header[b]; });
    for (auto const k : columns) result_.label_names.emplace_back(text_.header[k]);
    result_.targets.reserve(rows_.size() * columns.size());
    for (auto const r : rows_)
      for (auto const k : columns) {
        int const value = zero_or_one(text_.rows[r][k]);
        if (value < 0)
          fail_at(r, "column " + io::detail::in_quotes(text_.header[k]) + ": expected 0 or 1, got " +
                         io::detail::in_quotes(text_.rows[r][k]));
        result_.targets.push_back(static_cast<std::uint8_t>(value));
      }
  }

  void read_sets() {
    std::vector<std::vector<std::string>> sets;
    auto const column = source_.columns[0];
    for (auto const r : rows_) {
      auto const& cell = text_.rows[r][column];
      if (source_.shape == label_shape::joined) {
        sets.push_back(split_labels(cell, source_.separator));
        continue;
      }
      auto set = list_parser(cell).parse();
      if (!set)
        fail_at(r, "column " + io::detail::in_quotes(text_.header[column]) +
                       ": expected a list such as ['Action', 'Drama'], got " + io::detail::in_quotes(cell));
      sets.push_back(std::move(*set));
    }
    auto labels = multi_hot(sets);
    if (labels.names.empty())
      fail("column " + io::detail::in_quotes(text_.header[column]) + " holds no label in any row");
    result_.label_names = std::move(labels.names);
    result_.targets = std::move(labels.targets);
  }

  void describe() {
    auto const& names = result_.label_names;
    auto& text = result_.description;
    text = "labels: " + std::to_string(names.size());
    if (source_.shape == label_shape::columns)
      text += names.size() == 1 ? " column of 0 and 1" : " columns of 0 and 1";
    else if (source_.shape == label_shape::list)
      text += " in the lists of column " + io::detail::in_quotes(text_.header[source_.columns[0]]);
    else
      text += " in column " + io::detail::in_quotes(text_.header[source_.columns[0]]) + ", joined by " +
              io::detail::in_quotes(source_.separator);
    text += ", '" + names.front() + "'" + (names.size() == 1 ? "" : " to '" + names.back() + "'");
    auto const counts = count_labels(result_);
    std::vector<std::string> absent;
    for (std::size_t j = 0; j < counts.size(); ++j)
      if (counts[j] == 0) absent.push_back(names[j]);
    if (!absent.empty()) text += "; in no row: " + name_list(absent);
  }

  // What is to be left out goes.
  void filter() {
    label_filter const filter{options_.drop_labels, options_.min_label_count, options_.drop_unlabelled};
    result_ = without_labels(std::move(result_), filter, text_.path, read_who);
    auto const kept = rows_kept(result_, filter, text_.path, read_who);
    if (kept.size() < result_.rows()) result_ = result_.select(kept);
  }

  io::csv_table const& text_;
  table_options const& options_;
  std::size_t id_;
  path_template image_;
  label_source source_;
  std::vector<std::size_t> rows_;  // of the file, that are kept
  label_table result_ = {};
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
