// A full report as JSON: that of a classification report, and more. Other programs read this form: it grows, it does not
// change.
#pragma once

#include <string>

#include <softf1/io/json_report.hpp>
#include <softf1/metrics/full_report.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

inline json_value probabilities_json(metrics::probability_quality const& p) {
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
/// "one_error", "is_error", "error_set_size", "log_loss", "f1_of_means"; "at_k": [{"k", "precision", "recall", "ndcg"}];
/// "sets": {…}; "probabilities": {"bins", "log_loss", "brier", …: each {"macro", "pooled", "per_label"}, "brier_parts",
/// "diagram"}; "baselines": {"macro_f1": {"all_positive", "all_negative", "prior_random", "lift"}}; "remarks":
/// [{"label", "condition"}]; "label_groups": [{"name", "labels", "f1", "micro_f1", "average_precision", "roc_auc"}].
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
  form["probabilities"] = detail::probabilities_json(report.probabilities);
  form["baselines"]["macro_f1"] = {{"all_positive", json_number(report.macro_f1.all_positive)},
                                   {"all_negative", json_number(report.macro_f1.all_negative)},
                                   {"prior_random", json_number(report.macro_f1.prior_random)},
                                   {"lift", json_number(report.macro_f1.lift)}};
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
  return form;
}

}  // namespace softf1::inline SOFTF1_ABI::io
