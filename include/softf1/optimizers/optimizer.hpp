// An update rule together with its state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include <softf1/optimizers/adam.hpp>
#include <softf1/optimizers/adamw.hpp>
#include <softf1/optimizers/sgd.hpp>
#include <softf1/optimizers/update.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// Any of the rules, chosen at run time: `with_named<optimizers::all>(spec, "optimizer", [&](auto rule) { … })`.
using update_rule = std::variant<sgd, adam, adamw>;

namespace detail {
struct count_step {
  double* steps;
  SOFTF1_HD void operator()(std::size_t) const { *steps += 1; }
};
}  // namespace detail

/// A rule, its state and the number of steps taken, for `size` parameters of T (float or double) on backend B.
template <class T, class B = cpu>
class optimizer {
 public:
  /// The state begins at zero. Throws value_error where the rule's options are bad.
  optimizer(context<B>& ctx, update_rule rule, std::size_t size)
      : rule_(std::move(rule)), size_(size), state_(ctx, slots() * size), clock_(ctx, 2) {
    std::visit([](auto const& r) { r.check(); }, rule_);
    fill(ctx, state_.view(), T(0));
    fill(ctx, clock_.view(), 0.0);
  }

  /// The learning rate of the steps to come, finite and >= 0. Throws value_error for another.
  void set_learning_rate(context<B>& ctx, double learning_rate) {
    require_value(learning_rate >= 0 && learning_rate * 0 == 0, "optimizer",
                  "learning_rate must be finite and >= 0, got " + number_text(learning_rate));
    copy(ctx, vector_view<double const>(&learning_rate, 1), vector_view<double, B>(clock_.data(), 1));
  }

  /// One step; see `update`. parameters, gradients: (size,). Wholly on the backend, the count of steps too: so it may be
  /// recorded and replayed. Throws shape_error where a length is another.
  void step(context<B>& ctx, vector_view<T, B> parameters, vector_view<std::type_identity_t<T> const, B> gradients) {
    require_shape("optimizer", "parameters", {size_}, parameters.shape());
    require_shape("optimizer", "gradients", {size_}, gradients.shape());
    for_each(ctx, 1, detail::count_step{clock_.data() + 1});
    std::visit([&](auto const& r) { update<T>(ctx, r, gradients, state(), std::as_const(clock_).view(), parameters); },
               rule_);
  }

  /// One step with this learning rate.
  void step(context<B>& ctx, vector_view<T, B> parameters, vector_view<std::type_identity_t<T> const, B> gradients,
            double learning_rate) {
    require_shape("optimizer", "parameters", {size_}, parameters.shape());
    require_shape("optimizer", "gradients", {size_}, gradients.shape());
    set_learning_rate(ctx, learning_rate);
    step(ctx, parameters, gradients);
  }

  /// The number of steps taken, read from the backend.
  std::uint64_t steps(context<B>& ctx) const {
    std::array<double, 2> now{};
    copy(ctx, clock_.view(), vector_view<double>(now.data(), 2));
    return static_cast<std::uint64_t>(now[1]);
  }
  update_rule const& rule() const { return rule_; }
  std::size_t size() const { return size_; }
  /// The number of state arrays.
  std::size_t slots() const {
    return std::visit([](auto const& r) { return r.slots(); }, rule_);
  }
  /// The state, (slots, size): what a checkpoint keeps beside the number of steps.
  matrix_view<T, B> state() { return {state_.data(), slots(), size_}; }
  matrix_view<T const, B> state() const { return {state_.data(), slots(), size_}; }

  /// Goes on from a checkpoint: takes over the state, (slots, size) dense, and the number of steps.
  /// Throws shape_error where the shape is another or has gaps.
  void restore(context<B>& ctx, matrix_view<T const, B> state, std::uint64_t steps) {
    require_shape("optimizer", "state", {slots(), size_}, state.shape());
    if (!state.is_dense()) throw shape_error("optimizer: state must be dense, got one with gaps");
    copy(ctx, vector_view<T const, B>(state.data(), state.size()), state_.view());
    auto const now = static_cast<double>(steps);
    copy(ctx, vector_view<double const>(&now, 1), vector_view<double, B>(clock_.data() + 1, 1));
  }

 private:
  update_rule rule_;
  std::size_t size_;
  buffer<T, B> state_;
  buffer<double, B> clock_;  // learning rate, number of steps
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::optimizer;
using optimizers::update_rule;
}  // namespace softf1::inline SOFTF1_ABI
