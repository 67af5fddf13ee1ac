// The threshold where both error rates are the same.
#pragma once

#include <cmath>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `equal_error`: for each label the threshold with the least |FPR − FNR|; of equals the highest. Looks at no
/// objective. A label without both classes keeps probability 0.5, marked. Cost: O(points) a label.
/// Source: the equal error rate of speaker verification (Martin et al., "The DET curve", Eurospeech 1997).
struct equal_error {
  static constexpr std::string_view name = "equal_error";
  static constexpr auto option_names = no_options;

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    return search_each_label(source, name, [](count_curve const& curve, std::size_t k, std::size_t) {
      auto const& at = curve.points[k];
      return -std::fabs(at.fp / curve.negatives - (1 - at.tp / curve.positives));
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
