// Division and square root with their edges decided once, for numbers and duals.
#pragma once

#include <cmath>
#include <cstddef>
#include <type_traits>

#include <softf1/core/limits.hpp>
#include <softf1/math/dual.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// num / den; a quiet NaN ("undefined") at 0/0. The only place where an undefined score is made.
template <class T>
  requires std::is_floating_point_v<T>
SOFTF1_HD constexpr T ratio(T num, T den) {
  return den == T(0) && num == T(0) ? quiet_nan<T>() : num / den;
}

/// The same for duals; an undefined ratio has derivative 0.
template <class T, std::size_t N>
SOFTF1_HD constexpr dual<T, N> ratio(dual<T, N> const& num, dual<T, N> const& den) {
  return den.value == T(0) && num.value == T(0) ? dual<T, N>(quiet_nan<T>()) : num / den;
}

/// √x for x >= 0; NaN for x < 0.
template <class T>
  requires std::is_floating_point_v<T>
SOFTF1_HD T safe_sqrt(T x) {
  return std::sqrt(x);
}

/// The same for duals; the derivative at 0 is defined as 0.
template <class T, std::size_t N>
SOFTF1_HD dual<T, N> safe_sqrt(dual<T, N> const& x) {
  T const root = std::sqrt(x.value);
  return x.chain(root, x.value == T(0) ? T(0) : T(0.5) / root);
}

}  // namespace softf1::inline SOFTF1_ABI::math

namespace softf1::inline SOFTF1_ABI {
using math::ratio;
using math::safe_sqrt;
}  // namespace softf1::inline SOFTF1_ABI
