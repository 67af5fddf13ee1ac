// A small histogram of one label: positives grow upwards, negatives downwards, on one logarithmic scale.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include <softf1/report/detail/svg.hpp>
#include <softf1/report/histogram.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

inline std::size_t total(std::vector<std::size_t> const& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

/// The largest count of a bin, at least 1.
inline double largest(std::vector<std::size_t> const& counts, double so_far) {
  for (std::size_t n : counts) so_far = std::max(so_far, static_cast<double>(n));
  return so_far;
}

/// The scale that all histograms of a report share, so that they can be compared. One alone is seen, thousands fit.
struct histogram_scale {
  double positives = 1, negatives = 1;  // the largest counts

  explicit histogram_scale(std::vector<histogram> const& histograms) {
    for (auto const& h : histograms) {
      positives = largest(h.positives, positives);
      negatives = largest(h.negatives, negatives);
    }
  }

  /// The share of the drawing's height that a bar of n takes.
  double share(double n) const { return std::log1p(n) / (std::log1p(positives) + std::log1p(negatives)); }
};

/// A power of ten in a few characters: 100, 1k, 10k, 1M.
inline std::string short_power(double n) {
  return n < 1e3   ? with_decimals(n, 0)
         : n < 1e6 ? with_decimals(n / 1e3, 0) + "k"
         : n < 1e9 ? with_decimals(n / 1e6, 0) + "M"
                   : with_decimals(n / 1e9, 0) + "G";
}

/// Draws one histogram.
class histogram_drawing {
 public:
  histogram_drawing(histogram const& h, histogram_scale const& scale, std::string const& id)
      : histogram_(h),
        scale_(scale),
        middle_(top + reach * scale.share(scale.positives)),
        svg_(id, width, height, "Probabilities of " + h.label, description(h)) {}

  std::string draw() {
    draw_grid(scale_.positives, -1);
    draw_grid(scale_.negatives, 1);
    svg_.path("positive", bars(histogram_.positives, -1));
    svg_.path("negative", bars(histogram_.negatives, 1));
    svg_.line("axis", left, middle_, width - right, middle_);
    for (double p : {0.0, 0.5, 1.0})
      svg_.text("small", x_at(p), height - 4, p == 0 ? "start" : p == 1 ? "end" : "middle", coordinate(p));
    draw_threshold(histogram_.threshold);
    return svg_.finish();
  }

 private:
  static constexpr double width = 230, height = 150, left = 30, right = 6, top = 8, reach = 122;

  static std::string description(histogram const& h) {
    std::string text = count_of(total(h.positives), "positive") + " above the line and " +
                       count_of(total(h.negatives), "negative") + " below it, by probability from 0 to 1, on a " +
                       "logarithmic scale.";
    if (!std::isnan(h.threshold)) text += " The threshold is " + value_text(h.threshold) + ".";
    return text;
  }

  double x_at(double p) const { return left + p * (width - left - right); }

  // Lines at powers of ten; the last of them has its number.
  void draw_grid(double largest_count, double sign) {
    for (double n = 10; n <= largest_count; n *= 10) {
      double const y = middle_ + sign * reach * scale_.share(n);
      svg_.line("grid", left, y, width - right, y);
      if (n * 10 > largest_count) svg_.text("small", left - 4, y + 3, "end", short_power(n));
    }
  }

  // A threshold that no probability reaches, or each does, is told, since it has no place on the axis.
  void draw_threshold(double at) {
    bool const on_the_left = at > 0.5;
    std::string_view const anchor = on_the_left ? "end" : "start";
    if (at > 1 || at < 0) svg_.text("small strong", x_at(on_the_left), top + 5, anchor, at > 1 ? "never" : "always");
    if (!(at >= 0 && at <= 1)) return;
    svg_.line("threshold", x_at(at), top - 3, x_at(at), top + reach);
    svg_.text("small strong", x_at(at) + (on_the_left ? -4 : 4), top + 5, anchor, with_decimals(at, 2));
  }

  std::string bars(std::vector<std::size_t> const& counts, double sign) const {
    std::string data;
    double const bins = static_cast<double>(counts.size());
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (counts[k] == 0) continue;
      double const x = x_at(static_cast<double>(k) / bins) + 0.5,
                   y = sign * reach * scale_.share(static_cast<double>(counts[k]));
      double const bar = (width - left - right) / bins - 1;
      data += "M" + coordinate(x) + " " + coordinate(middle_) + "v" + coordinate(y) + "h" + coordinate(bar) + "V" +
              coordinate(middle_) + "z";
    }
    return data;
  }

  histogram const& histogram_;
  histogram_scale const& scale_;
  double middle_;
  svg svg_;
};

/// The drawing with its caption.
inline std::string histogram_figure(histogram const& h, histogram_scale const& scale, std::string const& id) {
  std::string caption = "<b>" + escaped(h.label) + "</b> <span>" + count_of(total(h.positives), "positive") + ", " +
                        count_of(total(h.negatives), "negative") + "</span>";
  return "<figure class=\"small\"><figcaption>" + caption + "</figcaption>\n" + histogram_drawing(h, scale, id).draw() +
         "</figure>\n";
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
