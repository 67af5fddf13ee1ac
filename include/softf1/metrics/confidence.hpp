// Confidence intervals of metrics in one line each.
#pragma once

#include <vector>

#include <softf1/metrics/decided_rows.hpp>
#include <softf1/metrics/intervals.hpp>
#include <softf1/metrics/ranked_rows.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A score of confusion counts under an average with its interval: `score_interval(f1{}, averaging::macro, scores,
/// targets)`. scores (N, L), targets (N, L) of 0 and 1. Several at once, or each label: decided_rows and
/// confidence_intervals. Errors and cost as these.
template <class Score, class X, class Y>
interval score_interval(Score const& score, averaging how, X const& scores, Y const& targets,
                        metric_options<backend_of<X>> const& options = {}, interval_options const& interval = {}) {
  decided_rows rows;
  rows.add(scores, targets, options);
  return confidence_intervals(rows.statistic(score, how), interval)[0];
}

/// The method that covers best in simulations (see confidence_intervals): corrected for average precision, whose estimate
/// is biased, bca for AUROC, as for scores of counts.
inline interval_method usual_method(rank_score score) {
  return score == rank_score::average_precision ? interval_method::corrected : interval_method::bca;
}

/// Average precision or AUROC, averaged by options.average, with its interval, by its usual method unless told otherwise:
/// ranked_rows and confidence_intervals.
template <class X, class Y>
interval ranking_interval(rank_score score, X const& scores, Y const& targets,
                          ranking_options<backend_of<X>> const& options, interval_options const& interval) {
  ranked_rows rows;
  rows.add(scores, targets, options);
  return confidence_intervals(rows.statistic(score, options.average), interval)[0];
}
template <class X, class Y>
interval ranking_interval(rank_score score, X const& scores, Y const& targets,
                          ranking_options<backend_of<X>> const& options = {}) {
  return ranking_interval(score, scores, targets, options, {.method = usual_method(score)});
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::ranking_interval;
using metrics::score_interval;
using metrics::usual_method;
}  // namespace softf1::inline SOFTF1_ABI
