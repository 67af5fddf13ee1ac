// What a score is worth beside predictors that know nothing, and labels on which a model has collapsed.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/metrics/average.hpp>
#include <softf1/scores/f1.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A score beside those of trivial predictors on the same cells. The greater is taken as the better.
struct score_baselines {
  double value;
  double all_positive;  ///< of "yes" everywhere: for F1 2π / (1 + π) at prevalence π
  double all_negative;  ///< of "no" everywhere
  double prior_random;  ///< of the counts expected of a "yes" at random at the rate of the truth: for F1 π
  double lift;          ///< value − the best of the three; NaN where it or all of them are undefined

  double best_trivial() const { return std::fmax(all_positive, std::fmax(all_negative, prior_random)); }
};

/// The score of these counts, or average of them over labels, beside its baselines; undefined ones count as
/// zero_division. Throws as average. Cost: O(L). Source: Lipton et al., "Optimal thresholding of classifiers to maximize
/// F1 measure", 2014 (all positive).
template <class Score>
score_baselines baselines(Score const& score, std::span<confusion<double> const> labels,
                          averaging how = averaging::macro, double zero_division = 0) {
  auto const of = [&](auto const& predictor) {
    std::vector<confusion<double>> counts;
    for (auto const& c : labels) counts.push_back(predictor(c));
    return average(score, counts, how, zero_division);
  };
  score_baselines b{of([](auto const& c) { return c; }), of([](auto const& c) { return c.all_positive(); }),
                    of([](auto const& c) { return c.all_negative(); }),
                    of([](auto const& c) { return c.prior_random(); }), 0};
  b.lift = b.value - b.best_trivial();
  return b;
}

/// What is wrong with a label, or with what is predicted for it.
enum class label_condition {
  no_cells,           ///< masked in full
  no_positives,       ///< the truth is constant: nothing can be learnt or measured
  no_negatives,       ///< the truth is constant
  never_predicted,    ///< the prediction is constant, the truth is not
  always_predicted,   ///< the prediction is constant, the truth is not
  beaten_by_trivial,  ///< F1 is no better than that of "yes" everywhere
  constant_scores,    ///< all scores are the same: see find_saturated, as of the next
  saturated           ///< probabilities are at 0 or 1
};

constexpr std::string_view name_of(label_condition c) {
  constexpr std::string_view names[] = {"no cells",        "no positives",           "no negatives",
                                        "never predicted", "always predicted",       "no better than all positive",
                                        "constant scores", "saturated probabilities"};
  return names[static_cast<std::size_t>(c)];
}

/// A label and its condition.
struct label_remark {
  std::size_t label;
  label_condition condition;
  friend bool operator==(label_remark const&, label_remark const&) = default;
};

/// The labels whose truth or prediction is constant, or whose F1 a trivial predictor reaches: at most one remark a label,
/// the first that holds, in the order of the conditions. Cost: O(L).
inline std::vector<label_remark> find_collapse(std::span<confusion<double> const> labels) {
  std::vector<label_remark> remarks;
  for (std::size_t j = 0; j < labels.size(); ++j) {
    auto const& c = labels[j];
    scores::f1 const f1;
    auto const remark = [&](label_condition what) { remarks.push_back({j, what}); };
    if (c.total() == 0)
      remark(label_condition::no_cells);
    else if (c.support() == 0)
      remark(label_condition::no_positives);
    else if (c.support() == c.total())
      remark(label_condition::no_negatives);
    else if (c.predicted() == 0)
      remark(label_condition::never_predicted);
    else if (c.predicted() == c.total())
      remark(label_condition::always_predicted);
    else if (!(f1(c) > f1(c.all_positive())))
      remark(label_condition::beaten_by_trivial);
  }
  return remarks;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::baselines;
using metrics::find_collapse;
}  // namespace softf1::inline SOFTF1_ABI
