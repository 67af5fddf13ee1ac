// The logistic function and its logarithms, stable for every logit.
#pragma once

#include <type_traits>

#include <softf1/math/exp.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// −|z|, NaN kept.
template <class T>
SOFTF1_HD constexpr T minus_magnitude(T z) {
  using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  return bit_cast<T>(bit_cast<bits>(z) | bits{1} << (8 * sizeof(T) - 1));
}

/// σ(z), 1 − σ(z) and σ'(z) from one exponential, each accurate where the others saturate.
template <class T>
struct sigmoid_parts {
  T value;
  T complement;
  T derivative;
};

/// All three for a logit z (any value; ±inf give 0 and 1).
/// Maximum error: 4 ulp for value and complement, 6 ulp for the derivative, relative even where they are tiny.
/// Cost: one exponential, one division.
template <class T>
SOFTF1_HD constexpr sigmoid_parts<T> sigmoid_with_parts(T z) {
  T const e = exp(minus_magnitude(z));
  T const large = detail::mild_quotient(T(1), T(1) + e);
  T const small = e * large;
  return {select(z < T(0), small, large), select(z < T(0), large, small), small * large};
}

/// σ(z) = 1 / (1 + e^−z). Range of z: all; result in [0, 1]; NaN for NaN. Maximum error: 4 ulp.
template <class T>
  requires std::is_floating_point_v<T>
SOFTF1_HD constexpr T sigmoid(T z) {
  return sigmoid_with_parts(z).value;
}

/// softplus(z) = log(1 + e^z) = max(z, 0) + log1p(e^−|z|). Range of z: all; +inf for +inf, 0 for −inf, NaN for NaN.
/// Maximum error: 4 ulp.
template <class T>
SOFTF1_HD constexpr T softplus(T z) {
  T const e = exp(minus_magnitude(z));
  return select(z > T(0), z, T(0)) + log1p_unit(e);
}

/// softplus(z) and softplus(−z) beside σ(z) and 1 − σ(z): what cross-entropy and its gradient need, from one
/// exponential.
template <class T>
struct softplus_parts {
  T of_logit;        ///< softplus(z) = −log(1 − σ(z))
  T of_minus_logit;  ///< softplus(−z) = −log σ(z)
  T sigmoid;
  T complement;
};

/// All four for a logit z (any value). Maximum error as softplus and sigmoid. Cost: one exponential, a
/// logarithm series, one division.
template <class T>
SOFTF1_HD constexpr softplus_parts<T> softplus_with_sigmoid(T z) {
  T const e = exp(minus_magnitude(z));
  T const l = log1p_unit(e);
  T const large = detail::mild_quotient(T(1), T(1) + e);
  T const small = e * large;
  return {select(z > T(0), z, T(0)) + l, select(z < T(0), -z, T(0)) + l, select(z < T(0), small, large),
          select(z < T(0), large, small)};
}

/// The same for duals: their derivatives are what gives losses their second ones.
template <class T, std::size_t N>
SOFTF1_HD constexpr sigmoid_parts<dual<T, N>> sigmoid_with_parts(dual<T, N> const& z) {
  auto const p = sigmoid_with_parts(z.value);
  return {z.chain(p.value, p.derivative), z.chain(p.complement, -p.derivative),
          z.chain(p.derivative, p.derivative * (p.complement - p.value))};
}
template <class T, std::size_t N>
SOFTF1_HD constexpr softplus_parts<dual<T, N>> softplus_with_sigmoid(dual<T, N> const& z) {
  auto const s = softplus_with_sigmoid(z.value);
  T const slope = s.sigmoid * s.complement;
  return {z.chain(s.of_logit, s.sigmoid), z.chain(s.of_minus_logit, -s.complement), z.chain(s.sigmoid, slope),
          z.chain(s.complement, -slope)};
}

/// log σ(z) = −softplus(−z): no logarithm of a rounded probability. Range of z: all. Maximum error: 4 ulp.
template <class T>
SOFTF1_HD constexpr T log_sigmoid(T z) {
  return -softplus(-z);
}

}  // namespace softf1::inline SOFTF1_ABI::math

namespace softf1::inline SOFTF1_ABI {
using math::log_sigmoid;
using math::sigmoid;
using math::softplus;
}  // namespace softf1::inline SOFTF1_ABI
