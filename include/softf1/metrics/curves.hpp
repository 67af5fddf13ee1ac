// Curves of one label, or of pooled cells, as plain points: exact from scores, at the edges of bins from a sketch.
#pragma once

#include <cmath>
#include <vector>

#include <softf1/metrics/curve_counts.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// Thresholds decide `score >= threshold`. Every distinct score has its point: none is dropped (see thin_curve).
struct roc_point {
  double threshold, fpr, tpr;
};
struct precision_recall_point {
  double threshold, recall, precision;
};
struct score_point {
  double threshold, score;
};
struct gain_point {
  double threshold;
  double share;  ///< of the cells that are accepted
  double gain;   ///< share of the positives that are accepted: recall
  double lift;   ///< gain / share: precision / prevalence
};
struct det_point {
  double threshold, fpr, fnr;
};

namespace detail {
template <class Point, class Make>
std::vector<Point> points_of(count_curve const& curve, Make const& make) {
  std::vector<Point> all;
  all.reserve(curve.points.size());
  for (std::size_t k = 0; k < curve.points.size(); ++k) all.push_back(make(curve.points[k], curve.counts(k)));
  return all;
}
}  // namespace detail

/// True against false positive rate, from (+inf, 0, 0) in descending order of thresholds to (1, 1). A rate of a class
/// that does not occur is NaN. Cost: O(points), as of all below.
/// Source: scikit-learn's roc_curve with drop_intermediate=False.
inline std::vector<roc_point> roc_curve(count_curve const& curve) {
  return detail::points_of<roc_point>(curve, [&](accepted_cells const& at, auto const&) {
    return roc_point{at.threshold, ratio(at.fp, curve.negatives), ratio(at.tp, curve.positives)};
  });
}

/// Precision against recall in ascending order of thresholds: from all accepted to the highest score, then (recall 0,
/// precision 1) at +inf, by convention. Recall is NaN without positives (scikit-learn: 1).
/// Source: scikit-learn's precision_recall_curve.
inline std::vector<precision_recall_point> precision_recall_curve(count_curve const& curve) {
  std::vector<precision_recall_point> all;
  all.reserve(curve.points.size());
  for (std::size_t k = curve.points.size(); k-- > 1;) {
    accepted_cells const& at = curve.points[k];
    all.push_back({at.threshold, ratio(at.tp, curve.positives), at.tp / (at.tp + at.fp)});
  }
  all.push_back({infinity<double>(), 0, 1});
  return all;
}

/// Any score over thresholds, in their descending order: `score_curve(curve, f_beta{})`. At each threshold it is what
/// the metric of decisions reports there, to the bit (but for the first point, where a score is +inf: no threshold leaves
/// it out). An undefined score is zero_division.
template <class Score>
std::vector<score_point> score_curve(count_curve const& curve, Score const& score, double zero_division = 0) {
  return detail::points_of<score_point>(curve, [&](accepted_cells const& at, confusion<double> const& counts) {
    return score_point{at.threshold, defined_score(score, counts, zero_division)};
  });
}

/// Cumulative gain and lift over the share of accepted cells, in descending order of thresholds; lift is NaN where none
/// is accepted. Source: Witten, Frank, Hall, Data Mining, 2011, section 5.7.
inline std::vector<gain_point> gain_curve(count_curve const& curve) {
  return detail::points_of<gain_point>(curve, [&](accepted_cells const& at, auto const&) {
    double const share = ratio(at.tp + at.fp, curve.positives + curve.negatives);
    double const gain = ratio(at.tp, curve.positives);
    return gain_point{at.threshold, share, gain, ratio(gain, share)};
  });
}

/// Detection error trade-off: false negative against false positive rate, in descending order of thresholds, from (0,
/// 1) to (1, 0). scikit-learn's det_curve is this in reverse, without the points before the first false positive and
/// after the last true positive but one each. Source: Martin et al., Eurospeech 1997.
inline std::vector<det_point> det_curve(count_curve const& curve) {
  return detail::points_of<det_point>(curve, [&](accepted_cells const& at, confusion<double> const& counts) {
    return det_point{at.threshold, ratio(at.fp, curve.negatives), ratio(counts.fn, curve.positives)};
  });
}

/// Fewer points of a curve, for plotting: every point that is left out lies within `tolerance`, along both axes, of the
/// last point kept before it, and so of the polyline through those kept. The first and the last point stay.
/// `thin_curve(points, &roc_point::fpr, &roc_point::tpr, 0.001)`; a monotone curve in the unit square keeps at most
/// 2 / tolerance + 2 points, plus those with a coordinate that is not finite. tolerance >= 0, in units of the axes.
/// Throws value_error for another. Cost: O(points).
template <class Point>
std::vector<Point> thin_curve(std::vector<Point> const& points, double Point::*x, double Point::*y, double tolerance) {
  require_value(tolerance >= 0, "thin_curve", "tolerance must be >= 0, got " + number_text(tolerance));
  std::vector<Point> kept;
  for (std::size_t k = 0; k < points.size(); ++k) {
    bool const near = !kept.empty() && std::fabs(points[k].*x - kept.back().*x) <= tolerance &&
                      std::fabs(points[k].*y - kept.back().*y) <= tolerance;
    if (!near || k + 1 == points.size()) kept.push_back(points[k]);
  }
  return kept;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::det_curve;
using metrics::gain_curve;
using metrics::precision_recall_curve;
using metrics::roc_curve;
using metrics::score_curve;
using metrics::thin_curve;
}  // namespace softf1::inline SOFTF1_ABI
