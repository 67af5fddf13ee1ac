// A full report as JSON: that of a classification report, and more. Other programs read this form: it grows, it does
// not change.
#pragma once

#include <string>
#include <utility>

#include <softf1/io/json_report.hpp>
#include <softf1/metrics/full_report.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

inline json_value probabilities_json(metrics::full_report const& report) {
  auto const& p = report.probabilities;
  json_value form{{"bins", p.bins()}};
  auto const add = [&](char const* name, metrics::label_figures const& labels, double pooled) {
    form[name] = {{"macro", json_number(labels.mean)}, {"pooled", json_number(pooled)}};
    auto& each = form[name]["per_label"] = json_value::array();
    for (double x : labels.labels) each.push_back(json_number(x));
  };
  add("log_loss", p.log_loss(), p.pooled_log_loss());
  add("brier", p.brier(), p.pooled_brier());
  add("expected_calibration_error", p.expected_calibration_error(), p.pooled_expected_calibration_error());
  add("maximum_calibration_error", p.maximum_calibration_error(), p.pooled_maximum_calibration_error());
  add("rms_calibration_error", p.rms_calibration_error(), p.pooled_rms_calibration_error());
  if (report.adaptive_ece) add("adaptive_ece", report.adaptive_ece->labels, report.adaptive_ece->pooled);
  auto const parts = p.pooled_brier_parts();
  form["brier_parts"] = {{"reliability", json_number(parts.reliability)},
                         {"resolution", json_number(parts.resolution)},
                         {"uncertainty", json_number(parts.uncertainty)},
                         {"within_bins", json_number(parts.within_bins)}};
  auto& diagram = form["diagram"] = json_value::array();
  for (auto const& bin : p.pooled_diagram())
    diagram.push_back({{"weight", bin.weight},
                       {"mean_probability", json_number(bin.mean_probability())},
                       {"frequency", json_number(bin.frequency())}});
  auto& saturated = form["saturated"] = {{"pooled", json_number(report.saturation.pooled().share())}};
  auto& each = saturated["per_label"] = json_value::array();
  for (std::size_t j = 0; j < report.saturation.labels(); ++j)
    each.push_back(json_number(report.saturation.label(j).share()));
  return form;
}

inline json_value baselines_json(metrics::score_baselines const& b) {
  return {{"all_positive", json_number(b.all_positive)},
          {"all_negative", json_number(b.all_negative)},
          {"prior_random", json_number(b.prior_random)},
          {"lift", json_number(b.lift)}};
}

inline json_value baselines_json(metrics::full_report const& report) {
  json_value macro = json_value::object(), micro = json_value::object(), per_label = json_value::array();
  for (auto const& label : report.per_label) per_label.push_back({{"name", label.name}});
  for (auto const& s : report.lifts) {
    macro[s.name] = baselines_json(s.macro);
    micro[s.name] = baselines_json(s.micro);
    for (std::size_t j = 0; j < s.labels.size(); ++j) per_label[j][s.name] = baselines_json(s.labels[j]);
  }
  json_value form{{"macro_f1", baselines_json(report.macro_f1)}};
  form["macro"] = std::move(macro);
  form["micro"] = std::move(micro);
  form["per_label"] = std::move(per_label);
  return form;
}

inline json_value sets_json(metrics::set_figures const& s) {
  return {{"subset_accuracy", json_number(s.subset_accuracy)},
          {"hamming_loss", json_number(s.hamming_loss)},
          {"overlap", json_number(s.overlap)},
          {"contain", json_number(s.contain)},
          {"belong", json_number(s.belong)},
          {"jaccard", json_number(s.jaccard)},
          {"predicted_cardinality", json_number(s.predicted_cardinality)},
          {"true_cardinality", json_number(s.true_cardinality)},
          {"predicted_density", json_number(s.predicted_density)},
          {"true_density", json_number(s.true_density)},
          {"predicted_empty", json_number(s.predicted_empty)},
          {"true_empty", json_number(s.true_empty)}};
}

}  // namespace detail

/// report_json, and: every score of scores::all by its name in "macro", "micro", "weighted", "samples" and each of
/// "per_label"; "samples" also has "average_precision" and "roc_auc"; "coverage_error", "ranking_loss", "lrap",
/// "one_error", "is_error", "error_set_size", "log_loss", "f1_of_means"; "at_k": [{"k", "precision", "recall",
/// "ndcg"}]; "sets": {…}; "probabilities": {"bins", "log_loss", "brier", …: each {"macro", "pooled", "per_label"},
/// "adaptive_ece" alike (not of streamed rows), "brier_parts", "diagram", "saturated": {"pooled", "per_label"}};
/// "baselines": {"macro_f1": {"all_positive", "all_negative", "prior_random", "lift"}, "macro", "micro": such of every
/// score that has a lift, by its name, "per_label": [{"name", the same}]}; "remarks": [{"label", "condition"}];
/// "label_groups": [{"name", "labels", "f1", "micro_f1", "average_precision", "roc_auc"}]; "rows_left_out": {"masked":
/// of all averages over rows, "without_positives": of samples AP and AUROC, "all_positive": of samples AUROC}.
inline json_value full_report_json(metrics::full_report const& report) {
  auto form = report_json(report);
  // What is there already keeps its conventions.
  auto const add = [](json_value& to, std::string const& name, double value) {
    if (!to.contains(name)) to[name] = json_number(value);
  };
  for (auto const& s : report.scores) {
    add(form["macro"], s.name, s.macro);
    add(form["micro"], s.name, s.micro);
    add(form["weighted"], s.name, s.weighted);
    add(form["samples"], s.name, s.samples);
    for (std::size_t j = 0; j < s.labels.size(); ++j) add(form["per_label"][j], s.name, s.labels[j]);
  }
  auto const& r = report.rankings;
  form["samples"]["average_precision"] = json_number(r.average_precision());
  form["samples"]["roc_auc"] = json_number(r.roc_auc());
  form["labels_left_out"]["rows_without_positives"] = r.rows_without_relevant();
  form["coverage_error"] = json_number(r.coverage_error());
  form["ranking_loss"] = json_number(r.ranking_loss());
  form["lrap"] = json_number(r.label_ranking_average_precision());
  form["one_error"] = json_number(r.one_error());
  form["is_error"] = json_number(r.is_error());
  form["error_set_size"] = json_number(r.error_set_size());
  form["log_loss"] = json_number(report.probabilities.log_loss().mean);
  form["f1_of_means"] = json_number(report.f1_of_means);
  auto& at_k = form["at_k"] = json_value::array();
  for (auto const& at : report.at_k)
    at_k.push_back({{"k", at.k},
                    {"precision", json_number(at.precision)},
                    {"recall", json_number(at.recall)},
                    {"ndcg", json_number(at.ndcg)}});
  form["sets"] = detail::sets_json(report.sets);
  form["probabilities"] = detail::probabilities_json(report);
  form["baselines"] = detail::baselines_json(report);
  auto& remarks = form["remarks"] = json_value::array();
  for (auto const& remark : report.remarks)
    remarks.push_back(
        {{"label", report.per_label[remark.label].name}, {"condition", std::string(name_of(remark.condition))}});
  auto& groups = form["label_groups"] = json_value::array();
  for (auto const& g : report.groups) {
    json_value names = json_value::array();
    for (std::size_t j : g.group.labels) names.push_back(report.per_label[j].name);
    groups.push_back({{"name", g.group.name},
                      {"labels", std::move(names)},
                      {"f1", json_number(g.f1)},
                      {"micro_f1", json_number(g.micro_f1)},
                      {"average_precision", json_number(g.average_precision)},
                      {"roc_auc", json_number(g.roc_auc)}});
  }
  form["rows_left_out"] = {{"masked", r.masked_rows()},
                           {"without_positives", r.rows_without_relevant()},
                           {"all_positive", r.rows_all_relevant()}};
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::io
