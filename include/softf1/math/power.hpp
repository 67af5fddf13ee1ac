// Powers of non-negative numbers, with their edges decided once.
#pragma once

#include <cmath>
#include <cstddef>
#include <type_traits>

#include <softf1/math/dual.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// x^exponent for x >= 0 and exponent > 0; NaN for x < 0.
template <class T>
  requires std::is_floating_point_v<T>
SOFTF1_HD T safe_power(T x, double exponent) {
  return static_cast<T>(std::pow(x, static_cast<T>(exponent)));
}

/// The same for duals; the derivative at 0 is defined as 0, also where it is infinite.
template <class T, std::size_t N>
SOFTF1_HD dual<T, N> safe_power(dual<T, N> const& x, double exponent) {
  T const value = safe_power(x.value, exponent);
  return x.chain(value, x.value == T(0) ? T(0) : static_cast<T>(exponent) * value / x.value);
}

}  // namespace softf1::inline SOFTF1_ABI::math
