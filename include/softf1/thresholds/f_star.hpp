// Half of the best F: what the best threshold of a calibrated probability is.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/f_beta.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `f_star`: for each label probability F* / (1 + beta²), where F* is the greatest F-beta that any of its
/// thresholds reaches: the best threshold where scores are calibrated probabilities, and steadier than the best on few
/// positives, since F* varies less than the place where it is reached. Looks at no objective. A label without positives
/// keeps probability 0.5, marked. Throws value_error for a beta that is negative or not finite. Cost: O(points) a label.
/// Source: Lipton, Elkan and Naryanaswamy, "Optimal thresholding of classifiers to maximize F1 measure", ECML 2014; for
/// beta: Zhao, Edakunni, Pocock and Brown, JMLR 14, 2013.
struct f_star {
  static constexpr std::string_view name = "f_star";
  static constexpr std::array<std::string_view, 1> option_names{"beta"};

  double beta = 1;

  constexpr double& option(std::size_t) { return beta; }
  void check() const { scores::f_beta{beta}.check(); }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    scores::f_beta const f{beta};
    set_maker made(source, name);
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const curve = source.label(j);
      auto const best = best_point(curve, [&](std::size_t k) { return f(curve.counts(k)); });
      if (!(curve.positives > 0) || best.at == curve_point::none)
        made.add_neutral();
      else
        made.add(decisions::from_probability(best.value / (1 + beta * beta), source.domain()), name);
    }
    return made.take();
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
