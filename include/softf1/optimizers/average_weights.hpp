// Averages of weights over the steps of a training run.
#pragma once

#include <cstddef>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

namespace detail {

template <class T>
struct average_element {
  T const* parameters;
  T* averages;
  double const* step;
  double decay;
  SOFTF1_HD void operator()(std::size_t i) const {
    double const warm = (1 + *step) / (10 + *step);
    T const rest = static_cast<T>(1 - (warm < decay ? warm : decay));
    averages[i] += rest * (parameters[i] - averages[i]);
  }
};

}  // namespace detail

/// averages ← d · averages + (1 − d) · parameters, d = min(decay, (1 + step) / (10 + step)): an exponential average that
/// is not held back by the first weights. parameters, averages: (P,), dense; step (1,): steps taken, on the backend, so
/// that it may be recorded. Throws shape_error for other shapes, value_error unless decay is in [0, 1).
/// Cost: one pass; the same bits for any number of threads. Source: tf.train.ExponentialMovingAverage; Polyak and
/// Juditsky, SIAM J. Control and Optimization 1992.
template <class T, class B>
void average_weights(context<B>& ctx, double decay, vector_view<double const, B> step,
                     std::type_identity_t<vector_view<T const, B>> parameters, vector_view<T, B> averages) {
  require_value(decay >= 0 && decay < 1, "average_weights", "decay must be in [0, 1), got " + number_text(decay));
  require_shape("average_weights", "step", {1}, step.shape());
  require_shape("average_weights", "averages", {parameters.size()}, averages.shape());
  if (!parameters.is_dense() || !averages.is_dense())
    throw shape_error("average_weights: parameters and averages must be dense, got one with gaps");
  for_each(ctx, parameters.size(), detail::average_element<T>{parameters.data(), averages.data(), step.data(), decay});
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::average_weights;
}
