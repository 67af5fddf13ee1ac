// The natural logarithm.
#pragma once

#include <softf1/math/exp.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// log x for normal x > 0, float and double; unspecified for other x: of a probability, bound it from below first.
/// Maximum error: 2 ulp (measured in tests/math against long double). For double, one division.
/// Method: x = m 2^e with m from √½ to √2, then log m + e log 2 in two parts, as log1p_unit.
template <class T>
SOFTF1_HD constexpr T log(T x) {
  using C = detail::exp_constants<T>;
  using U = typename C::bits;
  using I = typename C::signed_bits;
  U const bits = bit_cast<U>(x);
  // Taken from the exponent before it is cut off: mantissas above √2 belong to the next power.
  U const root = bit_cast<U>(T(0.70710678118654752440));
  I const e = static_cast<I>(bits - root) >> C::mantissa;
  T const m = bit_cast<T>(static_cast<U>(bits - (static_cast<U>(e) << C::mantissa)));
  T const n = static_cast<T>(e);
  return n * C::ln2_high + (detail::log1p_small(m - T(1)) + n * C::ln2_low);
}

/// The same for duals.
template <class T, std::size_t N>
SOFTF1_HD constexpr dual<T, N> log(dual<T, N> const& x) {
  return x.chain(log(x.value), T(1) / x.value);
}

}  // namespace softf1::inline SOFTF1_ABI::math
