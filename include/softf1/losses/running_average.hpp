// Exponential averages of a loss's states over training steps.
#pragma once

#include <cstddef>

#include <softf1/core/fields.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// The averages of a unit's state, an aggregate of doubles: its fields, and their weight, for each unit.
template <class State>
struct running_average {
  using fields = fields_of<State, double>;
  static constexpr std::size_t width = fields::count + 1;

  double* numbers;  ///< (units, width), 0 at first; or null
  double decay;     ///< what of the past remains, a step, in [0, 1)

  /// The averages of unit u with the step at hand taken in, free of the bias of having begun at 0.
  SOFTF1_HD State with(State const& now, std::size_t u) const {
    double const* const old = numbers + width * u;
    double const weight = decay * old[fields::count] + (1 - decay);
    double step[fields::count][1];
    fields::store(step, 0, now);
    for (std::size_t k = 0; k < fields::count; ++k) step[k][0] = (decay * old[k] + (1 - decay) * step[k][0]) / weight;
    return fields::load(step, 0);
  }

  SOFTF1_HD void advance(State const& now, std::size_t u) const {
    double* const mine = numbers + width * u;
    double step[fields::count][1];
    fields::store(step, 0, now);
    for (std::size_t k = 0; k < fields::count; ++k) mine[k] = decay * mine[k] + (1 - decay) * step[k][0];
    mine[fields::count] = decay * mine[fields::count] + (1 - decay);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses
