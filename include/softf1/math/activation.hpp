// The activations that are no clamps: their values and slopes.
#pragma once

#include <softf1/core/activation.hpp>
#include <softf1/core/bits.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// σ(x) = 1 / (1 + e^−x). Maximum error: as `sigmoid`.
struct sigmoid_curve {
  static constexpr activation act = activation::sigmoid;
  template <class T>
  static SOFTF1_HD constexpr T value(T x) {
    return sigmoid_with_parts(x).value;
  }
  template <class T>
  static SOFTF1_HD constexpr T slope(T x) {
    return sigmoid_with_parts(x).derivative;
  }
};

/// x · σ(x), also named SiLU; its slope is σ(x) + x σ'(x). NaN for −inf, as in torch.
/// Source: Ramachandran, Zoph & Le, "Searching for activation functions", 2017; torch.nn.SiLU.
struct swish_curve {
  static constexpr activation act = activation::swish;
  template <class T>
  static SOFTF1_HD constexpr T value(T x) {
    return x * sigmoid_with_parts(x).value;
  }
  template <class T>
  static SOFTF1_HD constexpr T slope(T x) {
    auto const s = sigmoid_with_parts(x);
    return s.value + x * s.derivative;
  }
};

/// min(max(x + 3, 0), 6) / 6; the slope is 1/6 within (−3, 3), else 0.
/// Source: torch.nn.Hardsigmoid; Howard et al., "Searching for MobileNetV3", 2019.
struct hard_sigmoid_curve {
  static constexpr activation act = activation::hard_sigmoid;
  template <class T>
  static SOFTF1_HD constexpr T value(T x) {
    T const above = x + T(3);
    return (above < T(0) ? T(0) : above > T(6) ? T(6) : above) / T(6);
  }
  template <class T>
  static SOFTF1_HD constexpr T slope(T x) {
    return ((x > T(-3)) & (x < T(3))) ? T(1) / T(6) : T(0);
  }
};

/// x · hard_sigmoid(x); the slope is 0 up to −3, 1 from 3 on, and x / 3 + 1/2 between.
/// Source: torch.nn.Hardswish; Howard et al., "Searching for MobileNetV3", 2019.
struct hard_swish_curve {
  static constexpr activation act = activation::hard_swish;
  template <class T>
  static SOFTF1_HD constexpr T value(T x) {
    return x * hard_sigmoid_curve::value(x);
  }
  template <class T>
  static SOFTF1_HD constexpr T slope(T x) {
    return x <= T(-3) ? T(0) : x >= T(3) ? T(1) : x / T(3) + T(0.5);
  }
};

/// Any activation of x, chosen at run time.
template <class T>
SOFTF1_HD constexpr T activated(activation a, T x) {
  switch (a) {
    case activation::relu:
      return x < T(0) ? T(0) : x;
    case activation::relu6:
      return x < T(0) ? T(0) : x > T(6) ? T(6) : x;
    case activation::swish:
      return swish_curve::value(x);
    case activation::hard_swish:
      return hard_swish_curve::value(x);
    case activation::sigmoid:
      return sigmoid_curve::value(x);
    case activation::hard_sigmoid:
      return hard_sigmoid_curve::value(x);
    case activation::none:
      break;
  }
  return x;
}

/// Its slope; 0 where a clamp bends.
template <class T>
SOFTF1_HD constexpr T activation_slope(activation a, T x) {
  switch (a) {
    case activation::relu:
      return x > T(0) ? T(1) : T(0);
    case activation::relu6:
      return x > T(0) && x < T(6) ? T(1) : T(0);
    case activation::swish:
      return swish_curve::slope(x);
    case activation::hard_swish:
      return hard_swish_curve::slope(x);
    case activation::sigmoid:
      return sigmoid_curve::slope(x);
    case activation::hard_sigmoid:
      return hard_sigmoid_curve::slope(x);
    case activation::none:
      break;
  }
  return T(1);
}

}  // namespace softf1::inline SOFTF1_ABI::math
