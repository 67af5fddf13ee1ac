// A strategy on scores and targets.
#pragma once

#include <type_traits>

#include <softf1/thresholds/best.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The rule that a strategy finds: `find_rule(ctx, youden{}, f1{}, scores, targets, {.domain = probability})`.
/// scores (N, L) in options.domain, targets (N, L) of 0 and 1, on any backend. `best` without options searches where the
/// scores are; all others on the host, in tuning_rows. To search the same rows many times, make tuning_rows once.
/// Errors as tuning_rows, and as the strategy. Cost: as tuning_rows, and as the strategy.
template <class B, class Strategy, class Score, class X, class Y>
decision_rule find_rule(context<B>& ctx, Strategy const& strategy, Score const& score, X const& scores,
                        Y const& targets, threshold_options<B> const& options = {}) {
  if constexpr (std::is_same_v<Strategy, best>)
    if (strategy.is_plain()) return best_thresholds(ctx, score, scores, targets, options);
  return strategy(tuning_rows(ctx, scores, targets, options, Strategy::name), score);
}

/// The same with a context of its own.
template <class Strategy, class Score, class X, class Y>
decision_rule find_rule(Strategy const& strategy, Score const& score, X const& scores, Y const& targets,
                        threshold_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return find_rule(ctx, strategy, score, scores, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::find_rule;
}
