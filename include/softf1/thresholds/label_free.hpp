// Half of the F that probabilities promise of themselves: thresholds without targets.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/f_beta.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The greatest F-beta that is expected of the k highest scores of a curve, where probability_of(score) is the true
/// probability of each: (1 + beta²) Σ_k p / (beta² Σ p + k). 0 without cells. Cost: O(points).
template <class Probability>
double promised_f(count_curve const& curve, double beta, Probability const& probability_of) {
  auto const walk = [&](auto const& visit) {
    double accepted = 0, hits = 0;
    for (std::size_t k = 1; k < curve.points.size(); ++k) {
      double const mass = curve.points[k].tp + curve.points[k].fp;
      hits += (mass - accepted) * probability_of(curve.points[k].threshold);
      accepted = mass;
      visit(accepted, hits);
    }
    return hits;
  };
  double const all = walk([](double, double) {});
  double best = 0;
  walk([&](double accepted, double hits) {
    double const f = (1 + beta * beta) * hits / (beta * beta * all + accepted);
    best = f > best ? f : best;
  });
  return best;
}

/// The strategy `label_free`: as `f_star`, with the F-beta that is expected where each score is the true probability of its
/// label: of the k highest, (1 + beta²) Σ_k p / (beta² Σ p + k). Looks at no target (so that it can follow drift), and at
/// no objective. A label without cells, or whose probabilities are all 0, keeps probability 0.5, marked.
/// Throws value_error for a beta that is negative or not finite. Cost: O(points) a label. Source: Lipton, Elkan and
/// Naryanaswamy, ECML 2014.
struct label_free {
  static constexpr std::string_view name = "label_free";
  static constexpr std::array<std::string_view, 1> option_names{"beta"};

  double beta = 1;

  constexpr double& option(std::size_t) { return beta; }
  void check() const { scores::f_beta{beta}.check(); }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    set_maker made(source, name);
    for (std::size_t j = 0; j < source.labels(); ++j) {
      double const best =
          promised_f(source.label(j), beta, [&](double z) { return decisions::to_probability(z, source.domain()); });
      if (best > 0)
        made.add(decisions::from_probability(best / (1 + beta * beta), source.domain()), name);
      else
        made.add(source.neutral(), "no cells");
    }
    return made.take();
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
