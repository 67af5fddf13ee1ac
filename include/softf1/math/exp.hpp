// Exponential and logarithm without branches or tables, so that compilers vectorise loops over them.
#pragma once

#include <cstdint>

#include <softf1/core/bits.hpp>
#include <softf1/math/dual.hpp>

namespace softf1::inline SOFTF1_ABI::math {

namespace detail {

template <class T>
struct exp_constants;

// round_shift: adding it leaves the nearest integer in the low mantissa bits. ln2_high has enough trailing zeros that
// n · ln2_high is exact for every exponent n.
template <>
struct exp_constants<float> {
  using bits = std::uint32_t;
  using signed_bits = std::int32_t;
  static constexpr float log2e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  static constexpr float round_shift = 0x1.8p23f, limit = 110.0f;
  static constexpr int mantissa = 23, bias = 127;
};

template <>
struct exp_constants<double> {
  using bits = std::uint64_t;
  using signed_bits = std::int64_t;
  static constexpr double log2e = 1.4426950408889634074, ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double round_shift = 0x1.8p52, limit = 760.0;
  static constexpr int mantissa = 52, bias = 1023;
};

// x with |x| cut at C::limit, NaN kept. On bits, since a comparison of numbers may trap, which keeps compilers from
// turning branches into selections.
template <class T>
SOFTF1_HD constexpr T cut_magnitude(T x) {
  using C = exp_constants<T>;
  using U = typename C::bits;
  using S = typename C::signed_bits;
  U const magnitude = bit_cast<U>(x) & (~U{0} >> 1);
  U const sign = bit_cast<U>(x) ^ magnitude;
  S const limit = bit_cast<S>(C::limit), infinity = S(((S{1} << (8 * sizeof(T) - C::mantissa - 1)) - 1) << C::mantissa);
  S const m = static_cast<S>(magnitude);
  bool const too_large = (m > limit) & (m <= infinity);
  return bit_cast<T>(bit_cast<U>(select(too_large, C::limit, bit_cast<T>(m))) | sign);
}

// 1 + r + r²/2! + … : the remainder is below half a unit in the last place for |r| <= ln(2)/2.
SOFTF1_HD constexpr float exp_series(float r) {
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  return 1.0f + (r + r * r * p);
}

SOFTF1_HD constexpr double exp_series(double r) {
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  return 1.0 + (r + r * r * p);
}

// 2 (z/3 + z²/5 + z³/7 + …) for z = s² <= 0.0295
SOFTF1_HD constexpr double atanh_series(double z) {
  double p = 2.0 / 21;
  p = p * z + 2.0 / 19;
  p = p * z + 2.0 / 17;
  p = p * z + 2.0 / 15;
  p = p * z + 2.0 / 13;
  p = p * z + 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  return p * z;
}

/// a / b for b in [1, 4]: on a GPU without the care for extreme b that division takes there. Maximum error: 2 ulp.
template <class T>
SOFTF1_HD constexpr T mild_quotient(T a, T b) {
#if defined(__CUDA_ARCH__)
  if constexpr (sizeof(T) == 4)
    if (!__builtin_is_constant_evaluated()) return __fdividef(a, b);
#endif
  return a / b;
}

/// log(1 + f) for f from √½ − 1 to √2 − 1: f − (f²/2 − s (f²/2 + R(s²))), s = f / (2 + f).
SOFTF1_HD constexpr double log1p_small(double f) {
  double const s = f / (2 + f), square = 0.5 * f * f;
  return f - (square - s * (square + atanh_series(s * s)));
}

/// The same as f − f²/2 + f³ Q(f), Q fitted to the least greatest relative error (6e-9): no division.
SOFTF1_HD constexpr float log1p_small(float f) {
  float q = -0.0763449818f;
  q = q * f + 0.127616107f;
  q = q * f - 0.131601989f;
  q = q * f + 0.142017543f;
  q = q * f - 0.166233554f;
  q = q * f + 0.200012267f;
  q = q * f - 0.250008225f;
  q = q * f + 0.333333313f;
  return f + f * f * (q * f - 0.5f);
}

}  // namespace detail

/// e^x for float and double.
/// Range: all x; 0 below the smallest subnormal, +inf above the largest finite value, NaN for NaN.
/// Maximum error: 2 ulp where the result is normal (measured in tests/math against long double), 1 subnormal unit
/// below. On a GPU the float form is CUDA's own expf, of the same error. Method: x = n ln 2 + r with |r| <= ln(2)/2 (Cody and Waite, 1980), Taylor series for e^r, scaling by 2^n in
/// two steps.
template <class T>
SOFTF1_HD constexpr T exp(T x) {
#if defined(__CUDA_ARCH__)
  if constexpr (sizeof(T) == 4)
    if (!__builtin_is_constant_evaluated()) return ::expf(x);
#endif
  using C = detail::exp_constants<T>;
  using U = typename C::bits;
  T const clamped = detail::cut_magnitude(x);
  T const shifted = clamped * C::log2e + C::round_shift;
  T const n = shifted - C::round_shift;
  T const r = (clamped - n * C::ln2_high) - n * C::ln2_low;
  // Two factors, since 2^n itself may be subnormal or infinite where the result is not. Unsigned, so that NaN wraps.
  U const k = bit_cast<U>(shifted) - bit_cast<U>(C::round_shift) + (U{C::bias} << 1);
  U const first = k >> 1;
  T const scale1 = bit_cast<T>(first << C::mantissa);
  T const scale2 = bit_cast<T>((k - first) << C::mantissa);
  return detail::exp_series(r) * scale1 * scale2;
}

/// The same for duals.
template <class T, std::size_t N>
SOFTF1_HD constexpr dual<T, N> exp(dual<T, N> const& x) {
  T const e = exp(x.value);
  return x.chain(e, e);
}

/// log(1 + x) for x in [0, 1], float and double; NaN for NaN, unspecified outside.
/// Maximum error: 2 ulp (measured in tests/math against long double). For double, one division.
/// Method: a series of log(1 + f) around f = 0, after halving 1 + x where it exceeds √2.
template <class T>
SOFTF1_HD constexpr T log1p_unit(T x) {
  bool const halve = x > T(0.41421356237309503);
  T const f = select(halve, (x - T(1)) * T(0.5), x);
  return detail::log1p_small(f) + select(halve, T(0.69314718055994530942), T(0));
}

}  // namespace softf1::inline SOFTF1_ABI::math
