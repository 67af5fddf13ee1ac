// From counts a label to one number: macro, micro, weighted.
#pragma once

#include <cmath>
#include <limits>
#include <span>

#include <softf1/core/errors.hpp>
#include <softf1/scores/averaging.hpp>
#include <softf1/scores/confusion.hpp>

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
  double const value = score(c);
  return std::isnan(value) ? zero_division : value;
}

/// The average of a score over labels, given their counts.
/// macro: the mean over labels; micro: the score of the summed counts; weighted: the mean weighted by support (tp +
/// fn), zero_division where the total support is 0. A label without any present cell leaves the mean, and so does an
/// undefined one where zero_division is NaN; NaN where nothing is left. Throws value_error for averaging::samples.
/// Cost: O(L), labels in order. Source: scikit-learn's definitions.
template <class Score>
double average(Score const& score, std::span<confusion<double> const> labels, averaging how, double zero_division = 0) {
  require_value(how != averaging::samples, "average", "the samples average needs the counts of rows, not of labels");
  if (how == averaging::micro) {
    confusion<double> pooled{};
    for (auto const& c : labels) pooled += c;
    return defined_score(score, pooled, zero_division);
  }
  defined_mean mean;
  double support = 0, cells = 0;
  for (auto const& c : labels) {
    mean.add(defined_score(score, c, zero_division), how == averaging::weighted ? c.support() : 1.0);
    support += c.support();
    cells += c.total();
  }
  return how == averaging::weighted && support == 0 && cells > 0 ? zero_division : mean.value();
}

}  // namespace softf1::inline SOFTF1_ABI::metrics
