// What each threshold of a label gives, and the one that was chosen: plain values, as they are drawn.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::report {

/// What one threshold gives. NaN: undefined, or unknown.
struct threshold_values {
  double threshold;                 ///< as a probability; +inf accepts none, -inf all
  double score, precision, recall;  ///< `score` is what was made as great as possible
};

/// One label.
struct threshold_chart {
  std::string label;
  double positives = unknown;
  /// By ascending thresholds: each holds from the one before it, not included, to its own. What is above the last is
  /// as the last.
  std::vector<threshold_values> curve;
  std::vector<threshold_values> read = {};                         ///< at a few round thresholds, for the table
  threshold_values chosen = {unknown, unknown, unknown, unknown};  ///< its threshold is NaN where there is none
  double low = unknown, high = unknown;                            ///< the interval of the chosen threshold
  double tuned = unknown, expected = unknown;  ///< the score on the rows it was found on, and on new ones
  std::string reason = {};

  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
};

/// All labels, drawn on the same axes.
struct threshold_charts {
  std::string score = "f1";  ///< the name of what was made as great as possible
  std::vector<threshold_chart> labels = {};
};

namespace detail {

/// Where a probability stands on the axis of thresholds, from 0 to 1: 2 asin(√p) / π. It gives room to small ones,
/// where the thresholds of rare labels are, and has a place for 0 and 1.
inline double place_of(double probability) {
  double const p = probability > 0 ? (probability < 1 ? probability : 1) : 0;
  return 2 * std::asin(std::sqrt(p)) / 3.14159265358979323846;
}

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::report
