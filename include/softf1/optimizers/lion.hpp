// Lion.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/optimizers/update.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// c = beta1 · m + (1 − beta1) · g; p ← (1 − learning_rate · weight_decay) · p − learning_rate · sign(c), sign(0) = 0;
/// m ← beta2 · m + (1 − beta2) · g. Steps are of one size: a tenth to a third of AdamW's learning rate serves.
/// Source: Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.
struct lion {
  static constexpr std::string_view name = "lion";
  static constexpr std::array<std::string_view, 3> option_names{"beta1", "beta2", "weight_decay"};
  static constexpr std::size_t min_slots = 1, max_slots = 1;

  double beta1 = 0.9;       ///< of the direction, in [0, 1)
  double beta2 = 0.99;      ///< of the mean, in [0, 1)
  double weight_decay = 0;  ///< decoupled from the gradient, finite, >= 0

  constexpr double& option(std::size_t k) { return k == 0 ? beta1 : k == 1 ? beta2 : weight_decay; }
  void check() const {
    require_value(beta1 >= 0 && beta1 < 1, name, "beta1 must be in [0, 1), got " + number_text(beta1));
    require_value(beta2 >= 0 && beta2 < 1, name, "beta2 must be in [0, 1), got " + number_text(beta2));
    require_value(weight_decay >= 0 && std::isfinite(weight_decay), name,
                  "weight_decay must be finite and >= 0, got " + number_text(weight_decay));
  }

  /// Arrays of state: the mean of the gradient.
  constexpr std::size_t slots() const { return 1; }

  struct coefficients {
    double learning_rate, beta1, rest1, beta2, rest2, decay;
  };

  SOFTF1_HD coefficients prepare(double learning_rate, double) const {
    return {learning_rate, beta1, 1 - beta1, beta2, 1 - beta2, 1 - learning_rate * weight_decay};
  }

  template <class T, class State>
  SOFTF1_HD static T updated(coefficients const& c, T gradient, State const& state, T parameter) {
    T const mixed = static_cast<T>(c.beta1) * state[0] + static_cast<T>(c.rest1) * gradient;
    state[0] = static_cast<T>(c.beta2) * state[0] + static_cast<T>(c.rest2) * gradient;
    T const sign = static_cast<T>(mixed > T(0)) - static_cast<T>(mixed < T(0));
    // NaN has no sign, and must not be lost.
    return static_cast<T>(c.decay) * parameter - static_cast<T>(c.learning_rate) * (sign + T(0) * mixed);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::lion;
}
