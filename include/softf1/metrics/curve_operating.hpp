// Single numbers of curves: a part of the area under the ROC curve, and the best threshold that keeps a promise.
#pragma once

#include <cmath>

#include <softf1/metrics/curve_counts.hpp>
#include <softf1/metrics/detail/partial_area.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/recall.hpp>
#include <softf1/scores/specificity.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The area under the ROC curve left of a false positive rate, the curve's line cut there; as McClish standardises it
/// unless told otherwise, which does nothing at max_fpr = 1. NaN unless both classes occur.
/// Throws value_error for max_fpr outside (0, 1]. Cost: O(points).
/// Source: scikit-learn's roc_auc_score(max_fpr=…); McClish, Medical Decision Making, 1989.
inline double partial_roc_auc(count_curve const& curve, double max_fpr, bool standardise = true) {
  require_value(max_fpr > 0 && max_fpr <= 1, "partial_roc_auc",
                "max_fpr must lie in (0, 1], got " + number_text(max_fpr));
  double const limit = max_fpr * curve.negatives, pairs = curve.positives * curve.negatives;
  if (!(pairs > 0)) return quiet_nan<double>();
  double area = 0;
  for (std::size_t k = 1; k < curve.points.size(); ++k) {
    accepted_cells const &before = curve.points[k - 1], &at = curve.points[k];
    double const step = at.fp - before.fp, width = at.fp <= limit ? step : limit - before.fp;
    if (width > 0) area += width * (before.tp + 0.5 * (at.tp - before.tp) * (width / step));
  }
  return standardise ? detail::standardised_area(area / pairs, max_fpr) : area / pairs;
}

/// A threshold with what it reaches.
struct operating_point {
  double threshold;  ///< decides `score >= threshold`; +inf where no threshold keeps the promise
  double score;      ///< the score there; 0 where no threshold keeps the promise, NaN where both are nowhere defined
  double promise;    ///< what the promised score is there; NaN where no threshold keeps it
};

/// The threshold with the highest score among those where `promise` is at least a value; among equals that of the
/// highest promised score, then the highest. Cost: O(points).
template <class Score, class Promise>
operating_point best_operating_point(count_curve const& curve, Score const& score, Promise const& promise,
                                     double at_least) {
  operating_point best{infinity<double>(), quiet_nan<double>(), quiet_nan<double>()};
  bool kept = false;
  for (std::size_t k = 0; k < curve.points.size(); ++k) {
    double const value = score(curve.counts(k)), promised = promise(curve.counts(k));
    if (std::isnan(value) || std::isnan(promised)) continue;
    if (!kept) best.score = 0;
    if (!curve.reachable(k) || !(promised >= at_least)) continue;
    if (kept && !(value > best.score || (value == best.score && promised > best.promise))) continue;
    best = {curve.points[k].threshold, value, promised};
    kept = true;
  }
  return best;
}

/// The best precision among the thresholds with at least this recall, and so on, each in [0, 1]. NaN where a class that
/// is asked for does not occur. Source: torchmetrics' PrecisionAtFixedRecall, RecallAtFixedPrecision,
/// SensitivityAtSpecificity, SpecificityAtSensitivity, which have the threshold 1e6 where here it is +inf.
inline operating_point precision_at_recall(count_curve const& curve, double min_recall) {
  return best_operating_point(curve, scores::precision{}, scores::recall{}, min_recall);
}
inline operating_point recall_at_precision(count_curve const& curve, double min_precision) {
  return best_operating_point(curve, scores::recall{}, scores::precision{}, min_precision);
}
inline operating_point sensitivity_at_specificity(count_curve const& curve, double min_specificity) {
  return best_operating_point(curve, scores::recall{}, scores::specificity{}, min_specificity);
}
inline operating_point specificity_at_sensitivity(count_curve const& curve, double min_sensitivity) {
  return best_operating_point(curve, scores::specificity{}, scores::recall{}, min_sensitivity);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::best_operating_point;
using metrics::operating_point;
using metrics::partial_roc_auc;
using metrics::precision_at_recall;
using metrics::recall_at_precision;
using metrics::sensitivity_at_specificity;
using metrics::specificity_at_sensitivity;
}  // namespace softf1::inline SOFTF1_ABI
