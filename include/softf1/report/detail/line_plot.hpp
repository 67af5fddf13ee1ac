// A plot of curves over epochs.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>

#include <softf1/report/detail/axis.hpp>
#include <softf1/report/detail/svg.hpp>
#include <softf1/report/document.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

// Colours and dashes of the style sheet.
inline constexpr std::size_t curve_styles = 6;

inline std::string curve_style(std::size_t k) { return "c" + std::to_string(k % curve_styles + 1); }

inline std::size_t epochs(line_plot const& plot) {
  std::size_t count = 0;
  for (auto const& c : plot.curves) count = c.values.size() > count ? c.values.size() : count;
  return count;
}

/// Draws one plot.
class line_plot_drawing {
 public:
  line_plot_drawing(line_plot const& plot, std::string const& id)
      : plot_(plot),
        x_(counting_axis(epochs(plot), 8)),
        y_(range_of_values(plot)),
        svg_(id, width, height, plot.title, description(plot)) {}

  std::string draw() {
    for (double tick : y_.ticks) {
      svg_.line("grid", left, y_at(tick), width - right, y_at(tick));
      svg_.text("tick", left - 7, y_at(tick) + 4, "end", y_.label(tick));
    }
    svg_.line("axis", left, height - bottom, width - right, height - bottom);
    for (double tick : x_.ticks) {
      svg_.line("axis", x_at(tick), height - bottom, x_at(tick), height - bottom + 4);
      svg_.text("tick", x_at(tick), height - bottom + 18, "middle", x_.label(tick));
    }
    svg_.text("name", (left + width - right) / 2, height - 6, "middle", plot_.x_label);
    svg_.upward_text("name", 13, (top + height - bottom) / 2, plot_.y_label);
    if (plot_.marked) draw_mark(static_cast<double>(*plot_.marked + 1));
    for (std::size_t k = 0; k < plot_.curves.size(); ++k) draw_curve(plot_.curves[k], curve_style(k));
    return svg_.finish();
  }

 private:
  static constexpr double width = 560, height = 290, left = 62, right = 14, top = 22, bottom = 46;

  static axis range_of_values(line_plot const& plot) {
    double low = 0, high = 0;
    bool any = false;
    for (auto const& c : plot.curves)
      for (double v : c.values) {
        if (!std::isfinite(v)) continue;
        low = any ? std::fmin(low, v) : v;
        high = any ? std::fmax(high, v) : v;
        any = true;
      }
    return value_axis(any ? low : 0, any ? high : 1, 5);
  }

  static std::string description(line_plot const& plot) {
    std::string text = plot.y_label + " over " + plot.x_label + " for " + count_of(plot.curves.size(), "curve") +
                       " of " + count_of(epochs(plot), "epoch") + ".";
    if (plot.marked) text += " The best epoch is " + std::to_string(*plot.marked + 1) + ".";
    return text + " The values are in the table below.";
  }

  double x_at(double epoch) const { return left + x_.share(epoch) * (width - left - right); }
  double y_at(double value) const { return height - bottom - y_.share(value) * (height - top - bottom); }

  void draw_mark(double epoch) {
    double const x = x_at(epoch);
    std::string_view const anchor = x_.share(epoch) < 0.15 ? "start" : x_.share(epoch) > 0.85 ? "end" : "middle";
    svg_.line("mark", x, top - 4, x, height - bottom);
    svg_.text("marked", x, top - 9, anchor, "best: " + std::to_string(*plot_.marked + 1));
  }

  // A value between two gaps would be a line of no length: it gets a dot.
  void draw_curve(curve const& c, std::string const& style) {
    auto const known = [&](std::size_t k) { return k < c.values.size() && std::isfinite(c.values[k]); };
    auto const x = [&](std::size_t k) { return x_at(static_cast<double>(k + 1)); };
    std::string data;
    for (std::size_t k = 0; k < c.values.size(); ++k) {
      if (!known(k)) continue;
      bool const begins = k == 0 || !known(k - 1);
      data += (begins ? "M" : "L") + coordinate(x(k)) + " " + coordinate(y_at(c.values[k]));
      if (begins && !known(k + 1)) svg_.circle("dot " + style, x(k), y_at(c.values[k]), 2.5);
    }
    svg_.path("curve " + style, data);
    if (plot_.marked && known(*plot_.marked))
      svg_.circle("dot " + style, x(*plot_.marked), y_at(c.values[*plot_.marked]), 4);
  }

  line_plot const& plot_;
  axis x_, y_;
  svg svg_;
};

/// Which line is which, with its value at the marked epoch, or its last.
inline std::string legend(line_plot const& plot) {
  std::string out = "<ul class=\"legend\">";
  for (std::size_t k = 0; k < plot.curves.size(); ++k) {
    auto const& [name, values] = plot.curves[k];
    std::size_t const at = plot.marked.value_or(values.empty() ? 0 : values.size() - 1);
    std::string const value = at < values.size() ? value_text(values[at]) : "–";
    out += "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"curve " + curve_style(k) +
           "\" d=\"M1 5L27 5\"/></svg>" + escaped(name) + " <b>" + value + "</b></li>";
  }
  return out + "</ul>\n";
}

/// The values of the curves as a table.
inline std::string values_table(line_plot const& plot) {
  std::string out = "<details><summary>Values</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">" +
                    escaped(plot.x_label) + "</th>";
  for (auto const& c : plot.curves) out += "<th scope=\"col\" class=\"n\">" + escaped(c.name) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (std::size_t k = 0; k < epochs(plot); ++k) {
    bool const best = plot.marked == k;
    out += std::string(best ? "<tr class=\"best\">" : "<tr>") + "<th scope=\"row\">" + std::to_string(k + 1) +
           (best ? " (best)" : "") + "</th>";
    for (auto const& c : plot.curves)
      out += "<td class=\"n\">" + (k < c.values.size() ? value_text(c.values[k]) : "–") + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div></details>\n";
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
