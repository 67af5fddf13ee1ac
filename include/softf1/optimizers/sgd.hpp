// Stochastic gradient descent.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <softf1/core/bits.hpp>
#include <softf1/core/named.hpp>
#include <softf1/optimizers/update.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// g ← g + weight_decay · p; b ← momentum · b + g (b = g at the first step); p ← p − learning_rate · b, or
/// p − learning_rate · (g + momentum · b) with nesterov. The decay is one of the gradient (L2).
/// Source: torch.optim.SGD with dampening 0; Sutskever et al., ICML 2013.
struct sgd {
  static constexpr std::string_view name = "sgd";
  static constexpr std::array<std::string_view, 3> option_names{"momentum", "nesterov", "weight_decay"};
  static constexpr std::size_t min_slots = 0, max_slots = 1;

  double momentum = 0;      ///< in [0, 1); 0 keeps no state
  double nesterov = 0;      ///< 1: looks one step ahead, which needs momentum; 0 does not
  double weight_decay = 0;  ///< finite, >= 0

  constexpr double& option(std::size_t k) { return k == 0 ? momentum : k == 1 ? nesterov : weight_decay; }
  void check() const {
    require_value(momentum >= 0 && momentum < 1, name, "momentum must be in [0, 1), got " + number_text(momentum));
    require_value(nesterov == 0 || nesterov == 1, name, "nesterov must be 0 or 1, got " + number_text(nesterov));
    require_value(nesterov == 0 || momentum > 0, name, "nesterov needs a momentum > 0, got 0");
    require_value(weight_decay >= 0 && std::isfinite(weight_decay), name,
                  "weight_decay must be finite and >= 0, got " + number_text(weight_decay));
  }

  /// Arrays of state: 1 with momentum, else 0.
  constexpr std::size_t slots() const { return momentum == 0 ? 0 : 1; }

  struct coefficients {
    double learning_rate, momentum, nesterov, weight_decay;
  };

  SOFTF1_HD coefficients prepare(double learning_rate, double) const {
    return {learning_rate, momentum, nesterov, weight_decay};
  }

  template <class T, class State>
  SOFTF1_HD static T updated(coefficients const& c, T gradient, State const& state, T parameter) {
    T direction = gradient + static_cast<T>(c.weight_decay) * parameter;
    if constexpr (State::size > 0) {
      T const mu = static_cast<T>(c.momentum);
      T const velocity = mu * state[0] + direction;
      state[0] = velocity;
      direction = select(c.nesterov != 0, direction + mu * velocity, velocity);
    }
    return parameter - static_cast<T>(c.learning_rate) * direction;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::sgd;
}
