// The set of labels of a row whose expected F-beta is greatest.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <softf1/core/errors.hpp>

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

/// The set of labels whose expected F-beta is greatest, where labels are independent and scores their true probabilities;
/// F-beta of an empty set that is right is 1. It is the k most probable labels, for the best k, which may be 0.
/// beta² must be a whole number or one over one (1/4, 1, 4 …), at most 64 or 1/64.
/// Source: Ye, Chai, Lee and Chieu, "Optimizing F-measures: a tale of two approaches", ICML 2012 (the recursion below);
/// Dembczyński et al., "An exact algorithm for F-measure maximization", NeurIPS 2011 (the empty set).
struct expected_f {
  double beta = 1;

  /// Throws value_error for another beta.
  void check() const { detail::squared_ratio_of(beta); }
};

/// What a row is decided to be, and what that is expected to be worth.
struct expected_set {
  std::size_t size;  ///< of the most probable labels
  double score;      ///< the expected F-beta of that set
};

/// The best set of a row whose probabilities are given in descending order. With S_k the number of true labels among the k
/// first, and R_k among the others, E F(k) = Σ_i P(S_k = i) (1 + β²) i E 1 / (β² (i + R_k) + k); the last expectation
/// goes from k to k − 1 by one label at a time, so nothing is ever divided out of a distribution.
/// Throws value_error for a beta that expected_f does not take. Cost: O((q + r) L²) for L labels, L² / 2 + (q + r) L numbers
/// of scratch. Host only.
inline expected_set best_expected_set(std::span<double const> probabilities, double beta = 1) {
  auto const [q, r] = detail::squared_ratio_of(beta);
  std::size_t const labels = probabilities.size();
  double none = 1;  // P(no label is true)
  for (double p : probabilities) none *= 1 - p;
  expected_set best{0, none};
  // begins[k][i] = P(S_k = i), kept for all k: the walk below goes down.
  std::vector<std::vector<double>> begins(labels + 1);
  begins[0] = {1};
  for (std::size_t k = 1; k <= labels; ++k) {
    double const p = probabilities[k - 1];
    begins[k].assign(k + 1, 0);
    for (std::size_t i = 0; i < k; ++i) {
      begins[k][i] += begins[k - 1][i] * (1 - p);
      begins[k][i + 1] += begins[k - 1][i] * p;
    }
  }
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

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::best_expected_set;
using decisions::expected_f;
}  // namespace softf1::inline SOFTF1_ABI
