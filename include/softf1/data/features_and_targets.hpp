// Features that are there already, with their targets: tasks without images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/data/detail/label_lines.hpp>
#include <softf1/data/features.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/io/matrix.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Rows of features and of labels, one for one.
struct labelled_features {
  label_table table;                       ///< ids as those of features; images are empty texts
  feature_rows features;                   ///< (N, D)
  std::vector<std::string> feature_names;  ///< D, or empty where the file has none
};

/// Reads features (N, D) and targets (N, L) from two files of any format that read_matrix reads: .npy, .csv, .tsv or
/// text. Targets are 1, 0, or, where they are missing, NaN or -1. Names of labels are `label_names`, else those of the
/// header of the targets, else "0", "1" …; ids are the row names of the targets, else of the features, else "0", "1" ….
/// Throws io_error where there are no rows, features or labels, where the files have different numbers of rows, for a
/// target that is none of these numbers, a feature that is not finite (naming row and column, from 0), and a repeated
/// id; value_error where label_names has not L names; and like read_matrix.
inline labelled_features read_features_and_targets(std::string const& features, std::string const& targets,
                                                   std::vector<std::string> label_names = {}) {
  constexpr std::string_view who = "read_features_and_targets";
  auto const x = io::read_matrix(features), y = io::read_matrix(targets);
  std::size_t const rows = x.values.rows(), dimension = x.values.cols(), labels = y.values.cols();
  auto const at = [](std::size_t cell, std::size_t width) {
    return "row " + std::to_string(cell / width) + ", column " + std::to_string(cell % width) + ": ";
  };
  if (rows == 0 || dimension == 0)
    io::detail::fail(who, features, "expected rows of features, got shape " + shape_text({rows, dimension}));
  if (y.values.rows() != rows)
    io::detail::fail(
        who, targets,
        "expected " + std::to_string(rows) + " rows as in " + features + ", got " + std::to_string(y.values.rows()));
  auto& names = label_names.empty() ? label_names = y.columns : label_names;
  if (names.empty()) names = detail::numbered_names(labels);
  require_value(names.size() == labels, who,
                "expected " + std::to_string(labels) + " label names, got " + std::to_string(names.size()));

  labelled_features result;
  auto const values = x.values.as<double>(features);
  result.features.values.reserve(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    auto const value = static_cast<float>(values[k]);
    if (value - value != 0)
      io::detail::fail(who, features,
                       at(k, dimension) + "a feature must be a finite float, got " + number_text(values[k]));
    result.features.values.push_back(value);
  }
  result.features.dimension = dimension;
  result.feature_names = x.columns;

  detail::table_builder builder(who, targets);
  auto const& ids = y.rows.empty() ? x.rows : y.rows;
  for (std::size_t i = 0; i < rows; ++i)
    builder.add_id(ids.empty() ? std::to_string(i) : ids[i], "row " + std::to_string(i) + ": ");
  builder.table.label_names = std::move(names);
  builder.make_cells();
  auto const cells = y.values.as<double>(targets);
  for (std::size_t k = 0; k < cells.size(); ++k) {
    bool const is_missing = cells[k] != cells[k] || cells[k] == -1;
    if (!is_missing && cells[k] != 0 && cells[k] != 1)
      io::detail::fail(
          who, targets,
          at(k, labels) + "a target must be 0 or 1 (-1 or nan where it is missing), got " + number_text(cells[k]));
    builder.table.targets[k] = cells[k] == 1;
    if (is_missing) builder.set_missing(k);
  }
  result.table = builder.finish("labels: " + std::to_string(labels) + " columns of " + targets);
  result.features.ids = result.table.ids;
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::labelled_features;
using data::read_features_and_targets;
}  // namespace softf1::inline SOFTF1_ABI
