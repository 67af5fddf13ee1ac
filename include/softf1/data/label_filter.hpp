// Labels and rows that a table is to go without.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/names.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Which labels and rows are left out.
struct label_filter {
  std::vector<std::string> drop_labels = {};  ///< by name
  std::size_t min_label_count = 0;            ///< labels of fewer rows
  bool drop_unlabelled = false;               ///< rows that are left without labels
};

/// The number of rows with each label.
inline std::vector<std::size_t> count_labels(label_table const& table) {
  std::vector<std::size_t> counts(table.labels());
  auto const targets = table.target_view();
  for (std::size_t i = 0; i < targets.rows(); ++i)
    for (std::size_t j = 0; j < targets.cols(); ++j) counts[j] += targets(i, j) != 0;
  return counts;
}

/// The table without the labels that a filter drops; they are added to its dropped_labels with their counts.
/// `path` is what errors call the table. Throws value_error for a name that the table has not, io_error where no label is
/// left. Cost: O(N · L).
inline label_table without_labels(label_table table, label_filter const& filter, std::string_view path,
                                  std::string_view who = "without_labels") {
  auto const& unwanted = filter.drop_labels;
  auto const has = [](std::vector<std::string> const& names, std::string const& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (auto const& name : unwanted)
    require_value(has(table.label_names, name), who,
                  "the label " + io::detail::in_quotes(name) + " of drop_labels is not in the table, it has " +
                      detail::name_list(table.label_names));
  auto const counts = count_labels(table);
  std::vector<std::string> kept;
  std::size_t most = 0;  // rows of a label that is not dropped by name
  for (std::size_t j = 0; j < counts.size(); ++j) {
    auto const& name = table.label_names[j];
    bool const is_wanted = !has(unwanted, name);
    if (is_wanted) most = std::max(most, counts[j]);
    if (is_wanted && counts[j] >= filter.min_label_count)
      kept.push_back(name);
    else
      table.dropped_labels.emplace_back(name, counts[j]);
  }
  if (kept.empty())
    io::detail::fail(who, path,
                     most == 0 && filter.min_label_count == 0
                         ? "no label is left: drop_labels names all"
                         : "no label is in " + std::to_string(filter.min_label_count) +
                               " rows or more, the most frequent is in " + std::to_string(most));
  return kept.size() == table.labels() ? table : with_labels(table, kept);
}

/// The rows that a filter keeps, ascending: all, or those with labels. Counts those without in the table.
/// Throws io_error where no row is left.
inline std::vector<std::size_t> rows_kept(label_table& table, label_filter const& filter, std::string_view path,
                                          std::string_view who = "rows_kept") {
  std::vector<std::size_t> all, labelled;
  auto const targets = table.target_view();
  for (std::size_t i = 0; i < targets.rows(); ++i) {
    all.push_back(i);
    for (std::size_t j = 0; j < targets.cols(); ++j)
      if (targets(i, j)) {
        labelled.push_back(i);
        break;
      }
  }
  table.unlabelled_rows = all.size() - labelled.size();
  if (!filter.drop_unlabelled || table.unlabelled_rows == 0) return all;
  if (labelled.empty()) io::detail::fail(who, path, "no row is left: none has a label");
  table.unlabelled_dropped = table.unlabelled_rows;
  return labelled;
}

}  // namespace softf1::inline SOFTF1_ABI::data
