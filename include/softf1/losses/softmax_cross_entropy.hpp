// Softmax cross-entropy on logits, for the single-label case.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/log_sum_exp.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Σ_j y_j · (LSE(z) − z_j), a row, LSE(z) = log Σ_j e^{z_j} over the row's present cells; weights of cells weigh their
/// targets. Targets: one-hot (see one_hot for integer classes) or a distribution, values >= 0. Range [0, ∞) for rows of
/// targets that sum to 1; log L at equal logits. Logits are finite.
/// Cost: one pass for the value, two for the gradient. Source: Bridle, "Probabilistic interpretation of feedforward
/// classification network outputs", 1990.
struct softmax_cross_entropy {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "softmax_cross_entropy";
  static constexpr auto option_names = no_options;
  static constexpr std::string_view domain = "logits must be finite";
  static constexpr averaging average = averaging::samples;

  /// The sum of exponentials (maximum, sum), Σ w y, Σ w y z.
  template <class T>
  struct state {
    T maximum, sum, targets, product;

    SOFTF1_HD static state identity() { return {-largest<T>(), T(0), T(0), T(0)}; }
    SOFTF1_HD log_sum_exp<T> all() const { return {maximum, sum}; }
    SOFTF1_HD void set(log_sum_exp<T> const& e) {
      maximum = e.maximum;
      sum = e.sum;
    }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      set(all() + o.all());
      targets += static_cast<T>(o.targets);
      product += static_cast<T>(o.product);
    }
  };

  struct slopes {
    double log_sum_exp, targets;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    if (!c.present) return;
    T const y = c.weight * c.target;
    s.set(s.all() + log_sum_exp<T>{c.logit, T(1)});
    s.targets += y;
    s.product += select(y == T(0), T(0), y * c.logit);
  }

  SOFTF1_HD axis_term<slopes> finish(state<double> const& s, std::size_t) const {
    double const lse = s.all().value();
    return {s.targets * lse - s.product, s.sum != 0, {lse, s.targets}};
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    return static_cast<T>(s.targets) * exp_of_gap(c.logit, static_cast<T>(s.log_sum_exp)) - c.weight * c.target;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::softmax_cross_entropy;
}
