// AdamW: Adam with a decay of its own.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/optimizers/detail/moments.hpp>
#include <softf1/optimizers/update.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// p ← (1 − learning_rate · weight_decay) · p; then m ← beta1 · m + (1 − beta1) · g; v ← beta2 · v + (1 − beta2) · g²;
/// p ← p − learning_rate · (m / (1 − beta1^t)) / (√(v / (1 − beta2^t)) + epsilon), t the step from 1.
/// Source: torch.optim.AdamW; Loshchilov and Hutter, ICLR 2019.
struct adamw {
  static constexpr std::string_view name = "adamw";
  static constexpr std::array<std::string_view, 4> option_names{"beta1", "beta2", "epsilon", "weight_decay"};
  static constexpr std::size_t min_slots = 2, max_slots = 2;

  double beta1 = 0.9;          ///< of the mean, in [0, 1)
  double beta2 = 0.999;        ///< of the mean square, in [0, 1)
  double epsilon = 1e-8;       ///< finite, >= 0
  double weight_decay = 0.01;  ///< decoupled from the gradient, finite, >= 0

  constexpr double& option(std::size_t k) { return k == 0 ? beta1 : k == 1 ? beta2 : k == 2 ? epsilon : weight_decay; }
  void check() const { detail::check_moments(name, beta1, beta2, epsilon, weight_decay); }

  /// Arrays of state: mean and mean square of the gradient.
  constexpr std::size_t slots() const { return 2; }

  using coefficients = detail::moment_coefficients;

  SOFTF1_HD coefficients prepare(double learning_rate, double step) const {
    return detail::prepare_moments(beta1, beta2, epsilon, learning_rate, step, 1 - learning_rate * weight_decay);
  }

  template <class T, class State>
  SOFTF1_HD static T updated(coefficients const& c, T gradient, State const& state, T parameter) {
    return static_cast<T>(c.decay) * parameter - detail::moment_step(c, gradient, state);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::adamw;
}
