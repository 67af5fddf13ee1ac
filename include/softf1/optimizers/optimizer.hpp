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

/// A rule, its state and the number of steps taken, for `size` parameters of T (float or double) on backend B.
template <class T, class B = cpu>
class optimizer {
 public:
  /// The state begins at zero. Throws value_error where the rule's options are bad.
  optimizer(context<B>& ctx, update_rule rule, std::size_t size)
      : rule_(std::move(rule)), size_(size), state_(ctx, slots() * size), clock_(ctx, 2) {
    std::visit([](auto const& r) { r.check(); }, rule_);
    fill(ctx, state_.view(), T(0));
  }

  /// One step; see `update`. parameters, gradients: (size,). learning_rate is finite and >= 0.
  /// Throws shape_error where a length is another, value_error for another learning rate.
  void step(context<B>& ctx, vector_view<T, B> parameters, vector_view<std::type_identity_t<T> const, B> gradients,
            double learning_rate) {
    require_value(learning_rate >= 0 && learning_rate * 0 == 0, "optimizer",
                  "learning_rate must be finite and >= 0, got " + number_text(learning_rate));
    require_shape("optimizer", "parameters", {size_}, parameters.shape());
    require_shape("optimizer", "gradients", {size_}, gradients.shape());
    std::array<double, 2> const now{learning_rate, static_cast<double>(steps_ + 1)};
    copy(ctx, vector_view<double const>(now.data(), 2), clock_.view());
    std::visit([&](auto const& r) { update<T>(ctx, r, gradients, state(), std::as_const(clock_).view(), parameters); },
               rule_);
    ++steps_;
  }

  /// The number of steps taken.
  std::uint64_t steps() const { return steps_; }
  update_rule const& rule() const { return rule_; }
  std::size_t size() const { return size_; }
  /// The number of state arrays.
  std::size_t slots() const {
    return std::visit([](auto const& r) { return r.slots(); }, rule_);
  }
  /// The state, (slots, size): what a checkpoint keeps beside steps().
  matrix_view<T, B> state() { return {state_.data(), slots(), size_}; }
  matrix_view<T const, B> state() const { return {state_.data(), slots(), size_}; }

  /// Goes on from a checkpoint: takes over the state, (slots, size) dense, and the number of steps.
  /// Throws shape_error where the shape is another or has gaps.
  void restore(context<B>& ctx, matrix_view<T const, B> state, std::uint64_t steps) {
    require_shape("optimizer", "state", {slots(), size_}, state.shape());
    if (!state.is_dense()) throw shape_error("optimizer: state must be dense, got one with gaps");
    copy(ctx, vector_view<T const, B>(state.data(), state.size()), state_.view());
    steps_ = steps;
  }

 private:
  update_rule rule_;
  std::size_t size_;
  buffer<T, B> state_;
  buffer<double, B> clock_;
  std::uint64_t steps_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::optimizer;
using optimizers::update_rule;
}  // namespace softf1::inline SOFTF1_ABI
