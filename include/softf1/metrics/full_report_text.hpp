// A full report as tables for people.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/metrics/full_report.hpp>
#include <softf1/metrics/report_text.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

inline std::string figures_table(std::vector<std::pair<std::string, double>> const& figures) {
  std::vector<std::vector<std::string>> lines;
  for (auto const& [name, value] : figures) lines.push_back({name, figure_text(value, "%.4f")});
  return text_table(lines);
}

inline std::string rows_note(char const* which, std::size_t rows) {
  return rows == 0 ? std::string() : std::string("rows ") + which + ": " + std::to_string(rows) + "\n";
}

}  // namespace detail

/// Every score under every average: a line a score. "-" is undefined.
inline std::string scores_text(full_report const& report) {
  std::vector<std::vector<std::string>> lines{{"score", "macro", "micro", "weighted", "samples"}};
  for (auto const& s : report.scores) {
    lines.push_back({s.name});
    for (double x : {s.macro, s.micro, s.weighted, s.samples}) lines.back().push_back(figure_text(x, "%.4f"));
  }
  return text_table(lines) + "F1 of mean precision and mean recall " + figure_text(report.f1_of_means, "%.4f") +
         ", which is not macro F1\n";
}

/// Macro F1 beside that of predictors that know nothing; then what every score of which that can be said is worth over
/// the best of them.
inline std::string baselines_text(full_report const& report) {
  auto const& b = report.macro_f1;
  auto text = detail::figures_table({{"macro F1", b.value},
                                     {"  of yes everywhere", b.all_positive},
                                     {"  of yes at random, as often as true", b.prior_random},
                                     {"  lift over the best of these", b.lift}});
  std::vector<std::vector<std::string>> lines{{"score", "macro", "trivial", "lift", "micro", "trivial", "lift"}};
  for (auto const& s : report.lifts) {
    lines.push_back({s.name});
    for (auto const& of : {s.macro, s.micro})
      for (auto const& figure : {figure_text(of.value), figure_text(of.best_trivial()), figure_text(of.lift, "%+.4f")})
        lines.back().push_back(figure);
  }
  return text + "\n" + text_table(lines);
}

/// Metrics of each row's ranking of labels.
inline std::string rankings_text(full_report const& report) {
  auto const& r = report.rankings;
  auto text = detail::figures_table({{"coverage error", r.coverage_error()},
                                     {"ranking loss", r.ranking_loss()},
                                     {"label ranking average precision", r.label_ranking_average_precision()},
                                     {"one-error", r.one_error()},
                                     {"is-error", r.is_error()},
                                     {"error-set size", r.error_set_size()},
                                     {"samples AP", r.average_precision()},
                                     {"samples AUROC", r.roc_auc()}});
  return text + detail::rows_note("masked in full, left out of all of these", r.masked_rows()) +
         detail::rows_note("without positives, left out of samples AP and AUROC", r.rows_without_relevant()) +
         detail::rows_note("with all labels positive, left out of samples AUROC", r.rows_all_relevant());
}

/// Metrics of the k best labels of each row: a line a k.
inline std::string at_k_text(full_report const& report) {
  std::vector<std::vector<std::string>> lines{{"k", "precision at k", "recall at k", "nDCG at k"}};
  for (auto const& at : report.at_k)
    lines.push_back({std::to_string(at.k), figure_text(at.precision, "%.4f"), figure_text(at.recall, "%.4f"),
                     figure_text(at.ndcg, "%.4f")});
  return text_table(lines);
}

/// Metrics of each row's set of labels.
inline std::string sets_text(full_report const& report) {
  auto const& s = report.sets;
  return detail::figures_table({{"subset accuracy", s.subset_accuracy},
                                {"sets overlap", s.overlap},
                                {"prediction contains truth", s.contain},
                                {"prediction belongs to truth", s.belong},
                                {"labels a row, predicted", s.predicted_cardinality},
                                {"labels a row, true", s.true_cardinality},
                                {"rows predicted empty", s.predicted_empty},
                                {"rows truly empty", s.true_empty}}) +
         detail::rows_note("masked in full, left out of all of these", report.rankings.masked_rows());
}

/// How well probabilities say what comes: means over labels, and all cells pooled.
inline std::string probabilities_text(full_report const& report) {
  auto const& p = report.probabilities;
  std::vector<std::vector<std::string>> lines{{"probabilities", "macro", "pooled"}};
  auto const line = [&](char const* name, double macro, double pooled) {
    lines.push_back({name, figure_text(macro, "%.4f"), figure_text(pooled, "%.4f")});
  };
  line("log-loss", p.log_loss().mean, p.pooled_log_loss());
  line("Brier score", p.brier().mean, p.pooled_brier());
  auto const parts = p.pooled_brier_parts();
  double const none = std::numeric_limits<double>::quiet_NaN();
  line("  reliability (less is better)", none, parts.reliability);
  line("  resolution (more is better)", none, parts.resolution);
  line("  uncertainty", none, parts.uncertainty);
  line("expected calibration error", p.expected_calibration_error().mean, p.pooled_expected_calibration_error());
  line("maximum calibration error", p.maximum_calibration_error().mean, p.pooled_maximum_calibration_error());
  line("RMS calibration error", p.rms_calibration_error().mean, p.pooled_rms_calibration_error());
  if (report.adaptive_ece)
    line("adaptive calibration error", report.adaptive_ece->labels.mean, report.adaptive_ece->pooled);
  auto text = text_table(lines) + "in " + std::to_string(p.bins()) + " bins of probability" +
              (report.adaptive_ece ? "; adaptive: of as many cells each\n" : "\n");
  double const stuck = report.saturation.pooled().share();
  if (stuck > 0) text += "probabilities that are exactly 0 or 1: " + figure_text(100 * stuck, "%.4g") + " %\n";
  return text;
}

/// Groups of labels: a line a group.
inline std::string groups_text(full_report const& report) {
  std::vector<std::vector<std::string>> lines{{"group", "labels", "macro F1", "micro F1", "AP", "AUROC"}};
  for (auto const& g : report.groups) {
    lines.push_back({g.group.name, std::to_string(g.group.labels.size())});
    for (double x : {g.f1, g.micro_f1, g.average_precision, g.roc_auc}) lines.back().push_back(figure_text(x, "%.4f"));
  }
  return text_table(lines);
}

/// Labels of which something must be known before their figures are believed: a line a condition, empty without any.
inline std::string remarks_text(full_report const& report) {
  std::string text;
  for (auto const condition :
       {label_condition::no_cells, label_condition::no_positives, label_condition::no_negatives,
        label_condition::never_predicted, label_condition::always_predicted, label_condition::beaten_by_trivial,
        label_condition::constant_scores, label_condition::saturated}) {
    std::string names;
    for (auto const& r : report.remarks)
      if (r.condition == condition) names += (names.empty() ? "" : ", ") + report.per_label[r.label].name;
    if (!names.empty()) text += std::string(name_of(condition)) + ": " + names + "\n";
  }
  return text;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics
