// Distances in units in the last place.
#pragma once

#include <cmath>
#include <limits>

namespace softf1_test {

/// |got − exact| in units in the last place of T at `exact`; below the normal numbers in the smallest subnormal.
/// Equal infinities and NaN for NaN are 0 apart.
template <class T>
double ulp_distance(T got, long double exact) {
  if (std::isnan(exact)) return std::isnan(got) ? 0 : std::numeric_limits<double>::infinity();
  // What rounds to infinity may be infinite.
  long double const most = std::numeric_limits<T>::max();
  if (std::isinf(got))
    return std::fabs(exact) >= most && (got > 0) == (exact > 0) ? 0 : std::numeric_limits<double>::infinity();
  if (std::fabs(exact) > most) return std::numeric_limits<double>::infinity();
  int exponent =
      std::fabs(exact) < std::numeric_limits<T>::min() ? std::numeric_limits<T>::min_exponent - 1 : std::ilogb(exact);
  long double const unit = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits + 1);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / unit);
}

}  // namespace softf1_test
