// Activations by name, and those of them that clamp: what fused products and convolutions end with.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <softf1/config.hpp>
#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI {

/// none: x; relu: max(x, 0); relu6: min(max(x, 0), 6); sigmoid: 1 / (1 + e^−x); swish: x · sigmoid(x); hard_sigmoid:
/// relu6(x + 3) / 6; hard_swish: x · hard_sigmoid(x). The curves of the last four: math/activation.hpp.
enum class activation { none, relu, relu6, swish, hard_swish, sigmoid, hard_sigmoid };

inline constexpr std::array<std::string_view, 7> activation_names{"none",       "relu",    "relu6",       "swish",
                                                                  "hard_swish", "sigmoid", "hard_sigmoid"};

constexpr std::string_view name_of(activation a) { return activation_names[static_cast<std::size_t>(a)]; }

/// Throws value_error listing the names where there is none such.
inline activation activation_named(std::string_view name) {
  std::string known;
  for (std::size_t k = 0; k < activation_names.size(); ++k) {
    if (activation_names[k] == name) return static_cast<activation>(k);
    known += (k ? ", " : "") + std::string(activation_names[k]);
  }
  throw value_error("no activation is named '" + std::string(name) + "', there are " + known);
}

/// True for those that are a range: none, relu, relu6.
SOFTF1_HD constexpr bool is_clamp(activation a) {
  return a == activation::none || a == activation::relu || a == activation::relu6;
}

/// A clamping activation as the range that it clamps to. NaN stays NaN.
template <class T>
struct clamp_range {
  T low, high;

  SOFTF1_HD constexpr T operator()(T x) const { return x < low ? low : x > high ? high : x; }
};

/// The range of an activation: [0, ∞), [0, 6]; (−∞, ∞) for none and for those that do not clamp.
template <class T>
constexpr clamp_range<T> range_of(activation a) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  bool const rectifies = a == activation::relu || a == activation::relu6;
  return {rectifies ? T(0) : -infinity, a == activation::relu6 ? T(6) : infinity};
}

}  // namespace softf1::inline SOFTF1_ABI
