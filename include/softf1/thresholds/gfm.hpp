// Rows decided by their own probabilities, and by how many labels rows have.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/math/poisson_binomial.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `gfm`: the rule expected_f with size_weights r(n) by which numbers of labels are as frequent on these
/// rows as they should be: Σ_i w_i P_i(n) r(n) / Z_i = T(n), where P_i(n) is the probability that n labels of row i are
/// true if they are independent, and Z_i = Σ_n P_i(n) r(n). T(n) = W (C(n) + strength M(n) / W) / (W + strength), with
/// C(n) the weight of the rows that have n labels, M(n) = Σ_i w_i P_i(n), and W the weight of all: `strength` rows are
/// taken to be as independence has it, so that no number that was not seen is ruled out. Iterative proportional
/// fitting, r(n) ← r(n) T(n) / Σ_i w_i P_i(n) r(n) / Z_i, which raises the likelihood of the numbers of labels, until
/// no share is off by more than 10⁻⁹, or 500 times; r is scaled so that the greatest is 1. Rows without present cells
/// are left out; without others labels are independent. Looks at no objective.
/// Throws value_error for a strength that is negative or not finite, and for betas that expected_f does not take.
/// Cost: 8 bytes a cell; O(L²) a row to begin with, O(L) a step. Source: Dembczyński, Waegeman, Cheng and Hüllermeier,
/// NeurIPS 2011 (GFM, from joint probabilities); Deming and Stephan, "On a least squares adjustment of a sampled
/// frequency table", 1940 (the fitting).
struct gfm {
  static constexpr std::string_view name = "gfm";
  static constexpr std::array<std::string_view, 2> option_names{"beta", "strength"};
  static constexpr int most_steps = 500;

  double beta = 1;
  double strength = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? beta : strength; }
  void check() const {
    decisions::expected_f{beta}.check();
    require_value(strength >= 0 && strength * 0 == 0, name,
                  "strength must be finite and >= 0, got " + number_text(strength));
  }

  decision_rule operator()(tuning_rows const& rows, objective_function const&) const {
    check();
    std::size_t const sizes = rows.labels() + 1;
    std::vector<double> if_independent, weights, target(sizes);  // (rows that count, sizes), of those rows, (sizes,)
    double all = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) add(rows, i, if_independent, weights, target);
    for (double w : weights) all += w;
    if (!(all > 0)) return decisions::expected_f{beta};
    for (std::size_t k = 0; k < if_independent.size(); ++k)
      target[k % sizes] += strength / all * weights[k / sizes] * if_independent[k];
    std::vector<double> r(sizes, 1), fitted(sizes);
    double off = 1;
    for (int step = 0; step < most_steps && off > 1e-9; ++step) {
      std::fill(fitted.begin(), fitted.end(), 0);
      for (std::size_t i = 0; i < weights.size(); ++i) {
        double const* const p = if_independent.data() + i * sizes;
        double z = 0;
        for (std::size_t n = 0; n < sizes; ++n) z += p[n] * r[n];
        for (std::size_t n = 0; n < sizes && z > 0; ++n) fitted[n] += weights[i] * p[n] * r[n] / z;
      }
      off = 0;
      for (std::size_t n = 0; n < sizes; ++n) {
        double const wanted = target[n] * all / (all + strength);
        off = std::max(off, std::fabs(wanted - fitted[n]) / all);
        if (fitted[n] > 0) r[n] *= wanted / fitted[n];
      }
      double const greatest = *std::max_element(r.begin(), r.end());
      if (!(greatest > 0 && greatest * 0 == 0)) return decisions::expected_f{beta};
      for (double& x : r) x /= greatest;
    }
    return decisions::expected_f{beta, r};
  }

 private:
  static void add(tuning_rows const& rows, std::size_t i, std::vector<double>& if_independent,
                  std::vector<double>& weights, std::vector<double>& target) {
    if (!(rows.weight(i) > 0)) return;
    std::vector<double> sizes{1};
    std::size_t truth = 0;
    for (std::size_t j = 0; j < rows.labels(); ++j) {
      if (!rows.present(i, j)) continue;
      math::add_event(sizes, decisions::to_probability(rows.score(i, j), rows.domain()));
      truth += rows.positive(i, j);
    }
    if (sizes.size() == 1) return;
    target[truth] += rows.weight(i);
    weights.push_back(rows.weight(i));
    sizes.resize(rows.labels() + 1);
    if_independent.insert(if_independent.end(), sizes.begin(), sizes.end());
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
