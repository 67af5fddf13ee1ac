// A classification report as JSON. Other programs read this form: it grows, it does not change.
#pragma once

#include <string>

#include <softf1/io/json_value.hpp>
#include <softf1/metrics/report.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

/// Adds the figures that every row has; rankings are not averaged over samples.
inline void add_figures(json_value& to, metrics::report_row const& row, bool has_rankings) {
  to["precision"] = json_number(row.precision);
  to["recall"] = json_number(row.recall);
  to["f1"] = json_number(row.f1);
  if (has_rankings) {
    to["average_precision"] = json_number(row.average_precision);
    to["roc_auc"] = json_number(row.roc_auc);
  }
}

inline json_value average_json(metrics::report_row const& row, bool has_rankings = true) {
  json_value average;
  add_figures(average, row, has_rankings);
  average["trivial_f1"] = json_number(row.trivial_f1);
  return average;
}

inline json_value label_json(metrics::label_report const& label) {
  json_value value{{"name", label.name},
                   {"support", json_count(label.counts.support())},
                   {"tp", json_count(label.counts.tp)},
                   {"fp", json_count(label.counts.fp)},
                   {"fn", json_count(label.counts.fn)},
                   {"tn", json_count(label.counts.tn)}};
  add_figures(value, label, true);
  value["threshold"] = json_number(label.threshold);
  value["trivial_f1"] = json_number(label.trivial_f1);
  return value;
}

}  // namespace detail

/// {"rows", "label_names", "macro", "micro", "weighted": each {"precision", "recall", "f1", "average_precision",
/// "roc_auc", "trivial_f1"}, "samples": {"precision", "recall", "f1", "trivial_f1"}, "hamming_loss", "subset_accuracy",
/// "labels_left_out": {"average_precision", "roc_auc", "no_cells"}, "per_label": [{"name", "support", "tp", "fp", "fn",
/// "tn", "precision", "recall", "f1", "average_precision", "roc_auc", "threshold", "trivial_f1"}]}.
/// Undefined is null, an infinite threshold "inf" or "-inf"; numbers read back exactly, whole counts are integers.
inline json_value report_json(metrics::classification_report const& report) {
  json_value form{{"rows", report.rows}, {"label_names", json_value::array()}};
  for (auto const& label : report.per_label) form["label_names"].push_back(label.name);
  form["macro"] = detail::average_json(report.macro);
  form["micro"] = detail::average_json(report.micro);
  form["weighted"] = detail::average_json(report.weighted);
  form["samples"] = detail::average_json(report.samples, false);
  form["hamming_loss"] = json_number(report.hamming_loss);
  form["subset_accuracy"] = json_number(report.subset_accuracy);
  form["labels_left_out"] = {{"average_precision", report.without_average_precision},
                             {"roc_auc", report.without_roc_auc},
                             {"no_cells", report.without_cells}};
  auto& per_label = form["per_label"] = json_value::array();
  for (auto const& label : report.per_label) per_label.push_back(detail::label_json(label));
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::io
