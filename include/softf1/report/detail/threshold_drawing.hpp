// A small chart of one label: score, precision and recall over its thresholds.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/report/detail/axis.hpp>
#include <softf1/report/detail/svg.hpp>
#include <softf1/report/threshold_chart.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

/// The three lines of a chart, in the order of the style sheet's colours and dashes.
struct threshold_line {
  std::string_view style, name;
  double threshold_values::*value;
};
inline constexpr threshold_line threshold_lines[] = {{"curve c1", "", &threshold_values::score},
                                                     {"curve c2", "precision", &threshold_values::precision},
                                                     {"curve c3", "recall", &threshold_values::recall}};

/// The values that all charts have on their upright axis: 0 to 1, and beyond where the score is.
inline axis axis_of(threshold_charts const& all) {
  double low = 0, high = 1;
  for (auto const& chart : all.labels)
    for (auto const& point : chart.curve) {
      if (!std::isfinite(point.score)) continue;
      low = std::min(low, point.score);
      high = std::max(high, point.score);
    }
  return value_axis(low, high, 3);
}

/// Three significant digits, for captions.
inline std::string short_text(double x) {
  if (!std::isfinite(x)) return "–";
  char buffer[64];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::general, 3).ptr;
  return {buffer, end};
}

/// "0.31", "never", "always"; "–" where there is none.
inline std::string threshold_text(double threshold) {
  if (std::isnan(threshold)) return "–";
  return threshold > 1 ? "never" : threshold < 0 ? "always" : short_text(threshold);
}

/// A sum of weights, which is most often a whole number.
inline std::string weight_text(double x) {
  return x >= 0 && x < 1e15 && x == std::floor(x) ? grouped(static_cast<std::size_t>(x)) : value_text(x);
}

/// The score on the rows that the threshold was found on.
inline double tuned_of(threshold_chart const& chart) {
  return std::isnan(chart.tuned) ? chart.chosen.score : chart.tuned;
}

/// "0.31 [0.2 to 0.4]".
inline std::string chosen_text(threshold_chart const& chart) {
  std::string text = threshold_text(chart.chosen.threshold);
  if (!std::isnan(chart.low) && !std::isnan(chart.high))
    text += " [" + threshold_text(chart.low) + " to " + threshold_text(chart.high) + "]";
  return text;
}

/// Draws one chart.
class threshold_drawing {
 public:
  threshold_drawing(threshold_chart const& chart, std::string const& score, axis const& values, std::string const& id)
      : chart_(chart),
        y_(values),
        svg_(id, width, height, score + ", precision and recall of " + chart.label, description(chart, score)) {}

  std::string draw() {
    if (chart_.low <= chart_.high) draw_interval(x_at(chart_.low), x_at(chart_.high));
    for (double tick : y_.ticks) {
      svg_.line("grid", left, y_at(tick), width - right, y_at(tick));
      svg_.text("small", left - 4, y_at(tick) + 3, "end", y_.label(tick));
    }
    svg_.line("axis", left, height - bottom, width - right, height - bottom);
    for (double p : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}) {
      svg_.line("axis", x_at(p), height - bottom, x_at(p), height - bottom + 3);
      svg_.text("small", x_at(p), height - 4, "middle", coordinate(p));
    }
    for (auto k = std::size(threshold_lines); k-- > 0;)
      svg_.path(threshold_lines[k].style, steps(threshold_lines[k].value));
    draw_chosen(chart_.chosen);
    return svg_.finish();
  }

 private:
  static constexpr double width = 260, height = 160, left = 28, right = 8, top = 16, bottom = 18;

  static std::string description(threshold_chart const& chart, std::string const& score) {
    std::string text = "Over thresholds from probability 0 to 1.";
    auto const& at = chart.chosen;
    if (!std::isnan(at.threshold))
      text += " At the chosen threshold, " + chosen_text(chart) + ", " + score + " is " + value_text(at.score) +
              ", precision " + value_text(at.precision) + ", recall " + value_text(at.recall) + ".";
    return text + " The table below has more.";
  }

  double x_at(double p) const { return left + place_of(p) * (width - left - right); }
  double y_at(double value) const { return height - bottom - y_.share(value) * (height - top - bottom); }

  // Its edges are lines, so that it is seen without its colour.
  void draw_interval(double from, double to) {
    svg_.rectangle("interval", from, top, to - from, height - top - bottom);
    for (double x : {from, to}) svg_.line("edge", x, top, x, height - bottom);
  }

  void draw_chosen(threshold_values const& at) {
    if (std::isnan(at.threshold)) return;
    bool const on_the_left = at.threshold > 0.5;
    double const x = x_at(at.threshold);
    svg_.line("threshold", x, top - 3, x, height - bottom);
    svg_.text("small strong", x, top - 6, on_the_left ? "end" : "start", threshold_text(at.threshold));
    if (std::isfinite(at.score)) svg_.circle("dot c1", x, y_at(at.score), 3.5);
  }

  // Level from one threshold to the next, a gap where the value is not finite. Levels that round to the same are one.
  std::string steps(double threshold_values::*value) const {
    std::string data, level;
    double begin = 0;
    for (std::size_t k = 0; k < chart_.curve.size(); ++k) {
      double const v = chart_.curve[k].*value;
      double const end = k + 1 == chart_.curve.size() ? 1 : chart_.curve[k].threshold;
      auto const y = std::isfinite(v) ? short_coordinate(y_at(v)) : std::string();
      if (y != level) {
        if (!level.empty()) data += "H" + short_coordinate(x_at(begin));
        if (!y.empty()) data += level.empty() ? "M" + short_coordinate(x_at(begin)) + " " + y : "V" + y;
      }
      level = y;
      begin = end;
    }
    return level.empty() ? data : data + "H" + short_coordinate(x_at(begin));
  }

  // Tenths are finer than the lines are wide, and there are many.
  static std::string short_coordinate(double x) { return coordinate(std::round(10 * x) / 10); }

  threshold_chart const& chart_;
  axis const& y_;
  svg svg_;
};

/// The chart's values as a table, the chosen threshold among them.
inline std::string threshold_table(threshold_chart const& chart, std::string const& score) {
  std::string out = "<details><summary>Values</summary><table><thead><tr><th scope=\"col\">threshold</th>";
  for (auto const& line : threshold_lines)
    out += "<th scope=\"col\" class=\"n\">" + escaped(line.name.empty() ? score : line.name) + "</th>";
  out += "</tr></thead><tbody>\n";
  auto const add = [&](threshold_values const& at, bool chosen) {
    out += std::string(chosen ? "<tr class=\"best\">" : "<tr>") + "<th scope=\"row\">" + threshold_text(at.threshold) +
           (chosen ? " (chosen)" : "") + "</th>";
    for (auto const& line : threshold_lines) out += "<td class=\"n\">" + value_text(at.*line.value) + "</td>";
    out += "</tr>\n";
  };
  bool is_shown = std::isnan(chart.chosen.threshold);
  for (auto const& at : chart.read) {
    if (!is_shown && chart.chosen.threshold <= at.threshold) add(chart.chosen, true), is_shown = true;
    add(at, false);
  }
  if (!is_shown) add(chart.chosen, true);
  return out + "</tbody></table></details>\n";
}

/// The drawing with its caption and its values.
inline std::string threshold_figure(threshold_chart const& chart, std::string const& score, axis const& values,
                                    std::string const& id) {
  std::string about = std::isnan(chart.positives)
                          ? ""
                          : weight_text(chart.positives) + (chart.positives == 1 ? " positive" : " positives");
  if (!chart.reason.empty()) about += (about.empty() ? "" : ", ") + chart.reason;
  std::string worth = score + " " + short_text(tuned_of(chart)) + " tuned";
  if (!std::isnan(chart.expected)) worth += ", " + short_text(chart.expected) + " expected";
  return "<figure class=\"small\"><figcaption><b>" + escaped(chart.label) + "</b><span>" + escaped(about) +
         "</span><span>" + escaped(worth) + "</span><span>threshold " + chosen_text(chart) + "</span></figcaption>\n" +
         threshold_drawing(chart, score, values, id).draw() + threshold_table(chart, score) + "</figure>\n";
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
