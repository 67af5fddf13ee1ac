// F1 of decisions, with a soft gradient.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/scores/f1.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − F1 of hard counts of z >= threshold: the metric itself, in [0, 1]. The gradient is a surrogate: ∂F1/∂counts at the
/// hard counts, times σ'(z). Source: Bengio et al., "Estimating or propagating gradients through stochastic neurons for
/// conditional computation", 2013 (the straight-through estimator).
struct straight_through_f1 : soft_score<scores::f1, straight_through_link> {
  static constexpr std::string_view name = "straight_through_f1";
  constexpr straight_through_f1(straight_through_link l = {}, soft_options o = {}) : soft_score({}, l, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::straight_through_f1;
}  // namespace softf1::inline SOFTF1_ABI
