// A report as a table for people, and as CSV.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/metrics/report.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

namespace detail {

// "-" for what is undefined or does not apply.
inline std::string cell_text(double x, const char* format) {
  if (std::isnan(x)) return "-";
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, x);
  return buffer;
}

// Columns as wide as their longest text; UTF-8 continuation bytes take no room.
inline std::size_t width_of(std::string_view text) {
  std::size_t n = 0;
  for (char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

inline std::string aligned(std::vector<std::vector<std::string>> const& lines) {
  std::vector<std::size_t> widths;
  for (auto const& line : lines)
    for (std::size_t k = 0; k < line.size(); ++k) {
      if (k == widths.size()) widths.push_back(0);
      widths[k] = std::max(widths[k], width_of(line[k]));
    }
  std::string text;
  for (auto const& line : lines) {
    for (std::size_t k = 0; k < line.size(); ++k) {
      std::string const room(widths[k] - width_of(line[k]), ' ');
      text += k == 0 ? line[k] + room : "  " + room + line[k];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

inline std::vector<std::string> row_texts(std::string name, report_row const& row, std::string threshold,
                                          std::string support) {
  std::vector<std::string> line{std::move(name)};
  for (double x : {row.precision, row.recall, row.f1, row.trivial_f1, row.average_precision, row.roc_auc})
    line.push_back(cell_text(x, "%.4f"));
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
    lines.push_back(detail::row_texts(label.name, label, detail::cell_text(label.threshold, "%.4g"),
                                      detail::cell_text(label.counts.support(), "%.10g")));
    support += label.counts.support();
  }
  std::string const total = detail::cell_text(support, "%.10g");
  lines.push_back({""});
  lines.push_back(detail::row_texts("macro", report.macro, "", total));
  lines.push_back(detail::row_texts("micro", report.micro, "", total));
  lines.push_back(detail::row_texts("weighted", report.weighted, "", total));
  lines.push_back(detail::row_texts("samples", report.samples, "", total));
  std::string text = detail::aligned(lines) + "\n";
  text += "rows " + std::to_string(report.rows) + ", labels " + std::to_string(report.per_label.size()) +
          ", Hamming loss " + detail::cell_text(report.hamming_loss, "%.4f") + ", subset accuracy " +
          detail::cell_text(report.subset_accuracy, "%.4f") + "\n";
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
