// What a label's threshold is drawn to where little is known of the label.
#pragma once

#include <vector>

#include <softf1/thresholds/f_star.hpp>
#include <softf1/thresholds/global.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// For each label the one best threshold of all labels (of the mean objective), or half of the label's own best F1, which
/// varies less than the place where it is reached. Cost: as `global:macro=1`, or as `f_star`.
inline std::vector<double> steady_thresholds(curve_source const& source, objective_function const& score, bool f_star) {
  if (f_star) return thresholds::f_star{}(source, score).thresholds;
  return global{.macro = 1}(source, score).thresholds;
}

/// The weight of the positives of each label.
inline std::vector<double> positives_of(curve_source const& source) {
  std::vector<double> positives;
  for (std::size_t j = 0; j < source.labels(); ++j) positives.push_back(source.label(j).positives);
  return positives;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
