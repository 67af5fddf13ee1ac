// The set of labels of a row whose expected F-beta is greatest.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/math/poisson_binomial.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

namespace detail {

/// beta² = q / r.
struct squared_ratio {
  std::size_t q, r;
};

inline squared_ratio squared_ratio_of(double beta) {
  double const square = beta * beta, inverse = 1 / square;
  auto const is_whole = [](double x) { return x >= 1 && x <= 64 && std::fabs(x - std::round(x)) <= 1e-9 * x; };
  if (is_whole(square)) return {static_cast<std::size_t>(std::round(square)), 1};
  require_value(
      is_whole(inverse), "expected_f",
      "the square of beta must be a whole number from 1 to 64, or one over one, got beta " + number_text(beta));
  return {1, static_cast<std::size_t>(std::round(inverse))};
}

}  // namespace detail

/// The set of labels whose expected F-beta is greatest, where scores are the true probabilities of labels that are
/// independent, but for how many are true together: P(y) ∝ r(Σ y) Π p_i^{y_i} (1 − p_i)^{1 − y_i}. F-beta of an empty
/// set that is right is 1. It is the k most probable labels, for the best k, which may be 0: since r looks at the
/// number alone, exchanging a label for a more probable one never lowers the expectation.
/// beta² must be a whole number or one over one (1/4, 1, 4 …), at most 64 or 1/64.
/// Source: Ye, Chai, Lee and Chieu, "Optimizing F-measures: a tale of two approaches", ICML 2012 (without r);
/// Dembczyński et al., "An exact algorithm for F-measure maximization", NeurIPS 2011 (the empty set).
struct expected_f {
  double beta = 1;
  /// r(0 … L), >= 0, finite, not all 0; empty: labels are independent. Found by the strategy `gfm`.
  std::vector<double> size_weights = {};

  /// Throws value_error for another beta, or weights that are none.
  void check() const {
    detail::squared_ratio_of(beta);
    if (size_weights.empty()) return;
    double sum = 0;
    for (double r : size_weights) {
      require_value(r >= 0 && r * 0 == 0, "expected_f", "size_weights must be finite and >= 0, got " + number_text(r));
      sum += r;
    }
    require_value(sum > 0, "expected_f", "size_weights must not all be 0");
  }
};

/// What a row is decided to be, and what that is expected to be worth.
struct expected_set {
  std::size_t size;  ///< of the most probable labels
  double score;      ///< the expected F-beta of that set
};

namespace detail {

/// begins[k][i] = P(S_k = i): how many of the k first of independent labels are true. Cost: O(L²).
inline std::vector<std::vector<double>> sums_of_first(std::span<double const> probabilities) {
  std::vector<std::vector<double>> begins(probabilities.size() + 1);
  begins[0] = {1};
  for (std::size_t k = 1; k <= probabilities.size(); ++k) {
    begins[k] = begins[k - 1];
    math::add_event(begins[k], probabilities[k - 1]);
  }
  return begins;
}

/// The numbers from the first to behind the last that is above `least`.
struct some_of {
  std::size_t begin, end;
  some_of(std::vector<double> const& all, double least) : begin(0), end(all.size()) {
    while (begin < end && !(all[begin] > least)) ++begin;
    while (end > begin && !(all[end - 1] > least)) --end;
  }
};

}  // namespace detail

/// The best set of a row whose probabilities are given in descending order. With S_k the number of true labels among
/// the k first, and R_k among the others, E F(k) = Σ_i P(S_k = i) (1 + β²) i E 1 / (β² (i + R_k) + k); the last
/// expectation goes from k to k − 1 by one label at a time, so nothing is ever divided out of a distribution.
/// Throws value_error for a beta that expected_f does not take. Cost: O((q + r) L²) for L labels, L² / 2 + (q + r) L
/// numbers of scratch. Host only.
inline expected_set best_expected_set(std::span<double const> probabilities, double beta = 1) {
  auto const [q, r] = detail::squared_ratio_of(beta);
  std::size_t const labels = probabilities.size();
  double none = 1;  // P(no label is true)
  for (double p : probabilities) none *= 1 - p;
  expected_set best{0, none};
  auto const begins = detail::sums_of_first(probabilities);  // kept for all k: the walk below goes down
  // rest[a] = E 1 / (a + q R_k), for a from 1 to (q + r) k, first for k = L.
  std::vector<double> rest((q + r) * labels + 1);
  for (std::size_t a = 1; a < rest.size(); ++a) rest[a] = 1 / static_cast<double>(a);
  for (std::size_t k = labels; k >= 1; --k) {
    double expected = 0;
    for (std::size_t i = 1; i <= k; ++i) expected += static_cast<double>(i) * begins[k][i] * rest[r * k + q * i];
    expected *= static_cast<double>(q + r);
    if (expected > best.score || (expected == best.score && k < best.size)) best = {k, expected};
    double const p = probabilities[k - 1];
    for (std::size_t a = 1; a <= (q + r) * (k - 1); ++a) rest[a] = (1 - p) * rest[a] + p * rest[a + q];
  }
  return best;
}

/// The same where the number of true labels weighs: size_weights are r(0 … K), K >= L. With S_s the number of true
/// labels among the s first, R_s among the others, both as if independent, and Z = Σ_n P(S_L = n) r(n):
/// E F(s) = Σ_a Σ_b P(S_s = a) P(R_s = b) r(a + b) (1 + β²) a / (s + β² (a + b)) / Z. Ends of both distributions that
/// change it by less than 10⁻¹⁵ are left out. Where Z is 0 labels are independent. Errors as expected_f, and
/// value_error for too few weights.
/// Cost: Σ_s of the product of the widths of both, L³ / 6 at most. Host only.
inline expected_set best_expected_set(std::span<double const> probabilities, expected_f const& rule) {
  if (rule.size_weights.empty()) return best_expected_set(probabilities, rule.beta);
  rule.check();
  std::size_t const labels = probabilities.size();
  auto const& r = rule.size_weights;
  require_value(r.size() > labels, "expected_f",
                "size_weights must be for at least as many labels as a row has, " + std::to_string(labels));
  auto const begins = detail::sums_of_first(probabilities);
  double z = 0, most = 0;
  for (std::size_t n = 0; n <= labels; ++n) {
    z += begins[labels][n] * r[n];
    most = std::max(most, r[n]);
  }
  if (!(z > 0)) return best_expected_set(probabilities, rule.beta);
  double const least = 1e-15 * z / (most * static_cast<double>(2 * labels + 2)), square = rule.beta * rule.beta;
  expected_set best{0, begins[labels][0] * r[0] / z};
  std::vector<double> rest{1}, products(labels + 1);  // rest[b] = P(R_s = b)
  for (std::size_t s = labels; s >= 1; --s) {
    std::fill(products.begin(), products.end(), 0);  // Σ_{a + b = n} a P(S_s = a) P(R_s = b)
    detail::some_of const first(begins[s], least), others(rest, least);
    for (std::size_t a = first.begin; a < first.end; ++a)
      for (std::size_t b = others.begin; b < others.end; ++b)
        products[a + b] += static_cast<double>(a) * begins[s][a] * rest[b];
    double expected = 0;
    for (std::size_t n = 1; n <= labels; ++n)
      expected += products[n] * r[n] / (static_cast<double>(s) + square * static_cast<double>(n));
    expected *= (1 + square) / z;
    if (expected > best.score || (expected == best.score && s < best.size)) best = {s, expected};
    math::add_event(rest, probabilities[s - 1]);
  }
  return best;
}

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::best_expected_set;
using decisions::expected_f;
}  // namespace softf1::inline SOFTF1_ABI
