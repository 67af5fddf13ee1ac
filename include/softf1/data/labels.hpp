// Tables of labelled images: ids, image files, and which labels each row has.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// N rows and their L labels. Row i has id `ids[i]`, image `images[i]`, and label j where `targets[i * L + j]` is 1.
struct label_table {
  std::vector<std::string> ids;            ///< N, all different
  std::vector<std::string> images;         ///< N, relative file names; no `..`, no leading slash
  std::vector<std::string> label_names;    ///< L, sorted by bytes when read from a file
  std::vector<std::uint8_t> targets = {};  ///< (N, L) row-major, 0 or 1
  /// (N, L) row-major: 1 where the target is known, 0 where it is missing (and stands as 0 in targets); empty where
  /// nothing is missing. As the masks of losses and metrics.
  std::vector<std::uint8_t> mask = {};
  std::string description = {};  ///< one sentence: how the labels were found

  // What reading the file did; select and with_labels keep these as they are.
  std::size_t rows_read = 0;           ///< rows of the file
  std::size_t incomplete_rows = 0;     ///< dropped: id, label cell or a part of the image's name is empty
  std::size_t repeated_rows = 0;       ///< dropped: the id stands in an earlier row
  std::size_t unlabelled_rows = 0;     ///< left without labels
  std::size_t unlabelled_dropped = 0;  ///< those of them that were dropped: all or none
  std::vector<std::pair<std::string, std::size_t>> dropped_labels = {};  ///< name and number of rows, by name

  std::size_t rows() const { return ids.size(); }
  std::size_t labels() const { return label_names.size(); }
  matrix_view<std::uint8_t const> target_view() const { return {targets.data(), rows(), labels()}; }
  bool has_missing() const { return !mask.empty(); }
  /// The mask; without rows where nothing is missing.
  matrix_view<std::uint8_t const> mask_view() const { return {mask.data(), mask.empty() ? 0 : rows(), labels()}; }

  /// The rows with these indices, in this order; label names are kept. Throws value_error for an index ≥ N.
  label_table select(std::span<std::size_t const> indices) const {
    label_table part = *this;
    part.ids.clear();
    part.images.clear();
    part.targets.clear();
    part.mask.clear();
    part.targets.reserve(indices.size() * labels());
    auto const append_row = [&](std::vector<std::uint8_t> const& from, std::vector<std::uint8_t>& to, std::size_t i) {
      auto const first = from.begin() + static_cast<std::ptrdiff_t>(i * labels());
      to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(labels()));
    };
    for (std::size_t const i : indices) {
      require_value(i < rows(), "label_table::select",
                    "a row index must be below " + std::to_string(rows()) + ", got " + std::to_string(i));
      part.ids.push_back(ids[i]);
      part.images.push_back(images[i]);
      append_row(targets, part.targets, i);
      if (!mask.empty()) append_row(mask, part.mask, i);
    }
    return part;
  }
};

/// Which labels each row has, as a matrix.
struct multi_hot_labels {
  std::vector<std::string> names;     ///< L, sorted by bytes
  std::vector<std::uint8_t> targets;  ///< (N, L) row-major, 0 or 1
};

/// Multi-hot form of N sets of names: every name that occurs is a column; a name that a row repeats counts once.
/// Cost: O(number of names · log L + N · L). As scikit-learn's MultiLabelBinarizer.
inline multi_hot_labels multi_hot(std::span<std::vector<std::string> const> sets) {
  std::set<std::string_view> distinct;
  for (auto const& set : sets) distinct.insert(set.begin(), set.end());
  multi_hot_labels result{{distinct.begin(), distinct.end()}, {}};
  std::unordered_map<std::string_view, std::size_t> column;
  for (std::size_t j = 0; j < result.names.size(); ++j) column.emplace(result.names[j], j);
  result.targets.assign(sets.size() * result.names.size(), 0);
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (auto const& name : sets[i]) result.targets[i * result.names.size() + column.at(name)] = 1;
  return result;
}

/// The table with exactly the labels `names`, in that order: to evaluate a model on another table. Labels of the table
/// that are not among `names` are listed in `*ignored`, if given. Throws value_error for a name that the table lacks
/// and for a name given twice. Cost: O(N · names).
inline label_table with_labels(label_table const& table, std::vector<std::string> const& names,
                               std::vector<std::string>* ignored = nullptr) {
  std::unordered_map<std::string_view, std::size_t> column;
  for (std::size_t j = 0; j < table.labels(); ++j) column.emplace(table.label_names[j], j);
  std::vector<std::size_t> from;
  std::set<std::string_view> wanted;
  for (auto const& name : names) {
    require_value(wanted.insert(name).second, "with_labels", "the label '" + name + "' is given twice");
    auto const found = column.find(name);
    if (found == column.end()) {
      std::string have;
      for (auto const& other : table.label_names) have += (have.empty() ? "'" : ", '") + other + "'";
      throw value_error("with_labels: the table has no label '" + name + "', it has " + (have.empty() ? "none" : have));
    }
    from.push_back(found->second);
  }
  if (ignored) {
    ignored->clear();
    for (auto const& name : table.label_names)
      if (!wanted.contains(name)) ignored->push_back(name);
  }
  label_table result = table;
  result.label_names = names;
  auto const choose = [&](std::vector<std::uint8_t> const& cells, std::vector<std::uint8_t>& to) {
    to.resize(table.rows() * names.size());
    for (std::size_t i = 0; i < table.rows(); ++i)
      for (std::size_t j = 0; j < names.size(); ++j) to[i * names.size() + j] = cells[i * table.labels() + from[j]];
  };
  choose(table.targets, result.targets);
  if (table.has_missing()) choose(table.mask, result.mask);
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::label_table;
using data::multi_hot;
using data::with_labels;
}  // namespace softf1::inline SOFTF1_ABI
