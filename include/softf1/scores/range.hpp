// What values a score takes.
#pragma once

#include <limits>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// The least and the greatest value of a score, and the one of a perfect prediction; NaN where that says nothing of
/// quality. What is perfect at its greatest value can be searched for by thresholds.
struct score_range {
  double lowest = 0, highest = 1, perfect = 1;

  constexpr bool is_better_high() const { return perfect == highest; }
};

inline constexpr double no_perfect_value = std::numeric_limits<double>::quiet_NaN();

}  // namespace softf1::inline SOFTF1_ABI::scores
