// What Adam and AdamW share: running moments of the gradient, freed of their bias.
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/optimizers/detail/square_root.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers::detail {

struct moment_coefficients {
  double step_size;   // learning_rate / (1 − beta1^step)
  double root_scale;  // √(1 − beta2^step)
  double rest1, rest2, beta2, epsilon;
  double decay;  // of the gradient (Adam) or the factor on the parameter (AdamW)
};

SOFTF1_HD moment_coefficients prepare_moments(double beta1, double beta2, double epsilon, double learning_rate,
                                              double step, double decay) {
  return {learning_rate / (1 - std::pow(beta1, step)),
          std::sqrt(1 - std::pow(beta2, step)),
          1 - beta1,
          1 - beta2,
          beta2,
          epsilon,
          decay};
}

/// What is subtracted from the parameter.
template <class T, class State>
SOFTF1_HD T moment_step(moment_coefficients const& c, T gradient, State const& state) {
  T const mean = state[0] + static_cast<T>(c.rest1) * (gradient - state[0]);
  T const square = static_cast<T>(c.beta2) * state[1] + static_cast<T>(c.rest2) * (gradient * gradient);
  state[0] = mean;
  state[1] = square;
  T const scale = square_root(square) / static_cast<T>(c.root_scale) + static_cast<T>(c.epsilon);
  return static_cast<T>(c.step_size) * mean / scale;
}

inline void check_moments(std::string_view name, double beta1, double beta2, double epsilon, double weight_decay) {
  require_value(beta1 >= 0 && beta1 < 1, name, "beta1 must be in [0, 1), got " + number_text(beta1));
  require_value(beta2 >= 0 && beta2 < 1, name, "beta2 must be in [0, 1), got " + number_text(beta2));
  require_value(epsilon >= 0 && std::isfinite(epsilon), name,
                "epsilon must be finite and >= 0, got " + number_text(epsilon));
  require_value(weight_decay >= 0 && std::isfinite(weight_decay), name,
                "weight_decay must be finite and >= 0, got " + number_text(weight_decay));
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers::detail
