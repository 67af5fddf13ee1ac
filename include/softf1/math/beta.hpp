// The regularised incomplete beta function: tails of the binomial and beta distributions.
#pragma once

#include <cmath>
#include <initializer_list>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::math {

namespace detail {

// The continued fraction of I_x(a, b) by Lentz's algorithm; converges fast for x < (a + 1) / (a + b + 2).
inline double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300, enough = 1e-16;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::fabs(d) < tiny ? tiny : d);
  double result = d;
  for (int m = 1; m <= 10000; ++m) {
    double const k = m;
    for (double const term : {k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
                              -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))}) {
      d = 1 + term * d;
      c = 1 + term / c;
      d = 1 / (std::fabs(d) < tiny ? tiny : d);
      c = std::fabs(c) < tiny ? tiny : c;
      result *= d * c;
    }
    if (std::fabs(d * c - 1) < enough) break;
  }
  return result;
}

}  // namespace detail

/// I_x(a, b) = B(x; a, b) / B(a, b), for a, b > 0 and x in [0, 1]; outside [0, 1] it is 0 or 1. With a = k and
/// b = n − k + 1 it is P(at least k of n) where each has probability x. Relative error below 1e-10 for a, b to 1e6.
/// Host only. Source: Press et al., Numerical Recipes, 3rd edition, 6.4; Lentz, Applied Optics 15, 1976.
inline double incomplete_beta(double a, double b, double x) {
  if (!(x > 0)) return x != x ? x : 0;
  if (!(x < 1)) return 1;
  double const front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * detail::beta_fraction(a, b, x) / a;
  return 1 - front * detail::beta_fraction(b, a, 1 - x) / b;
}

/// P(X >= k) for X ~ Binomial(n, p); k <= 0 gives 1. Host only.
inline double binomial_at_least(double k, double n, double p) {
  return k <= 0 ? 1 : k > n ? 0 : incomplete_beta(k, n - k + 1, p);
}

}  // namespace softf1::inline SOFTF1_ABI::math
