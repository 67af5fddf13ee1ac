// The best threshold of each label, unless it is not worth it: then one that accepts the highest score alone.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `scutfbr1`: as `best`, but a label whose best score stays below `fbr` gets a threshold that
/// accepts the highest score alone. What a search finds on few positives is mostly luck; a high threshold costs such a label little.
/// Throws value_error for fbr that is not finite. Cost: O(points) a label. Source: Yang, "A study of thresholding
/// strategies for text categorization", SIGIR 2001 (SCutFBR.1); Fan and Lin 2007.
struct scutfbr1 {
  static constexpr std::string_view name = "scutfbr1";
  static constexpr std::array<std::string_view, 1> option_names{"fbr"};

  double fbr = 0.1;

  constexpr double& option(std::size_t) { return fbr; }
  void check() const { require_value(fbr * 0 == 0, name, "fbr must be finite, got " + number_text(fbr)); }

  threshold_set operator()(curve_source const& source, objective_function const& score) const {
    check();
    return search_each_label_above(source, name, score, fbr, [](count_curve const& curve) {
      return curve.points.size() > 1 ? curve.points[1].threshold : infinity<double>();
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
