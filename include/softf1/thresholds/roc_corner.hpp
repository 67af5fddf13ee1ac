// The point of the ROC curve that lies nearest to perfection.
#pragma once

#include <cmath>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `roc_corner`: for each label the threshold with the least hypot(FPR, 1 − TPR), the distance to the corner
/// (0, 1); of equals the highest. Looks at no objective. A label without both classes keeps probability 0.5, marked.
/// Cost: O(points) a label. Source: Perkins and Schisterman, American Journal of Epidemiology 163, 2006.
struct roc_corner {
  static constexpr std::string_view name = "roc_corner";
  static constexpr auto option_names = no_options;

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    return search_each_label(source, name, [](count_curve const& curve, std::size_t k, std::size_t) {
      auto const& at = curve.points[k];
      return -std::hypot(at.fp / curve.negatives, 1 - at.tp / curve.positives);
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
