// Class-balanced cross-entropy and focal loss.
#pragma once

#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/losses/focal_cell.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// w_l · focal(γ), a cell, without α: w_l = (1 − β) / (1 − β^{n_l}) of the label's number of positives n_l, scaled to mean
/// 1 over labels with positives; a label without any weighs as one with 1. γ = 0 is cross-entropy.
/// Range [0, ∞). Targets in [0, 1]. Cost: as focal.
/// Source: Cui et al., "Class-balanced loss based on effective number of samples", CVPR, 2019.
struct class_balanced {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "class_balanced";
  static constexpr std::array<std::string_view, 2> option_names{"beta", "gamma"};

  std::vector<double> label_counts = {};  ///< (L,) positives of each label in the training rows; empty: as if all equal
  double beta = 0.9999;                   ///< in [0, 1): 0 weighs all labels alike, towards 1 by inverse frequency
  double gamma = 0;                       ///< finite, >= 0

  double& option(std::size_t k) { return k == 0 ? beta : gamma; }
  void check(std::string_view who) const {
    require_value(beta >= 0 && beta < 1, who, "beta must be in [0, 1), got " + number_text(beta));
    require_value(gamma >= 0 && gamma * 0 == 0, who, "gamma must be finite and >= 0, got " + number_text(gamma));
  }

  template <class Focus>
  struct functor {
    double const* weight;
    Focus focus;

    template <class T>
    SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
      T const w = static_cast<T>(weight[c.label]);
      return focal_cell(c.logit, w * c.target, w * (T(1) - c.target), focus);
    }
  };

  template <class B>
  struct bound {
    buffer<double, B> weight;
    double gamma;
    functor<any_focus> get() const { return {weight.data(), {gamma}}; }
    template <class Use>
    void with(Use const& use) const {
      with_focus(gamma, [&](auto focus) { use(functor<decltype(focus)>{weight.data(), focus}); });
    }
  };

  /// Throws shape_error unless label_counts is empty or one a label, value_error where one is negative or not finite.
  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    std::vector<double> weights(label_counts.size());
    double sum = 0, counted = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) {
      double const n = label_counts[j] < 1 ? 1.0 : label_counts[j];
      // (1 − β) / (1 − β^n), also for β next to 1.
      weights[j] = (1 - beta) / -std::expm1(n * std::log(beta > 0 ? beta : 1e-300));
      sum += label_counts[j] > 0 ? weights[j] : 0;
      counted += label_counts[j] > 0 ? 1 : 0;
    }
    label_numbers(ctx, label_counts, labels, name, "label_counts");
    if (sum > 0)
      for (double& w : weights) w *= counted / sum;
    return {label_numbers(ctx, weights, labels, name, "weights"), gamma};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::class_balanced;
}  // namespace softf1::inline SOFTF1_ABI
