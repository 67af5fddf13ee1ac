// What a label's threshold is drawn to where little is known of the label.
#pragma once

#include <string_view>
#include <vector>

#include <softf1/thresholds/f_star.hpp>
#include <softf1/thresholds/global.hpp>
#include <softf1/thresholds/label_free.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// Which threshold of a label is steady: without choice the one best threshold of all labels (of the mean objective); with
/// `f_star` half of the label's own best F1, which varies less than the place where it is reached; with `label_free` half of
/// the F1 that probabilities promise of themselves, which no target can mislead.
struct steady {
  double f_star = 0, label_free = 0;

  /// Throws value_error for numbers that are not 0 or 1, and for both.
  void check(std::string_view who) const {
    for (double choice : {f_star, label_free})
      require_value(choice == 0 || choice == 1, who,
                    "f_star and label_free must be 0 or 1, got " + number_text(choice));
    require_value(f_star == 0 || label_free == 0, who, "f_star and label_free exclude each other");
  }

  /// For each label. Cost: as `global:macro=1`, `f_star` or `label_free`.
  std::vector<double> of(curve_source const& source, objective_function const& score) const {
    if (f_star != 0) return thresholds::f_star{}(source, score).thresholds;
    if (label_free != 0) return thresholds::label_free{}(source, score).thresholds;
    return global{.macro = 1}(source, score).thresholds;
  }
};

/// The weight of the positives of each label.
inline std::vector<double> positives_of(curve_source const& source) {
  std::vector<double> positives;
  for (std::size_t j = 0; j < source.labels(); ++j) positives.push_back(source.label(j).positives);
  return positives;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
