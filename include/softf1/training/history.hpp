// What a training run did, epoch by epoch.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/limits.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// One epoch. Metrics are global: of all rows at once, never means of batches.
struct epoch_record {
  std::size_t epoch = 0;  ///< counted from 1
  double learning_rate = 0;
  double train_loss = 0;              ///< of the logits while they were trained on, dropout at work; NaN with mixup
  double train_macro_f1 = 0;          ///< of the same logits
  double loss = 0;                    ///< on the validation rows, as are the following
  double macro_f1 = 0, micro_f1 = 0;  ///< at probability 0.5, or of the highest score
  double tuned_macro_f1 = 0;          ///< with the best thresholds for these same rows
  double map = 0;                     ///< mean over labels of the average precision
  double soft_macro_f1 = 0;           ///< what soft-F1 maximises, beside the macro F1 that it stands for
  double lift = 0;                    ///< macro F1 above the best predictor that knows nothing: 0 or less is collapse
  double predicted_cardinality = 0;   ///< labels a row that are predicted, at 0.5
  double true_cardinality = 0;        ///< labels a row that are true
  double constant_labels = 0;         ///< labels that are never or always predicted, at 0.5: collapse
  double saturated = 0;               ///< share of probabilities that round to 0 or 1: they learn no more
  double seconds = 0;
};

/// The columns of a history, in the order in which they are written.
struct history_column {
  std::string_view name;
  double epoch_record::*value;
};
inline constexpr std::array<history_column, 15> history_columns{
    {{"learning_rate", &epoch_record::learning_rate},
     {"train_loss", &epoch_record::train_loss},
     {"train_macro_f1", &epoch_record::train_macro_f1},
     {"loss", &epoch_record::loss},
     {"macro_f1", &epoch_record::macro_f1},
     {"micro_f1", &epoch_record::micro_f1},
     {"tuned_macro_f1", &epoch_record::tuned_macro_f1},
     {"map", &epoch_record::map},
     {"soft_macro_f1", &epoch_record::soft_macro_f1},
     {"lift", &epoch_record::lift},
     {"predicted_cardinality", &epoch_record::predicted_cardinality},
     {"true_cardinality", &epoch_record::true_cardinality},
     {"constant_labels", &epoch_record::constant_labels},
     {"saturated", &epoch_record::saturated},
     {"seconds", &epoch_record::seconds}}};

using history = std::vector<epoch_record>;

/// What early stopping watches: a column of the history, and whether less of it is better.
struct monitor {
  std::string name = "map";
  double epoch_record::*value = &epoch_record::map;
  bool less_is_better = false;

  /// NaN is worse than any number.
  bool better(epoch_record const& a, epoch_record const& b) const {
    double const x = a.*value, y = b.*value;
    if (x != x || y != y) return x == x && y != y;
    return less_is_better ? x < y : x > y;
  }
};

/// Throws value_error listing the names where there is none such.
inline monitor monitor_named(std::string_view name) {
  std::string known;
  for (auto const& column : history_columns) {
    if (column.name != "loss" && !column.name.ends_with("f1") && column.name != "map") continue;
    if (column.name.starts_with("train_") || column.name.starts_with("soft_")) continue;
    if (column.name == name) return {std::string(name), column.value, name == "loss"};
    known += (known.empty() ? "" : ", ") + std::string(column.name);
  }
  throw value_error("no metric to monitor is named '" + std::string(name) + "', there are " + known);
}

/// The history as CSV: a header, a line an epoch, numbers that read back exactly.
inline std::string history_csv(history const& epochs) {
  std::string text = "epoch";
  for (auto const& column : history_columns) text += "," + std::string(column.name);
  for (auto const& e : epochs) {
    text += "\n" + std::to_string(e.epoch);
    for (auto const& column : history_columns) text += "," + number_text(e.*column.value);
  }
  return text + "\n";
}

}  // namespace softf1::inline SOFTF1_ABI::training
