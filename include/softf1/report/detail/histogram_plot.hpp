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

/// The largest count of a bin in any of the histograms: all share one scale, so that they can be compared.
inline std::size_t largest_count(std::vector<histogram> const& histograms) {
  std::size_t largest = 1;
  for (auto const& h : histograms)
    for (auto const* counts : {&h.negatives, &h.positives})
      for (std::size_t n : *counts) largest = std::max(largest, n);
  return largest;
}

/// Draws one histogram.
class histogram_drawing {
 public:
  histogram_drawing(histogram const& h, std::size_t largest, std::string const& id)
      : histogram_(h),
        scale_(std::log1p(static_cast<double>(largest))),
        largest_(static_cast<double>(largest)),
        svg_(id, width, height, "Probabilities of " + h.label, description(h)) {}

  std::string draw() {
    for (double n = 10; n <= largest_; n *= 10) {
      svg_.line("grid", left, middle - rise(n), width - right, middle - rise(n));
      svg_.line("grid", left, middle + rise(n), width - right, middle + rise(n));
    }
    for (double n = 1000; n > 1; n /= 10)
      if (n <= largest_) {
        std::string const label = with_decimals(n, 0);
        svg_.text("small", left - 4, middle - rise(n) + 3, "end", label);
        svg_.text("small", left - 4, middle + rise(n) + 3, "end", label);
        break;
      }
    svg_.path("positive", bars(histogram_.positives, -1));
    svg_.path("negative", bars(histogram_.negatives, 1));
    svg_.line("axis", left, middle, width - right, middle);
    for (double p : {0.0, 0.5, 1.0})
      svg_.text("small", x_at(p), height - 4, p == 0 ? "start" : p == 1 ? "end" : "middle", coordinate(p));
    if (double const at = histogram_.threshold; at >= 0 && at <= 1) {
      svg_.line("threshold", x_at(at), top - 3, x_at(at), middle + reach);
      bool const on_the_left = at > 0.5;
      svg_.text("small strong", x_at(at) + (on_the_left ? -4 : 4), top + 5, on_the_left ? "end" : "start",
                with_decimals(at, 2));
    }
    return svg_.finish();
  }

 private:
  static constexpr double width = 230, height = 150, left = 30, right = 6, top = 8, reach = 62, middle = top + reach;

  static std::string description(histogram const& h) {
    std::string text = count_of(total(h.positives), "positive") + " above the line and " +
                       count_of(total(h.negatives), "negative") + " below it, by probability from 0 to 1, on a " +
                       "logarithmic scale.";
    if (!std::isnan(h.threshold)) text += " The threshold is " + value_text(h.threshold) + ".";
    return text;
  }

  double x_at(double p) const { return left + p * (width - left - right); }
  // One alone is seen, thousands fit.
  double rise(double n) const { return std::log1p(n) / scale_ * reach; }

  std::string bars(std::vector<std::size_t> const& counts, double sign) const {
    std::string data;
    double const bins = static_cast<double>(counts.size());
    for (std::size_t k = 0; k < counts.size(); ++k) {
      if (counts[k] == 0) continue;
      double const x = x_at(static_cast<double>(k) / bins) + 0.5, y = sign * rise(static_cast<double>(counts[k]));
      double const bar = (width - left - right) / bins - 1;
      data += "M" + coordinate(x) + " " + coordinate(middle) + "v" + coordinate(y) + "h" + coordinate(bar) + "V" +
              coordinate(middle) + "z";
    }
    return data;
  }

  histogram const& histogram_;
  double scale_, largest_;
  svg svg_;
};

/// The drawing with its caption.
inline std::string histogram_figure(histogram const& h, std::size_t largest, std::string const& id) {
  std::string caption = "<b>" + escaped(h.label) + "</b> <span>" + count_of(total(h.positives), "positive") + ", " +
                        count_of(total(h.negatives), "negative") + "</span>";
  if (h.threshold > 1 || h.threshold < 0)
    caption += " <span>threshold " + std::string(h.threshold > 1 ? "above 1: never" : "below 0: always") + "</span>";
  return "<figure class=\"small\"><figcaption>" + caption + "</figcaption>\n" +
         histogram_drawing(h, largest, id).draw() + "</figure>\n";
}

}  // namespace softf1::inline SOFTF1_ABI::report::detail
