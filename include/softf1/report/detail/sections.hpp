// The parts of the report, each as a section of HTML.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/report/detail/histogram_plot.hpp>
#include <softf1/report/detail/line_plot.hpp>
#include <softf1/report/detail/threshold_drawing.hpp>
#include <softf1/report/document.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

inline std::string section(std::string_view id, std::string_view title, std::string const& content) {
  return "<section aria-labelledby=\"" + std::string(id) + "\">\n<h2 id=\"" + std::string(id) + "\">" +
         std::string(title) + "</h2>\n" + content + "</section>\n";
}

inline std::string facts_list(document const& d) {
  if (d.facts.empty()) return {};
  std::string out = "<dl class=\"facts\">\n";
  for (auto const& [name, value] : d.facts)
    out += (value.size() > 16 ? "<div class=\"long\"><dt>" : "<div><dt>") + escaped(name) + "</dt><dd>" +
           escaped(value) + "</dd></div>\n";
  return out + "</dl>\n";
}

/// True for a column of which every cell that says anything begins like a number.
inline bool is_numeric(table const& t, std::size_t column) {
  bool any = false;
  for (auto const& row : t.rows) {
    std::string_view cell = row[column];
    if (cell.empty() || cell == "-" || cell == "–" || cell == "nan") continue;
    if (cell[0] == '-' || cell[0] == '+') cell.remove_prefix(1);
    if (cell != "inf" && (cell.empty() || ((cell[0] < '0' || cell[0] > '9') && cell[0] != '.'))) return false;
    any = true;
  }
  return any;
}

inline std::string table_card(table const& t) {
  std::vector<std::string> aligned(t.header.size());
  for (std::size_t k = 1; k < aligned.size(); ++k) aligned[k] = is_numeric(t, k) ? " class=\"n\"" : "";
  std::string out = "<div class=\"card\"><h3>" + escaped(t.title) +
                    "</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + escaped(t.title) +
                    "\"><table><thead><tr>";
  for (std::size_t k = 0; k < t.header.size(); ++k)
    out += "<th scope=\"col\"" + aligned[k] + ">" + escaped(t.header[k]) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (auto const& row : t.rows) {
    out += "<tr>";
    for (std::size_t k = 0; k < row.size(); ++k)
      out +=
          (k == 0 ? "<th scope=\"row\">" : "<td" + aligned[k] + ">") + escaped(row[k]) + (k == 0 ? "</th>" : "</td>");
    out += "</tr>\n";
  }
  out += "</tbody></table></div>";
  if (!t.note.empty()) out += "<p class=\"note\">" + escaped(t.note) + "</p>";
  return out + "</div>\n";
}

inline std::string tables_section(document const& d) {
  // Narrow tables stand side by side, wide ones alone.
  std::string out;
  bool beside = false;
  for (auto const& t : d.tables) {
    bool const narrow = t.header.size() <= 4;
    if (narrow != beside) out += narrow ? "<div class=\"tables\">\n" : "</div>\n";
    beside = narrow;
    out += table_card(t);
  }
  return section("tables", "Results", out + (beside ? "</div>\n" : ""));
}

inline std::string bar_card(bar_chart const& chart) {
  double longest = 0;
  for (auto const& [name, length] : chart.bars) longest = std::max(longest, length);
  std::string out = "<div class=\"card\"><h3>" + escaped(chart.title) + "</h3><table class=\"bars\"><tbody>\n";
  for (std::size_t k = 0; k < chart.bars.size(); ++k) {
    auto const& [name, length] = chart.bars[k];
    // The value stands beside the bar as text: the drawing alone says nothing new.
    auto const percent = coordinate(longest > 0 ? 100 * length / longest : 0);
    out += "<tr><th scope=\"row\">" + escaped(name) + "</th><td class=\"n\">" +
           escaped(chart.values.empty() ? number_text(length) : chart.values[k]) +
           "</td><td aria-hidden=\"true\"><div class=\"bar\" style=\"width:" + percent + "%\"></div></td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

inline std::string bars_section(document const& d) {
  std::string out;
  for (auto const& chart : d.bars) out += bar_card(chart);
  return section("data", "Data", out);
}

inline std::string curves_section(document const& d) {
  std::string out = "<div class=\"plots\">\n";
  for (std::size_t k = 0; k < d.curves.size(); ++k) {
    auto const& plot = d.curves[k];
    out += "<figure class=\"card\"><figcaption><h3>" + escaped(plot.title) + "</h3></figcaption>\n" + legend(plot) +
           line_plot_drawing(plot, "curve" + std::to_string(k + 1)).draw() + values_table(plot) + "</figure>\n";
  }
  return section("curves", "Training", out + "</div>\n");
}

inline std::string thresholds_section(document const& d) {
  auto const& all = d.thresholds;
  std::string out = "<ul class=\"legend\">";
  for (auto const& line : threshold_lines)
    out += "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"" + std::string(line.style) +
           "\" d=\"M1 5L27 5\"/></svg>" + escaped(line.name.empty() ? all.score : line.name) + "</li>";
  out +=
      "</ul>\n<p class=\"note\">Over the threshold, a probability (on an axis with more room near 0 and 1), what "
      "the rows give that thresholds were found on. The upright line is the chosen threshold, the band around it its "
      "interval, the dot the " +
      escaped(all.score) + " there. A label whose threshold is 'never' is predicted for no row.</p>\n" +
      "<div class=\"histograms\">\n";
  auto const values = axis_of(all);
  for (std::size_t k = 0; k < all.labels.size(); ++k)
    out += threshold_figure(all.labels[k], all.score, values, "thresholds" + std::to_string(k + 1));
  return section("thresholds", "Thresholds by label", out + "</div>\n");
}

inline std::string histograms_section(document const& d) {
  std::string out =
      "<p class=\"note\"><span class=\"swatch up\"></span>positives above the line, <span class=\"swatch down\"></span>"
      "negatives below it, by probability. Heights are logarithmic and the same in all drawings, so that one image is "
      "seen beside thousands. The upright line is the threshold; a label whose threshold is above 1 is never "
      "predicted, "
      "below 0 always.</p>\n<div class=\"histograms\">\n";
  histogram_scale const scale(d.histograms);
  for (std::size_t k = 0; k < d.histograms.size(); ++k)
    out += histogram_figure(d.histograms[k], scale, "histogram" + std::to_string(k + 1));
  return section("histograms", "Probabilities by label", out + "</div>\n");
}

inline bool contains(std::vector<std::string> const& names, std::string const& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A sign and a word beside the colour.
inline std::string label_item(std::string_view kind, std::string_view sign, std::string const& name) {
  return "<li class=\"" + std::string(kind) + "\"><i aria-hidden=\"true\">" + std::string(sign) +
         "</i><span class=\"hidden\">" + std::string(kind) + ": </span>" + escaped(name) + "</li>";
}

inline constexpr std::string_view right_sign = "✓", wrong_sign = "✗", missed_sign = "?";

inline std::string prediction_figure(shown_prediction const& p) {
  std::string out = "<figure class=\"shown\">";
  if (p.jpeg.empty())
    out += "<div class=\"none\">no image</div>";
  else
    out += "<img alt=\"" + escaped(p.id) + "\" src=\"data:image/jpeg;base64," + base64(p.jpeg) + "\"/>";
  out += "<figcaption><code>" + escaped(p.id) + "</code><ul class=\"labels\">";
  for (auto const& name : p.predicted)
    if (contains(p.truth, name)) out += label_item("right", right_sign, name);
  for (auto const& name : p.predicted)
    if (!contains(p.truth, name)) out += label_item("wrong", wrong_sign, name);
  for (auto const& name : p.truth)
    if (!contains(p.predicted, name)) out += label_item("missed", missed_sign, name);
  if (p.truth.empty() && p.predicted.empty()) out += "<li class=\"right\">no labels</li>";
  return out + "</ul></figcaption></figure>\n";
}

inline std::string predictions_section(document const& d) {
  std::string out = "<ul class=\"labels\">" + label_item("right", right_sign, "predicted and true") +
                    label_item("wrong", wrong_sign, "predicted, not true") +
                    label_item("missed", missed_sign, "true, not predicted") + "</ul>\n<div class=\"gallery\">\n";
  for (auto const& p : d.predictions) out += prediction_figure(p);
  return section("predictions", "Predictions", out + "</div>\n");
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
