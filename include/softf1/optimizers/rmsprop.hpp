// RMSprop.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/optimizers/detail/square_root.hpp>
#include <softf1/optimizers/update.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// g ← g + weight_decay · p; v ← alpha · v + (1 − alpha) · g²; d = g / (√v + epsilon);
/// p ← p − learning_rate · d, or with momentum b ← momentum · b + d; p ← p − learning_rate · b.
/// Source: torch.optim.RMSprop (not centred); Tieleman and Hinton, lecture 6.5 of "Neural networks for machine
/// learning", 2012.
struct rmsprop {
  static constexpr std::string_view name = "rmsprop";
  static constexpr std::array<std::string_view, 4> option_names{"alpha", "epsilon", "momentum", "weight_decay"};
  static constexpr std::size_t min_slots = 1, max_slots = 2;

  double alpha = 0.99;      ///< of the mean square, in [0, 1)
  double epsilon = 1e-8;    ///< finite, >= 0
  double momentum = 0;      ///< in [0, 1)
  double weight_decay = 0;  ///< L2, finite, >= 0

  constexpr double& option(std::size_t k) {
    return k == 0 ? alpha : k == 1 ? epsilon : k == 2 ? momentum : weight_decay;
  }
  void check() const {
    require_value(alpha >= 0 && alpha < 1, name, "alpha must be in [0, 1), got " + number_text(alpha));
    require_value(epsilon >= 0 && std::isfinite(epsilon), name,
                  "epsilon must be finite and >= 0, got " + number_text(epsilon));
    require_value(momentum >= 0 && momentum < 1, name, "momentum must be in [0, 1), got " + number_text(momentum));
    require_value(weight_decay >= 0 && std::isfinite(weight_decay), name,
                  "weight_decay must be finite and >= 0, got " + number_text(weight_decay));
  }

  /// Arrays of state: the mean square, and with momentum the velocity.
  constexpr std::size_t slots() const { return momentum == 0 ? 1 : 2; }

  struct coefficients {
    double learning_rate, alpha, rest, epsilon, momentum, weight_decay;
  };

  SOFTF1_HD coefficients prepare(double learning_rate, double) const {
    return {learning_rate, alpha, 1 - alpha, epsilon, momentum, weight_decay};
  }

  template <class T, class State>
  SOFTF1_HD static T updated(coefficients const& c, T gradient, State const& state, T parameter) {
    T const g = gradient + static_cast<T>(c.weight_decay) * parameter;
    T const square = static_cast<T>(c.alpha) * state[0] + static_cast<T>(c.rest) * (g * g);
    state[0] = square;
    T direction = g / (detail::square_root(square) + static_cast<T>(c.epsilon));
    if constexpr (State::size > 1) {
      direction = static_cast<T>(c.momentum) * state[1] + direction;
      state[1] = direction;
    }
    return parameter - static_cast<T>(c.learning_rate) * direction;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::rmsprop;
}
