// Do two samples have the same rate?
#pragma once

#include <algorithm>
#include <cmath>

#include <softf1/core/errors.hpp>
#include <softf1/math/normal.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The two-sided p-value that a of n and b of m come from the same rate, the samples being independent. Where one of
/// the four expected counts is below 10, and all are whole numbers: Fisher's exact test, the chance of all tables with
/// these sums that are no more likely than this one; else z = (a/n − b/m) / √(r (1 − r) (1/n + 1/m)), r = (a + b)/(n +
/// m). 1 where n or m is 0, or all or none are counted. Weighted counts are taken for counts. Throws value_error unless
/// 0 <= a <= n and 0 <= b <= m, finite. Cost: O(1); where exact, the least of n, m, a + b and the rest. Source: Fisher,
/// "On the interpretation of χ² from contingency tables", 1922; Agresti, Categorical Data Analysis, 2002, section 3.
inline double two_rates_p_value(double a, double n, double b, double m) {
  require_value(a >= 0 && b >= 0 && a <= n && b <= m && n * 0 == 0 && m * 0 == 0, "two_rates_p_value",
                "counts must be from 0 to the numbers they are of");
  double const all = n + m, yes = a + b, no = all - yes;
  if (!(n > 0 && m > 0 && yes > 0 && no > 0)) return 1;
  double const least = std::min(n, m) * std::min(yes, no) / all;
  auto const whole = [](double x) { return x == std::floor(x); };
  if (least >= 10 || !whole(a) || !whole(n) || !whole(b) || !whole(m)) {
    double const rate = yes / all, z = (a / n - b / m) / std::sqrt(rate * (no / all) * (1 / n + 1 / m));
    return std::min(1.0, 2 * math::normal_tail(std::fabs(z)));
  }
  auto const log_factorial = [](double k) { return std::lgamma(k + 1); };
  double const sums = log_factorial(n) + log_factorial(m) + log_factorial(yes) + log_factorial(no) - log_factorial(all);
  auto const chance = [&](double k) {
    return std::exp(sums - log_factorial(k) - log_factorial(n - k) - log_factorial(yes - k) -
                    log_factorial(m - yes + k));
  };
  // Tables that are as likely differ in their last digits.
  double const limit = chance(a) * (1 + 1e-7);
  double sum = 0;
  for (double k = std::max(0.0, yes - m); k <= std::min(n, yes); ++k)
    if (double const c = chance(k); c <= limit) sum += c;
  return std::min(1.0, sum);
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::two_rates_p_value;
}
