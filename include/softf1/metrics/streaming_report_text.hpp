// The bounds of a streamed report as a table for people.
#pragma once

#include <string>
#include <vector>

#include <softf1/core/text_table.hpp>
#include <softf1/metrics/streaming_report.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Between what AP, AUROC and the best F-beta lie: a line a label, then the averages. "-" is undefined. `threshold` is
/// that of the F-beta beside it, which it reaches exactly; no other threshold reaches more than the column behind it.
inline std::string bounds_text(streamed_report const& report) {
  std::string const best = "best F" + number_text(report.beta);
  std::vector<std::vector<std::string>> lines{
      {"label", "AP from", "to", "AUROC from", "to", best, "at most", "threshold"}};
  auto const line = [&](std::string const& name, bounded_ranking const& ranks) {
    lines.push_back({name});
    for (auto const& b : {ranks.average_precision, ranks.roc_auc})
      for (double x : {b.lower, b.upper}) lines.back().push_back(figure_text(x, "%.4f"));
  };
  auto const add_best = [&](bounded const& score, std::string const& threshold) {
    for (double x : {score.value, score.upper}) lines.back().push_back(figure_text(x, "%.4f"));
    lines.back().push_back(threshold);
  };
  for (std::size_t j = 0; j < report.per_label.size(); ++j) {
    line(report.per_label[j].name, report.label_bounds[j]);
    add_best(report.best_f_beta[j].score, figure_text(report.best_f_beta[j].threshold, "%.4g"));
  }
  lines.push_back({""});
  line("macro", report.macro_bounds);
  add_best(report.macro_best_f_beta, "");
  line("micro", report.micro_bounds);
  line("weighted", report.weighted_bounds);
  return text_table(lines) + "AP, AUROC and the best thresholds are read from a sketch of " +
         std::to_string(report.sketch_bins) + " bins a label: these bounds always hold\n";
}

}  // namespace softf1::inline SOFTF1_ABI::metrics
