// An update rule together with its state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/optimizers/rules.hpp>
#include <softf1/optimizers/update.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers {

/// Parameters that lie side by side and are stepped alike; those that no segment covers are not stepped.
struct parameter_segment {
  std::size_t first = 0, count = 0;
  double rate = 1;   ///< on the learning rate, finite and >= 0
  double decay = 1;  ///< on the rule's weight_decay, finite and >= 0
};

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
      : rule_(std::move(rule)), size_(size), state_(ctx, slots() * size), clock_(ctx, 2), segments_{{0, size}} {
    std::visit([](auto const& r) { r.check(); }, rule_);
    fill(ctx, state_.view(), T(0));
    fill(ctx, clock_.view(), 0.0);
  }

  /// Steps these parameters only, each segment at its rate and decay. Throws value_error where one is out of range.
  void set_segments(std::vector<parameter_segment> segments) {
    for (auto const& s : segments) {
      require_value(s.first <= size_ && s.count <= size_ - s.first, "optimizer",
                    "a segment must lie in " + std::to_string(size_) + " parameters, got " + std::to_string(s.first) +
                        " + " + std::to_string(s.count));
      require_value(s.rate >= 0 && s.rate * 0 == 0 && s.decay >= 0 && s.decay * 0 == 0, "optimizer",
                    "rate and decay of a segment must be finite and >= 0, got " + number_text(s.rate) + " and " +
                        number_text(s.decay));
    }
    segments_ = std::move(segments);
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
    for (auto const& s : segments_) std::visit([&](auto const& r) { step(ctx, r, s, parameters, gradients); }, rule_);
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

  /// {learning rate, steps taken}, on the backend: (2,). For what is recorded with a step.
  vector_view<double, B> clock() { return clock_.view(); }

 private:
  template <class Rule>
  void step(context<B>& ctx, Rule rule, parameter_segment const& s, vector_view<T, B> parameters,
            vector_view<T const, B> gradients) {
    rule.weight_decay *= s.decay;
    matrix_view<T, B> const mine(state_.data() + s.first, rule.slots(), s.count, static_cast<std::ptrdiff_t>(size_), 1);
    update<T>(ctx, rule, vector_view<T const, B>(gradients.data() + s.first, s.count), mine,
              std::as_const(clock_).view(), vector_view<T, B>(parameters.data() + s.first, s.count), s.rate);
  }

  update_rule rule_;
  std::size_t size_;
  buffer<T, B> state_;
  buffer<double, B> clock_;  // learning rate, number of steps
  std::vector<parameter_segment> segments_;
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers

namespace softf1::inline SOFTF1_ABI {
using optimizers::optimizer;
using optimizers::parameter_segment;
}  // namespace softf1::inline SOFTF1_ABI
