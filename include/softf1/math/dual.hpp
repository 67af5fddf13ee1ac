// Forward-mode dual numbers: a value and its derivatives by N inputs.
#pragma once

#include <cstddef>
#include <type_traits>

#include <softf1/core/bits.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// value + Σ derivative[k] ε_k with ε_k ε_l = 0. Comparisons look at the value only.
/// Exact derivatives of whatever is computed with it; cost: N multiply-adds an operation.
template <class T, std::size_t N>
struct dual {
  T value{};
  T derivative[N] = {};

  constexpr dual() = default;
  SOFTF1_HD constexpr dual(T v) : value(v) {}
  template <class U>
    requires(std::is_arithmetic_v<U> && !std::is_same_v<T, U>)
  SOFTF1_HD constexpr dual(U v) : value(static_cast<T>(v)) {}

  /// The k-th input: derivative 1 by itself.
  static SOFTF1_HD constexpr dual variable(T v, std::size_t k) {
    dual d(v);
    d.derivative[k] = T(1);
    return d;
  }

  /// f(value) with f'(value) given.
  SOFTF1_HD constexpr dual chain(T f, T slope) const {
    dual d(f);
    for (std::size_t k = 0; k < N; ++k) d.derivative[k] = slope * derivative[k];
    return d;
  }

  SOFTF1_HD friend constexpr dual operator+(dual const& a, dual const& b) {
    dual d(a.value + b.value);
    for (std::size_t k = 0; k < N; ++k) d.derivative[k] = a.derivative[k] + b.derivative[k];
    return d;
  }
  SOFTF1_HD friend constexpr dual operator-(dual const& a, dual const& b) {
    dual d(a.value - b.value);
    for (std::size_t k = 0; k < N; ++k) d.derivative[k] = a.derivative[k] - b.derivative[k];
    return d;
  }
  SOFTF1_HD friend constexpr dual operator*(dual const& a, dual const& b) {
    dual d(a.value * b.value);
    for (std::size_t k = 0; k < N; ++k) d.derivative[k] = a.derivative[k] * b.value + a.value * b.derivative[k];
    return d;
  }
  SOFTF1_HD friend constexpr dual operator/(dual const& a, dual const& b) {
    dual d(a.value / b.value);
    for (std::size_t k = 0; k < N; ++k) d.derivative[k] = (a.derivative[k] - d.value * b.derivative[k]) / b.value;
    return d;
  }
  SOFTF1_HD friend constexpr dual operator-(dual const& a) { return a.chain(-a.value, T(-1)); }
  SOFTF1_HD constexpr dual& operator+=(dual const& b) { return *this = *this + b; }
  SOFTF1_HD constexpr dual& operator-=(dual const& b) { return *this = *this - b; }
  SOFTF1_HD constexpr dual& operator*=(dual const& b) { return *this = *this * b; }
  SOFTF1_HD constexpr dual& operator/=(dual const& b) { return *this = *this / b; }

  SOFTF1_HD friend constexpr bool operator==(dual const& a, dual const& b) { return a.value == b.value; }
  SOFTF1_HD friend constexpr bool operator<(dual const& a, dual const& b) { return a.value < b.value; }
  SOFTF1_HD friend constexpr bool operator>(dual const& a, dual const& b) { return a.value > b.value; }
  SOFTF1_HD friend constexpr bool operator<=(dual const& a, dual const& b) { return a.value <= b.value; }
  SOFTF1_HD friend constexpr bool operator>=(dual const& a, dual const& b) { return a.value >= b.value; }
};

using softf1::select;

/// condition ? a : b, as for numbers.
template <class T, std::size_t N>
SOFTF1_HD constexpr dual<T, N> select(bool condition, dual<T, N> const& a, dual<T, N> const& b) {
  return condition ? a : b;
}

}  // namespace softf1::inline SOFTF1_ABI::math
