// One step of an update rule over all parameters of a network: the driver of every rule.
#pragma once

#include <cstddef>
#include <type_traits>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// The state of one parameter under a rule: number k lies in the k-th array.
template <class T, std::size_t slots>
struct element_state {
  static constexpr std::size_t size = slots;

  T* first;
  std::size_t stride;

  SOFTF1_HD constexpr T& operator[](std::size_t k) const { return first[k * stride]; }
};

namespace detail {

// A power and a root a step, not a parameter.
template <class Rule>
struct prepare_step {
  Rule rule;
  double const* clock;
  double rate;
  typename Rule::coefficients* out;
  SOFTF1_HD void operator()(std::size_t) const { *out = rule.prepare(rate * clock[0], clock[1]); }
};

template <class Rule, std::size_t slots, class T>
struct update_element {
  typename Rule::coefficients const* coefficients;
  T const* gradients;
  T* state;
  std::size_t stride;
  T* parameters;

  SOFTF1_HD void operator()(std::size_t i) const {
    element_state<T, slots> const mine{state + i, stride};
    parameters[i] = Rule::updated(*coefficients, gradients[i], mine, parameters[i]);
  }
};

}  // namespace detail

/// One step of `rule` (sgd, adam, adamw, …): reads the gradients, changes state and parameters.
/// gradients, parameters: (P,), float or double, unit stride. state: (rule.slots(), P), rows of unit stride; zeros before
/// the first step. clock: {learning rate, step}, the step counted from 1, on the backend. rate: a factor on the learning
/// rate.
/// Reads nothing back, so that a step can be recorded and run again with another clock.
/// Throws shape_error where lengths differ or an array is not dense, value_error where the rule's options are bad.
/// Cost: one pass, no scratch that grows with P; each parameter is changed for itself: the same bits for any number of
/// threads.
template <class T, class B, class Rule>
void update(context<B>& ctx, Rule const& rule, vector_view<std::type_identity_t<T> const, B> gradients,
            matrix_view<std::type_identity_t<T>, B> state, vector_view<double const, B> clock,
            vector_view<T, B> parameters, double rate = 1) {
  static_assert(std::is_floating_point_v<T>, "softf1: update takes parameters of float or double");
  std::size_t const size = parameters.size();
  rule.check();
  require_shape("update", "gradients", {size}, gradients.shape());
  if (rule.slots() > 0 || state.size() > 0) require_shape("update", "state", {rule.slots(), size}, state.shape());
  require_shape("update", "clock", {2}, clock.shape());
  bool const rows_dense = state.cols() < 2 || state.stride(1) == 1;
  if (!gradients.is_dense() || !parameters.is_dense() || !rows_dense || !clock.is_dense())
    throw shape_error("update: gradients, rows of state, clock and parameters must be dense, got one with gaps");

  buffer<typename Rule::coefficients, B> coefficients(ctx, 1);
  for_each(ctx, 1, detail::prepare_step<Rule>{rule, clock.data(), rate, coefficients.data()});
  auto const run = [&]<std::size_t slots>(std::integral_constant<std::size_t, slots>) {
    for_each(ctx, size,
             detail::update_element<Rule, slots, T>{coefficients.data(), gradients.data(), state.data(),
                                                    static_cast<std::size_t>(state.stride(0)), parameters.data()});
  };
  static_assert(Rule::max_slots - Rule::min_slots <= 1);
  if (rule.slots() == Rule::min_slots)
    run(std::integral_constant<std::size_t, Rule::min_slots>{});
  else
    run(std::integral_constant<std::size_t, Rule::max_slots>{});
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers
