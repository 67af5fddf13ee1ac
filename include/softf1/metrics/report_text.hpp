// A report as a table for people, and as CSV.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/text_table.hpp>
#include <softf1/metrics/report.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

inline std::vector<std::string> row_texts(std::string name, report_row const& row, std::string threshold,
                                          std::string support) {
  std::vector<std::string> line{std::move(name)};
  for (double x : {row.precision, row.recall, row.f1, row.trivial_f1, row.average_precision, row.roc_auc})
    line.push_back(figure_text(x, "%.4f"));
  line.push_back(std::move(threshold));
  line.push_back(std::move(support));
  return line;
}

// A field of a CSV file, quoted where it must be (RFC 4180).
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace detail

/// The report as a table: a line a label, then the averages, then the figures of the whole. "-" is undefined.
inline std::string to_text(classification_report const& report) {
  std::vector<std::vector<std::string>> lines{
      {"label", "precision", "recall", "F1", "trivial F1", "AP", "AUROC", "threshold", "support"}};
  double support = 0;
  for (auto const& label : report.per_label) {
    lines.push_back(detail::row_texts(label.name, label, figure_text(label.threshold, "%.4g"),
                                      figure_text(label.counts.support(), "%.10g")));
    support += label.counts.support();
  }
  std::string const total = figure_text(support, "%.10g");
  lines.push_back({""});
  lines.push_back(detail::row_texts("macro", report.macro, "", total));
  lines.push_back(detail::row_texts("micro", report.micro, "", total));
  lines.push_back(detail::row_texts("weighted", report.weighted, "", total));
  lines.push_back(detail::row_texts("samples", report.samples, "", total));
  std::string text = text_table(lines) + "\n";
  text += "rows " + std::to_string(report.rows) + ", labels " + std::to_string(report.per_label.size()) +
          ", Hamming loss " + figure_text(report.hamming_loss, "%.4f") + ", subset accuracy " +
          figure_text(report.subset_accuracy, "%.4f") + "\n";
  if (report.without_average_precision != 0)
    text +=
        "labels without positives, left out of macro AP: " + std::to_string(report.without_average_precision) + "\n";
  if (report.without_roc_auc != 0)
    text += "labels of one class, left out of macro AUROC: " + std::to_string(report.without_roc_auc) + "\n";
  return text;
}

/// The report as CSV: a header, a line a label, then macro, micro, weighted, samples; numbers that read back exactly,
/// empty where undefined. Columns: kind, name, support, tp, fp, fn, tn, precision, recall, f1, trivial_f1,
/// average_precision, roc_auc, threshold.
inline std::string to_csv(classification_report const& report) {
  std::string text =
      "kind,name,support,tp,fp,fn,tn,precision,recall,f1,trivial_f1,average_precision,roc_auc,threshold\n";
  auto const number = [](double x) { return std::isnan(x) ? std::string() : number_text(x); };
  auto const figures = [&](report_row const& row) {
    std::string part;
    for (double x : {row.precision, row.recall, row.f1, row.trivial_f1, row.average_precision, row.roc_auc})
      part += "," + number(x);
    return part;
  };
  for (auto const& label : report.per_label) {
    text += "label," + detail::csv_field(label.name);
    for (double x : {label.counts.support(), label.counts.tp, label.counts.fp, label.counts.fn, label.counts.tn})
      text += "," + number(x);
    text += figures(label) + "," + number(label.threshold) + "\n";
  }
  text += "average,macro,,,,," + figures(report.macro) + ",\n";
  text += "average,micro,,,,," + figures(report.micro) + ",\n";
  text += "average,weighted,,,,," + figures(report.weighted) + ",\n";
  text += "average,samples,,,,," + figures(report.samples) + ",\n";
  return text;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::to_csv;
using metrics::to_text;
}  // namespace softf1::inline SOFTF1_ABI
