// The set of labels whose expected F-beta is greatest, whatever their joint distribution.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// A set of labels, and what it is expected to be worth.
struct gfm_set {
  std::vector<std::size_t> labels;  ///< ascending
  double score;                     ///< its expected F-beta
};

/// The set h with the greatest expected F-beta, (1 + β²) |y ∩ h| / (|h| + β² |y|), that of an empty set that is right
/// being 1. joint (L, L): joint(i, k − 1) = P(y_i = 1 and Σ y = k); none = P(Σ y = 0). With Δ(i, s) = Σ_k joint(i, k −
/// 1) (1 + β²) / (s + β² k), a set of s labels is worth the sum of its Δ(i, s): for each s the s highest, of those that
/// tie the first; of equal sets the smallest. Nothing is assumed of how labels depend on each other.
/// Throws shape_error unless joint is square, value_error for what is no probability or a beta that is not finite and > 0.
/// Cost: O(L³); deterministic. Host only.
/// Source: Dembczyński, Waegeman, Cheng and Hüllermeier, "An exact algorithm for F-measure maximization", NeurIPS 2011.
inline gfm_set best_gfm_set(matrix_view<const double> joint, double none, double beta = 1) {
  std::string_view const who = "best_gfm_set";
  std::size_t const labels = joint.rows();
  require_shape(who, "joint", {labels, labels}, joint.shape());
  require_value(beta > 0 && beta * 0 == 0, who, "beta must be finite and > 0, got " + number_text(beta));
  auto const require_probability = [&](double p) {
    require_value(p >= 0 && p <= 1, who, "probabilities must lie in [0, 1], got " + number_text(p));
  };
  require_probability(none);
  for (std::size_t i = 0; i < labels; ++i)
    for (std::size_t k = 0; k < labels; ++k) require_probability(joint(i, k));
  double const square = beta * beta;
  gfm_set best{{}, none};
  for (std::size_t s = 1; s <= labels; ++s) {
    std::vector<std::pair<double, std::size_t>> gains;  // negative, so that equal ones stay in order
    for (std::size_t i = 0; i < labels; ++i) {
      double gain = 0;
      for (std::size_t k = 1; k <= labels; ++k)
        gain += joint(i, k - 1) * (1 + square) / (static_cast<double>(s) + square * static_cast<double>(k));
      gains.emplace_back(-gain, i);
    }
    std::sort(gains.begin(), gains.end());
    double score = 0;
    for (std::size_t n = 0; n < s; ++n) score -= gains[n].first;
    if (!(score > best.score)) continue;
    best = {{}, score};
    for (std::size_t n = 0; n < s; ++n) best.labels.push_back(gains[n].second);
  }
  std::sort(best.labels.begin(), best.labels.end());
  return best;
}

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::best_gfm_set;
}
