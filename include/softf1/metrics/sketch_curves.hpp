// Curves from binned scores.
#pragma once

#include <vector>

#include <softf1/metrics/curve_counts.hpp>
#include <softf1/metrics/sketch_bounds.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The points of the exact curve whose thresholds are edges of bins that are not empty: all curves take it. Every point
/// is exact. Proof of what lies between: from one point to the next both counts only grow, so the exact curve stays in
/// the rectangle that has the two points as corners. ∎ Cost: O(bins).
inline count_curve curve_at_edges(binned_scores const& bins) {
  count_curve curve;
  curve.is_binned = true;
  curve.points.push_back({infinity<double>(), 0, 0});
  detail::walk_bins(bins, [&](detail::met_bin const& b) { curve.points.push_back({b.edge, b.tp + b.p, b.fp + b.n}); });
  curve.positives = curve.points.back().tp;
  curve.negatives = curve.points.back().fp;
  return curve;
}

/// A score at the edge of a bin, and what it can be within the bin.
struct score_band {
  double threshold, score;  ///< exact, at the edge
  double lower, upper;      ///< at every threshold above the edge and below the next bin's
};

/// Any score over thresholds, with what it can be between the edges: in [score(tp, fp + n), score(tp + p, fp)] for
/// scores that do not fall with tp and do not grow with fp; the proof and the scores are those of best_bin_edge. With
/// precision and recall this is a band around the precision-recall curve. In descending order of thresholds; where no
/// point has a bin, nothing changes. Cost: O(bins).
template <class Score>
std::vector<score_band> banded_score_curve(binned_scores const& bins, Score const& score, double zero_division = 0) {
  double const positives = bins.total_positives(), negatives = bins.total_negatives();
  auto const at = [&](double tp, double fp) {
    return scores::accepted_score_or(score, tp, fp, positives, negatives, zero_division);
  };
  std::vector<score_band> all;
  detail::walk_bins(bins, [&](detail::met_bin const& b) {
    all.push_back({b.edge, at(b.tp + b.p, b.fp + b.n), at(b.tp, b.fp + b.n), at(b.tp + b.p, b.fp)});
  });
  return all;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::banded_score_curve;
using metrics::curve_at_edges;
}  // namespace softf1::inline SOFTF1_ABI
