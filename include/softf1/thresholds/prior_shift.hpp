// Thresholds that follow labels which have become more or less frequent: no target is looked at.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/label_free.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// How frequent a label is where only its scores are known.
struct shifted_prior {
  double prior;            ///< its share of rows, in [0, 1]
  std::size_t iterations;  ///< of the EM; 0 where there was nothing to do
  bool converged;          ///< whether the last one moved the prior by at most 1e-9; false for a label without cells
};

/// Probability p, right where a label's share is `from`, where that is `to`:
/// p (to / from) / (p (to / from) + (1 − p) (1 − to) / (1 − from)). The same p where that is 0 / 0, or where `from` is
/// 0 or 1. With from and to exchanged it is the way back.
inline double shifted_probability(double p, double from, double to) {
  if (!(from > 0 && from < 1)) return p;
  double const yes = p * (to / from), no = (1 - p) * ((1 - to) / (1 - from));
  return yes + no > 0 ? yes / (yes + no) : p;
}

namespace detail {

/// A score as a probability, in [0, 1] whatever it is.
inline double bounded_probability(double score, score_domain domain) {
  double const p = decisions::to_probability(score, domain);
  return p > 0 ? (p < 1 ? p : 1) : 0;
}

inline shifted_prior shift_of(count_curve const& curve, score_domain domain, double old_prior) {
  constexpr std::size_t most_iterations = 1000;
  double const all = curve.positives + curve.negatives;
  shifted_prior found{old_prior, 0, all > 0};
  if (!(all > 0) || !(old_prior > 0 && old_prior < 1)) return found;
  std::vector<double> probabilities;
  for (auto const& point : curve.points) probabilities.push_back(bounded_probability(point.threshold, domain));
  for (found.converged = false; !found.converged && found.iterations < most_iterations; ++found.iterations) {
    double sum = 0, accepted = 0;
    for (std::size_t k = 1; k < curve.points.size(); ++k) {
      double const mass = curve.points[k].tp + curve.points[k].fp;
      sum += (mass - accepted) * shifted_probability(probabilities[k], old_prior, found.prior);
      accepted = mass;
    }
    double const share = sum < all ? sum / all : 1;
    found.converged = std::fabs(share - found.prior) <= 1e-9;
    found.prior = share;
  }
  return found;
}

}  // namespace detail

/// The share of rows that each label has here, where its scores were true probabilities at the old shares `priors`
/// (L,), and its rows of each class look as they did: EM, π ← the mean of shifted_probability(p, old, π), from the old
/// one on, at most 1000 steps. It climbs to the only maximum of the likelihood. An old prior of 0 or 1 cannot shift; a
/// label without cells keeps its own. Targets are not looked at; scores out of [0, 1] count as 0 and 1.
/// Throws shape_error for another number of priors, value_error for one outside [0, 1] (label named).
/// Cost: O(points) a step and label; deterministic. Source: Saerens, Latinne and Decaestecker, "Adjusting the outputs
/// of a classifier to new a priori probabilities: a simple procedure", Neural Computation 14, 2002.
inline std::vector<shifted_prior> shifted_priors(curve_source const& source, std::vector<double> const& priors) {
  require_shape("shifted_priors", "priors", {source.labels()}, std::vector<std::size_t>{priors.size()});
  std::vector<shifted_prior> all;
  for (std::size_t j = 0; j < source.labels(); ++j) {
    require_value(priors[j] >= 0 && priors[j] <= 1, "shifted_priors",
                  "priors must lie in [0, 1], got " + number_text(priors[j]) + " for label " + std::to_string(j));
    all.push_back(detail::shift_of(source.label(j), source.domain(), priors[j]));
  }
  return all;
}

/// The strategy `prior_shift`: as `label_free`, of probabilities that are corrected to the share of rows that the label
/// has here (shifted_priors); the threshold is brought back to the scores. The scores were probabilities where its
/// share was `prior`, or, without that option, the share of positives of these rows: then it mends scores that are too
/// high or too low throughout, as those of a balanced training. With `prior` it looks at no target, so that it can
/// follow drift; for a prior a label, see shifted_priors. Looks at no objective. A label without cells, or whose
/// probabilities are all 0, keeps probability 0.5, marked; without `prior` so does one without positives.
/// Throws value_error for a prior outside (0, 1), a beta that is negative or not finite. Cost: as shifted_priors.
/// Source: as there; Lipton, Elkan and Naryanaswamy, ECML 2014.
struct prior_shift {
  static constexpr std::string_view name = "prior_shift";
  static constexpr std::array<std::string_view, 2> option_names{"prior", "beta"};

  double prior = 0;  ///< 0: the share of positives of these rows
  double beta = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? prior : beta; }
  void check() const {
    require_value(prior >= 0 && prior < 1, name, "prior must lie in (0, 1), got " + number_text(prior));
    scores::f_beta{beta}.check();
  }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    set_maker made(source, name);
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const curve = source.label(j);
      double const cells = curve.positives + curve.negatives;
      if (!(prior > 0) && !(curve.positives > 0)) {
        made.add_neutral();
        continue;
      }
      double const old = prior > 0 ? prior : curve.positives / cells;
      double const now = detail::shift_of(curve, source.domain(), old).prior;
      double const best = promised_f(curve, beta, [&](double score) {
        return shifted_probability(detail::bounded_probability(score, source.domain()), old, now);
      });
      double const t = best / (1 + beta * beta);
      double const back = now < 1 ? shifted_probability(t, now, old) : old < 1 ? 0 : t;
      if (best > 0)
        made.add(decisions::from_probability(back, source.domain()), name);
      else
        made.add(source.neutral(), "no cells");
    }
    return made.take();
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::shifted_priors;
}
