// The threshold with the largest Youden's J.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `youden`: for each label the threshold with the largest TPR − FPR; of equals the highest. Looks at no
/// objective. A label without both classes keeps probability 0.5, marked. Cost: O(points) a label.
/// Source: Youden, "Index for rating diagnostic tests", Cancer 3, 1950.
struct youden {
  static constexpr std::string_view name = "youden";
  static constexpr auto option_names = no_options;

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    return search_each_label(source, name, [](count_curve const& curve, std::size_t k, std::size_t) {
      return curve.points[k].tp / curve.positives - curve.points[k].fp / curve.negatives;
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
