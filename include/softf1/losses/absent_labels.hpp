// What becomes of a label that has no positives in the rows that a loss sees.
#pragma once

#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// What becomes of a label without positives: Σ weight·y = 0 over its present cells. Decided from its support only,
/// never from its score; the gradients are those of F-beta.
enum class absent_labels {
  zero,    ///< its score stands as it comes: for F-beta 0, so value 1 and gradient 0: a false alarm costs nothing
  skip,    ///< it leaves the mean: gradient 0, and the other labels count for more
  smooth,  ///< `smoothing` / 2 true positives are added to *every* label: F1 = (2tp + s) / (2tp + fp + fn + s), so an
           ///< absent label is pushed down, by s / (Σp + s)² a cell
  both_classes,  ///< it is scored by its negatives: ½ (score + score of exchanged classes), as double soft-F1 does for all
  running        ///< it is scored by exponential averages of its counts over training steps: pushed as in a usual batch
};

inline constexpr std::array<std::string_view, 5> absent_label_names{"zero", "skip", "smooth", "both_classes",
                                                                    "running"};

/// P(no positive in a batch of rows) of a label of this prevalence: (1 − prevalence)^rows, rows drawn independently.
inline double absent_probability(double prevalence, std::size_t rows) {
  require_value(prevalence >= 0 && prevalence <= 1, "absent_probability",
                "prevalence must be in [0, 1], got " + number_text(prevalence));
  return std::pow(1 - prevalence, static_cast<double>(rows));
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::absent_labels;
using losses::absent_probability;
}  // namespace softf1::inline SOFTF1_ABI
