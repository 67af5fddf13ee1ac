// Tails and quantiles of the normal distribution, for tests and intervals on the host.
#pragma once

#include <cmath>
#include <limits>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// P(Z > x) of a standard normal Z = ½ erfc(x / √2). In [0, 1]; relative error below 1e-15 for |x| <= 6, 1e-13 below
/// x = 37, where it ends in subnormal numbers.
inline double normal_tail(double x) { return 0.5 * std::erfc(x * 0.70710678118654752440); }

/// P(Z <= x).
inline double normal_cdf(double x) { return normal_tail(-x); }

/// The x with P(Z <= x) = p. p in [0, 1]; −∞ at 0, ∞ at 1, NaN outside. Error at most 1e-14 · max(1, |x|) for p in
/// [1e-300, 1 − 1e-10] (nearer to 1 the distance 1 − p has few digits itself).
/// A rational start (Abramowitz and Stegun 26.2.23, within 4.5e-4), and three steps of Halley's method on erfc, each of
/// which cubes the error.
inline double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0 || p == 1)
    return p == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  double const tail = p < 0.5 ? p : 1 - p;
  double const t = std::sqrt(-2 * std::log(tail));
  double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int step = 0; step < 3; ++step) {
    double const u = (normal_tail(x) - tail) * 2.50662827463100050242 * std::exp(0.5 * x * x);
    x += u / (1 - 0.5 * x * u);
  }
  return p < 0.5 ? -x : x;
}

/// P(Z² > x): the tail of the chi-square distribution of one degree of freedom. 1 for x <= 0.
inline double chi_square_tail(double x) { return x > 0 ? std::erfc(std::sqrt(0.5 * x)) : 1.0; }

}  // namespace softf1::inline SOFTF1_ABI::math
