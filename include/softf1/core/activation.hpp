// The clamping activations: what layers apply and what fused products and convolutions end with.
#pragma once

#include <limits>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// none: x; relu: max(x, 0); relu6: min(max(x, 0), 6).
enum class activation { none, relu, relu6 };

/// An activation as the range that it clamps to. NaN stays NaN.
template <class T>
struct clamp_range {
  T low, high;

  SOFTF1_HD constexpr T operator()(T x) const { return x < low ? low : x > high ? high : x; }
};

/// The range of an activation: (−∞, ∞), [0, ∞), [0, 6].
template <class T>
constexpr clamp_range<T> range_of(activation a) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  return {a == activation::none ? -infinity : T(0), a == activation::relu6 ? T(6) : infinity};
}

}  // namespace softf1::inline SOFTF1_ABI
