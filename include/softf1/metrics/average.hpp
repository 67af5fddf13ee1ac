// From counts a label to one number: macro, micro, weighted.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/scores/averaging.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/defined.hpp>
#include <softf1/scores/f_beta.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/recall.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

using scores::averaging;

/// A mean that leaves out what is NaN. `value()` is NaN where nothing is left.
struct defined_mean {
  double sum = 0, weight = 0;
  std::size_t left_out = 0;

  void add(double value, double w = 1) {
    if (std::isnan(value)) {
      ++left_out;
      return;
    }
    if (w > 0) sum += w * value;  // the score may be infinite
    weight += w;
  }
  double value() const { return weight > 0 ? sum / weight : std::numeric_limits<double>::quiet_NaN(); }
};

/// score(c), or zero_division where it is undefined; NaN for counts without any cell, which no rule defines.
template <class Score>
double defined_score(Score const& score, confusion<double> const& c, double zero_division) {
  if (!(c.total() > 0)) return std::numeric_limits<double>::quiet_NaN();
  return scores::score_or(score, c, zero_division);
}

/// An average, and how many labels it leaves out.
struct averaged_score {
  double value;          ///< NaN where nothing is left
  std::size_t left_out;  ///< labels without any present cell, or (but for micro) undefined where zero_division is NaN
};

/// The average of a score over labels, given their counts.
/// macro: the mean over labels; micro: the score of the summed counts; weighted: the mean weighted by support (tp +
/// fn), zero_division where the total support is 0. A label without any present cell leaves the mean, and so does an
/// undefined one where zero_division is NaN. `label_weights` (L,), finite and >= 0, or empty: how much labels count in
/// the mean, and for micro their cells. Throws value_error for averaging::samples, and another number of weights or bad
/// ones. Cost: O(L), labels in order. Source: scikit-learn's definitions.
template <class Score>
averaged_score average_counted(Score const& score, std::span<confusion<double> const> labels, averaging how,
                               double zero_division = 0, std::span<double const> label_weights = {}) {
  require_value(how != averaging::samples, "average", "the samples average needs the counts of rows, not of labels");
  if (!label_weights.empty())
    require_shape("average", "label_weights", {labels.size()}, std::vector<std::size_t>{label_weights.size()});
  confusion<double> pooled{};
  defined_mean mean;
  double support = 0;
  std::size_t no_cells = 0;
  for (std::size_t j = 0; j < labels.size(); ++j) {
    auto const& c = labels[j];
    double const w = label_weights.empty() ? 1 : label_weights[j];
    require_value(w >= 0 && w * 0 == 0, "average",
                  "label weights must be finite and >= 0, got " + number_text(w) + " for label " + std::to_string(j));
    mean.add(defined_score(score, c, zero_division), how == averaging::weighted ? w * c.support() : w);
    support += w * c.support();
    no_cells += !(c.total() > 0);
    pooled += confusion<double>{w * c.tp, w * c.fp, w * c.fn, w * c.tn};
  }
  if (how == averaging::micro) return {defined_score(score, pooled, zero_division), no_cells};
  bool const no_support = how == averaging::weighted && support == 0 && pooled.total() > 0;
  return {no_support ? zero_division : mean.value(), mean.left_out};
}

/// The value alone.
template <class Score>
double average(Score const& score, std::span<confusion<double> const> labels, averaging how, double zero_division = 0,
               std::span<double const> label_weights = {}) {
  return average_counted(score, labels, how, zero_division, label_weights).value;
}

/// (1 + β²) P R / (β² P + R) of the macro averages P of precision and R of recall: another number than the macro
/// average of F-beta, and never below it for β = 1. Undefined parts count as zero_division; NaN where nothing is left.
/// Throws value_error for a beta that is not finite and >= 0. Source: Opitz and Burst, "Macro F1 and macro F1", 2019.
inline double f_beta_of_mean_precision_and_recall(std::span<confusion<double> const> labels, double beta = 1,
                                                  double zero_division = 0) {
  scores::f_beta{beta}.check();
  double const p = average(scores::precision{}, labels, averaging::macro, zero_division),
               r = average(scores::recall{}, labels, averaging::macro, zero_division), b2 = beta * beta;
  double const value = ratio((1 + b2) * p * r, b2 * p + r);
  return std::isnan(p) || std::isnan(r) ? p + r : std::isnan(value) ? zero_division : value;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics
