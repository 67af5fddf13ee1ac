// A streamed report as JSON: that of a full report, with bounds. Other programs read this form: it grows, it does not
// change.
#pragma once

#include <softf1/io/json_full_report.hpp>
#include <softf1/metrics/streaming_report.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

inline json_value bounds_json(metrics::bounded const& b) {
  return json_value::array({json_number(b.lower), json_number(b.upper)});
}

inline void add_bounds(json_value& to, metrics::bounded_ranking const& bounds) {
  to["average_precision_bounds"] = bounds_json(bounds.average_precision);
  to["roc_auc_bounds"] = bounds_json(bounds.roc_auc);
}

}  // namespace detail

/// full_report_json, in which "average_precision" and "roc_auc" (but those of "samples") are best guesses, and: beside
/// them "average_precision_bounds" and "roc_auc_bounds", each [lower, upper]; in each of "per_label" "best_f_beta":
/// {"threshold", "value", "at_most"}, in "macro" "best_f_beta": {"value", "at_most"}; "sketch": {"bins", "beta"}.
inline json_value streaming_report_json(metrics::streamed_report const& report) {
  auto form = full_report_json(report);
  detail::add_bounds(form["macro"], report.macro_bounds);
  detail::add_bounds(form["micro"], report.micro_bounds);
  detail::add_bounds(form["weighted"], report.weighted_bounds);
  auto const& macro = report.macro_best_f_beta;
  form["macro"]["best_f_beta"] = {{"value", json_number(macro.value)}, {"at_most", json_number(macro.upper)}};
  for (std::size_t j = 0; j < report.per_label.size(); ++j) {
    auto& label = form["per_label"][j];
    auto const& best = report.best_f_beta[j];
    detail::add_bounds(label, report.label_bounds[j]);
    label["best_f_beta"] = {{"threshold", json_number(best.threshold)},
                            {"value", json_number(best.score.value)},
                            {"at_most", json_number(best.score.upper)}};
  }
  for (std::size_t g = 0; g < report.groups.size(); ++g)
    detail::add_bounds(form["label_groups"][g], report.group_bounds[g]);
  form["sketch"] = {{"bins", report.sketch_bins}, {"beta", report.beta}};
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::io
