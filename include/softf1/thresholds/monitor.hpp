// Are thresholds still right for scores of today? A look that needs no targets.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/metrics/multiple_tests.hpp>
#include <softf1/metrics/two_rates.hpp>
#include <softf1/scores/f_beta.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/prior_shift.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// One label, then (on the rows its threshold was found on) and now. NaN: unknown.
struct label_drift {
  double rate_then, rate_now;    ///< the share of rows for which it is predicted
  double p;                      ///< two-sided, that both are the same rate
  double adjusted;               ///< the same, of as many tests as there are labels (Holm)
  bool drifted;                  ///< adjusted <= level
  double prior_then, prior_now;  ///< the share of rows that have it: counted, and estimated
  double threshold, suggested;   ///< the same unless it has drifted
};

/// The threshold that keeps its place among true probabilities where the share of positives goes from `from` to `to`
/// and rows of each class look as they did. By Bayes a logit z becomes z + logit(to) − logit(from), so the threshold t
/// of z becomes t − (logit(to) − logit(from)): it falls where the label is more frequent. In other domains the same for
/// the logit of t. Infinite thresholds, and shares of 0 and 1, leave it as it is. Source: Saerens, Latinne and
/// Decaestecker, Neural Computation 14, 2002.
inline double shifted_threshold(double t, double from, double to, score_domain domain) {
  if (!(from > 0 && from < 1 && to > 0 && to < 1) || std::isinf(t)) return t;
  if (domain != score_domain::logit) return t >= 0 && t <= 1 ? shifted_probability(t, to, from) : t;
  return t - (decisions::from_probability(to, score_domain::logit) -
              decisions::from_probability(from, score_domain::logit));
}

namespace detail {

// The cells of a curve as they would weigh where the share of positives is `from` and not `to`; probability_of is right
// for `to`.
template <class Probability>
count_curve reweighted_curve(count_curve const& curve, double from, double to, Probability const& probability_of) {
  count_curve other{{curve.points.front()}, 0, 0};
  double accepted = 0;
  for (std::size_t k = 1; k < curve.points.size(); ++k) {
    double const all = curve.points[k].tp + curve.points[k].fp, q = probability_of(curve.points[k].threshold);
    double const mass = (all - accepted) * (q * from / to + (1 - q) * (1 - from) / (1 - to));
    other.points.push_back({curve.points[k].threshold, other.points.back().tp + mass, 0});
    accepted = all;
  }
  return other;
}

// By how much the best threshold of true probabilities, F / (1 + beta²), rises (as a logit) from one share to the
// other.
inline double risen_cut(count_curve const& curve, score_domain domain, double from, double to, double beta) {
  auto const then = [&](double score) { return bounded_probability(score, domain); };
  auto const now = [&](double score) { return shifted_probability(then(score), from, to); };
  auto const log_odds = [&](double f) {
    return decisions::from_probability(f / (1 + beta * beta), score_domain::logit);
  };
  double const rise =
      log_odds(promised_f(curve, beta, now)) - log_odds(promised_f(reweighted_curve(curve, from, to, now), beta, then));
  return std::isfinite(rise) ? rise : 0;
}

inline double suggested_threshold(curve_source const& now, std::size_t j, label_drift const& label, double beta) {
  auto const curve = now.label(j);
  double const half_a_row = 0.5 / std::fmax(1, curve.positives + curve.negatives), from = label.prior_then;
  double const to = std::fmin(std::fmax(label.prior_now, half_a_row), 1 - half_a_row);
  double const shifted = shifted_threshold(label.threshold, from, to, now.domain());
  if (std::isnan(beta) || std::isinf(shifted)) return shifted;
  double const rise = risen_cut(curve, now.domain(), from, to, beta);
  if (now.domain() == score_domain::logit) return shifted + rise;
  return shifted > 0 && shifted < 1
             ? decisions::to_probability(decisions::from_probability(shifted, score_domain::logit) + rise,
                                         score_domain::logit)
             : shifted;
}

}  // namespace detail

/// How drift is looked for.
struct drift_options {
  double level = 0.05;  ///< of the tests of all labels together
  /// The thresholds are to be best for F-beta. NaN: for something else; then they keep their place among true
  /// probabilities.
  double beta = 1;
};

/// What has become of a rule's decisions: `now` has the scores of today (its targets are not looked at), `set` the
/// accounts of the rows that its thresholds were found on. A label has drifted where the rate at which it is predicted
/// differs by more than chance, two_rates_p_value corrected for the number of labels: without drift none is named, with
/// probability 1 − level.
///
/// The share of positives now is what shifted_priors estimates. For a label that has drifted a threshold is suggested:
/// shifted_threshold(t, then, now) as a logit, plus logit(c_now) − logit(c_then), where c = F / (1 + beta²) is the best
/// threshold of true probabilities, F the best F-beta that the corrected probabilities promise (promised_f), now and if
/// the share were as it was then: where a label is more frequent, F is higher. A share of less than half a row is half
/// a row.
///
/// All this presumes that scores are near to true probabilities, and that only the shares of labels have moved: no
/// score tells whether rows of a class look different now. The share then is known no better than its rows allow, and
/// its error is carried over, enlarged. Labelled rows and a new calibration are better. Throws value_error for a set
/// without accounts, another domain, a level outside (0, 1) or a negative beta; shape_error for another number of
/// labels. Cost: as shifted_priors. Source: Saerens, Latinne and Decaestecker, Neural Computation 14, 2002; Lipton,
/// Elkan and Naryanaswamy, ECML 2014.
inline std::vector<label_drift> drift_of(curve_source const& now, threshold_set const& set,
                                         drift_options const& options = {}) {
  constexpr std::string_view who = "drift_of";
  require_value(options.level > 0 && options.level < 1, who,
                "level must lie in (0, 1), got " + number_text(options.level));
  if (!std::isnan(options.beta)) scores::f_beta{options.beta}.check();
  auto const thresholds = decisions::thresholds_of(set, now.labels(), now.domain(), who);
  require_value(
      !set.accounts.empty(), who,
      "the decision rule does not say how often it predicted each label on the rows it was found on, calibrate "
      "again");
  std::vector<label_drift> labels;
  std::vector<double> priors, p_values;
  for (std::size_t j = 0; j < now.labels(); ++j) {
    auto const& then = set.accounts[j];
    auto const counts = now.label(j).counts_at(thresholds[j]);
    double const cells = counts.total(), predicted = counts.predicted(), prior = then.positives / then.cells;
    bool const known = then.predicted >= 0 && then.predicted <= then.cells;
    p_values.push_back(known ? two_rates_p_value(then.predicted, then.cells, predicted, cells)
                             : threshold_account::unknown);
    priors.push_back(prior >= 0 && prior <= 1 ? prior : 0);
    labels.push_back({then.predicted / then.cells, predicted / cells, p_values.back(), 0, false, prior,
                      threshold_account::unknown, thresholds[j], thresholds[j]});
  }
  auto const adjusted = metrics::holm(p_values);
  auto const shifted = shifted_priors(now, priors);
  for (std::size_t j = 0; j < now.labels(); ++j) {
    auto& label = labels[j];
    label.adjusted = adjusted[j];
    label.drifted = adjusted[j] <= options.level;
    if (!(label.prior_then > 0 && label.prior_then < 1)) continue;
    label.prior_now = shifted[j].prior;
    if (label.drifted) label.suggested = detail::suggested_threshold(now, j, label, options.beta);
  }
  return labels;
}

/// The set with the suggested thresholds, and for the labels that have drifted an account of today: the cells and the
/// predictions of these scores, the estimated positives, and nothing more. `labels` is what drift_of found.
/// Throws shape_error for another number of them. Cost: O(points) a label that has drifted.
inline threshold_set suggested_set(curve_source const& now, threshold_set set, std::vector<label_drift> const& labels) {
  require_shape("suggested_set", "labels", {set.labels()}, std::vector<std::size_t>{labels.size()});
  set.reasons.resize(set.labels());
  set.accounts.resize(set.labels());
  for (std::size_t j = 0; j < set.labels(); ++j) {
    if (!labels[j].drifted) continue;
    auto const counts = now.label(j).counts_at(labels[j].suggested);
    set.thresholds[j] = labels[j].suggested;
    set.reasons[j] = "drift";
    set.accounts[j] = {
        .cells = counts.total(), .positives = labels[j].prior_now * counts.total(), .predicted = counts.predicted()};
  }
  return set;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::drift_of;
using thresholds::drift_options;
using thresholds::shifted_threshold;
using thresholds::suggested_set;
}  // namespace softf1::inline SOFTF1_ABI
