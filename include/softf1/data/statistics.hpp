// What a set of labels looks like: how frequent labels are, how many a row has.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/text_table.hpp>
#include <softf1/core/view.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/data/split.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Figures of N rows and L labels; those that divide by N or L are NaN where it is 0.
struct label_statistics {
  std::size_t rows = 0;
  std::vector<std::string> names = {};   ///< L
  std::vector<std::size_t> counts = {};  ///< L: rows that have the label
  std::vector<double> shares = {};       ///< L: counts / N
  double cardinality = 0;                ///< mean number of labels a row
  double density = 0;                    ///< cardinality / L
  std::size_t most_labels = 0;           ///< largest number of labels of a row
  std::size_t distinct_sets = 0;         ///< different sets of labels, the empty one included
  std::size_t unlabelled_rows = 0;       ///< rows without labels
};

namespace detail {

/// Indices by falling count, equal counts in order.
inline std::vector<std::size_t> by_falling_count(std::vector<std::size_t> const& counts) {
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  return order;
}

/// A bar of a chart of text: `full` characters for the largest count, rounded up so that what there is can be seen.
inline std::string text_bar(std::size_t count, std::size_t largest) {
  constexpr std::size_t full = 30;
  std::size_t const length = largest == 0 ? 0 : (count * full + largest - 1) / largest;
  return std::string(length, '#') + std::string(full - length, ' ');
}

}  // namespace detail

/// Figures of targets (N, L), where any value but 0 is a label. `names` are L names, or none: labels are then "0", "1",
/// … Throws shape_error for another number of names. Cost: O(N · L). Source: Tsoumakas, Katakis, "Multi-label
/// classification: an overview", 2007 (cardinality, density).
inline label_statistics statistics_of(matrix_view<std::uint8_t const> targets, std::vector<std::string> names = {}) {
  std::size_t const rows = targets.rows(), labels = targets.cols();
  if (names.empty())
    for (std::size_t j = 0; j < labels; ++j) names.push_back(std::to_string(j));
  require_shape("statistics_of", "names", {labels}, std::vector<std::size_t>{names.size()});
  label_statistics result{.rows = rows, .names = std::move(names), .counts = std::vector<std::size_t>(labels)};
  std::unordered_set<std::string> sets;
  std::size_t total = 0;
  std::string set(labels, '\0');
  for (std::size_t i = 0; i < rows; ++i) {
    std::size_t in_row = 0;
    for (std::size_t j = 0; j < labels; ++j) {
      bool const has = targets(i, j) != 0;
      set[j] = has ? '1' : '0';
      result.counts[j] += has;
      in_row += has;
    }
    sets.insert(set);
    total += in_row;
    result.most_labels = std::max(result.most_labels, in_row);
    result.unlabelled_rows += in_row == 0;
  }
  auto const ratio = [](std::size_t a, std::size_t b) {
    return b == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(a) / static_cast<double>(b);
  };
  for (auto const count : result.counts) result.shares.push_back(ratio(count, rows));
  result.cardinality = ratio(total, rows);
  result.density = ratio(total, rows * labels);
  result.distinct_sets = sets.size();
  return result;
}

/// Figures of a table as it is, whatever was dropped when it was read.
inline label_statistics statistics_of(label_table const& table) {
  return statistics_of(table.target_view(), table.label_names);
}

/// The figures as a table for people: a line a label with a bar, most frequent first, then a sentence on the whole.
inline std::string to_text(label_statistics const& statistics) {
  std::vector<std::vector<std::string>> lines{{"label", "rows", "share", ""}};
  std::size_t absent = 0;
  auto const order = detail::by_falling_count(statistics.counts);
  std::size_t const largest = order.empty() ? 0 : statistics.counts[order[0]];
  for (auto const j : order) {
    lines.push_back({statistics.names[j], std::to_string(statistics.counts[j]),
                     figure_text(100 * statistics.shares[j], "%.2f %%"),
                     detail::text_bar(statistics.counts[j], largest)});
    absent += statistics.counts[j] == 0;
  }
  std::string text = text_table(lines) + "\n";
  text += "rows " + std::to_string(statistics.rows) + ", labels " + std::to_string(statistics.names.size()) +
          ", labels a row " + figure_text(statistics.cardinality, "%.3f") + " (at most " +
          std::to_string(statistics.most_labels) + "), density " + figure_text(statistics.density) +
          ", distinct sets " + std::to_string(statistics.distinct_sets) + ", rows without labels " +
          std::to_string(statistics.unlabelled_rows) + "\n";
  if (absent > 0) text += "labels in no row: " + std::to_string(absent) + "\n";
  return text;
}

/// A split as a table for people: rows, and rows of each label, in each part and in percent of all. Throws shape_error
/// unless there is a part a row.
inline std::string split_text(label_table const& table, std::span<part const> row_parts) {
  require_shape("split_text", "parts", {table.rows()}, std::vector<std::size_t>{row_parts.size()});
  std::vector<std::vector<std::string>> lines{{"label", "rows"}};
  for (auto const p : parts) lines[0].insert(lines[0].end(), {std::string(name_of(p)), "share"});
  auto const add_line = [&](std::string const& name, detail::part_counts const& counts) {
    std::size_t const all = counts[0] + counts[1] + counts[2];
    auto& line = lines.emplace_back(std::vector<std::string>{name, std::to_string(all)});
    for (auto const count : counts) {
      line.push_back(std::to_string(count));
      line.push_back(all == 0 ? "-"
                              : figure_text(100 * static_cast<double>(count) / static_cast<double>(all), "%.1f %%"));
    }
  };
  std::vector<detail::part_counts> counts(table.labels());
  std::vector<std::size_t> totals(table.labels());
  detail::part_counts rows{};
  for (std::size_t i = 0; i < table.rows(); ++i) {
    auto const p = static_cast<std::size_t>(row_parts[i]);
    ++rows[p];
    for (std::size_t j = 0; j < table.labels(); ++j) {
      counts[j][p] += table.targets[i * table.labels() + j];
      totals[j] += table.targets[i * table.labels() + j];
    }
  }
  for (auto const j : detail::by_falling_count(totals)) add_line(table.label_names[j], counts[j]);
  add_line("all rows", rows);
  return text_table(lines);
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::label_statistics;
using data::split_text;
using data::statistics_of;
using data::to_text;
}  // namespace softf1::inline SOFTF1_ABI
