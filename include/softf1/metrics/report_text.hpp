// A report as a table for people, as Markdown, and as CSV.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/text_table.hpp>
#include <softf1/metrics/report.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A confidence interval of a figure; NaN where there is none.
struct figure_range {
  double low = quiet_nan<double>(), high = quiet_nan<double>();
};

/// What tables of a report have besides, where asked for. Name them in this order.
struct report_columns {
  bool lift = false;                        ///< F1 over the best predictor that knows nothing
  double level = 0;                         ///< of the intervals, such as 0.95; 0: no intervals
  std::vector<figure_range> f1_range = {};  ///< (L,): intervals of each label's F1
  figure_range macro = {}, micro = {}, weighted = {}, samples = {};  ///< those of the averages
};

namespace detail {

/// The columns after the name of a line.
struct table_row {
  std::string name;
  report_row const* figures;
  figure_range range;
  std::string threshold, support;
};

inline std::vector<std::string> row_texts(table_row const& row, report_columns const& columns) {
  auto const& r = *row.figures;
  std::vector<std::string> line{row.name, figure_text(r.precision), figure_text(r.recall), figure_text(r.f1)};
  if (columns.level > 0)
    line.push_back(std::isnan(row.range.low) ? "-" : figure_text(row.range.low) + " to " + figure_text(row.range.high));
  line.push_back(figure_text(r.trivial_f1));
  if (columns.lift) line.push_back(figure_text(r.lift, "%+.4f"));
  for (std::string const& text : {figure_text(r.average_precision), figure_text(r.roc_auc), row.threshold, row.support})
    line.push_back(text);
  return line;
}

/// The table of a report, which each form lays out in its own way.
struct report_table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> labels, averages;
  std::vector<std::string> notes;
};

inline void check(classification_report const& report, report_columns const& columns) {
  if (!columns.f1_range.empty())
    require_shape("classification_report", "intervals of F1", {report.per_label.size()},
                  std::vector<std::size_t>{columns.f1_range.size()});
}

inline figure_range range_of(report_columns const& columns, std::size_t label) {
  return columns.f1_range.empty() ? figure_range{} : columns.f1_range[label];
}

inline report_table table_of(classification_report const& report, report_columns const& columns) {
  check(report, columns);
  report_table table{{"label", "precision", "recall", "F1"}, {}, {}, {}};
  if (columns.level > 0) table.head.push_back("F1, " + figure_text(100 * columns.level, "%.10g") + " %");
  table.head.push_back("trivial F1");
  if (columns.lift) table.head.push_back("lift");
  for (auto const* name : {"AP", "AUROC", "threshold", "support"}) table.head.push_back(name);
  double support = 0;
  for (std::size_t j = 0; j < report.per_label.size(); ++j) {
    auto const& label = report.per_label[j];
    table.labels.push_back(row_texts({label.name, &label, range_of(columns, j), figure_text(label.threshold, "%.4g"),
                                      figure_text(label.counts.support(), "%.10g")},
                                     columns));
    support += label.counts.support();
  }
  std::string const total = figure_text(support, "%.10g");
  table.averages = {row_texts({"macro", &report.macro, columns.macro, "", total}, columns),
                    row_texts({"micro", &report.micro, columns.micro, "", total}, columns),
                    row_texts({"weighted", &report.weighted, columns.weighted, "", total}, columns),
                    row_texts({"samples", &report.samples, columns.samples, "", total}, columns)};
  table.notes.push_back("rows " + std::to_string(report.rows) + ", labels " + std::to_string(report.per_label.size()) +
                        ", Hamming loss " + figure_text(report.hamming_loss) + ", subset accuracy " +
                        figure_text(report.subset_accuracy));
  if (report.without_cells != 0)
    table.notes.push_back("labels without cells, left out of all averages: " + std::to_string(report.without_cells));
  if (report.without_average_precision != 0)
    table.notes.push_back("labels without positives, left out of macro AP: " +
                          std::to_string(report.without_average_precision));
  if (report.without_roc_auc != 0)
    table.notes.push_back("labels of one class, left out of macro AUROC: " + std::to_string(report.without_roc_auc));
  return table;
}

// A field of a CSV file, quoted where it must be (RFC 4180).
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// A text that stands for itself in a cell of a table: CommonMark takes a backslash before any of these.
inline std::string markdown_field(std::string_view text) {
  std::string field;
  for (char c : text) {
    if (std::string_view("\\`*_[]<>|~&").find(c) != std::string_view::npos) field += '\\';
    field += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return field;
}

inline std::string markdown_line(std::vector<std::string> const& cells, bool bold) {
  std::string line = "|";
  for (std::size_t k = 0; k < cells.size(); ++k)
    line += " " + (k == 0 && bold ? "**" + cells[k] + "**" : k == 0 ? markdown_field(cells[k]) : cells[k]) + " |";
  return line + "\n";
}

}  // namespace detail

/// The report as a table: a line a label, then the averages, then the figures of the whole. "-" is undefined.
/// Throws shape_error for intervals of another number of labels.
inline std::string to_text(classification_report const& report, report_columns const& columns = {}) {
  auto const table = detail::table_of(report, columns);
  std::vector<std::vector<std::string>> lines{table.head};
  lines.insert(lines.end(), table.labels.begin(), table.labels.end());
  lines.push_back({""});
  lines.insert(lines.end(), table.averages.begin(), table.averages.end());
  std::string text = text_table(lines) + "\n";
  for (auto const& note : table.notes) text += note + "\n";
  return text;
}

/// The same as Markdown: a table, the averages in bold letters, and a list. Source: CommonMark 0.31 with the tables of
/// GitHub Flavored Markdown 0.29.
inline std::string to_markdown(classification_report const& report, report_columns const& columns = {}) {
  auto const table = detail::table_of(report, columns);
  std::string text = detail::markdown_line(table.head, false) + "|:---|";
  for (std::size_t k = 1; k < table.head.size(); ++k) text += "---:|";
  text += "\n";
  for (auto const& line : table.labels) text += detail::markdown_line(line, false);
  for (auto const& line : table.averages) text += detail::markdown_line(line, true);
  text += "\n";
  for (auto const& note : table.notes) text += "- " + note + "\n";
  return text;
}

/// The report as CSV: a header, a line a label, then macro, micro, weighted, samples; numbers that read back exactly,
/// empty where undefined. Columns: kind, name, support, tp, fp, fn, tn, precision, recall, f1, trivial_f1,
/// average_precision, roc_auc, threshold; where asked for, lift, and f1_low, f1_high. Throws as to_text.
inline std::string to_csv(classification_report const& report, report_columns const& columns = {}) {
  detail::check(report, columns);
  std::string text = "kind,name,support,tp,fp,fn,tn,precision,recall,f1,trivial_f1,average_precision,roc_auc,threshold";
  text += std::string(columns.lift ? ",lift" : "") + (columns.level > 0 ? ",f1_low,f1_high" : "") + "\n";
  auto const number = [](double x) { return std::isnan(x) ? std::string() : number_text(x); };
  auto const figures = [&](report_row const& row) {
    std::string part;
    for (double x : {row.precision, row.recall, row.f1, row.trivial_f1, row.average_precision, row.roc_auc})
      part += "," + number(x);
    return part;
  };
  auto const more = [&](report_row const& row, figure_range range) {
    return (columns.lift ? "," + number(row.lift) : "") +
           (columns.level > 0 ? "," + number(range.low) + "," + number(range.high) : "") + "\n";
  };
  for (std::size_t j = 0; j < report.per_label.size(); ++j) {
    auto const& label = report.per_label[j];
    text += "label," + detail::csv_field(label.name);
    for (double x : {label.counts.support(), label.counts.tp, label.counts.fp, label.counts.fn, label.counts.tn})
      text += "," + number(x);
    text += figures(label) + "," + number(label.threshold) + more(label, detail::range_of(columns, j));
  }
  text += "average,macro,,,,," + figures(report.macro) + "," + more(report.macro, columns.macro);
  text += "average,micro,,,,," + figures(report.micro) + "," + more(report.micro, columns.micro);
  text += "average,weighted,,,,," + figures(report.weighted) + "," + more(report.weighted, columns.weighted);
  text += "average,samples,,,,," + figures(report.samples) + "," + more(report.samples, columns.samples);
  return text;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::report_columns;
using metrics::to_csv;
using metrics::to_markdown;
using metrics::to_text;
}  // namespace softf1::inline SOFTF1_ABI
