// The zero-bounded log-sum-exp and pairwise rank-based loss.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/log_sum_exp.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// log(1 + Σ_{y=1} e^{−z}) + log(1 + Σ_{y=0} e^z), a row: decide at z > 0. Range [0, ∞); at z = 0, log(1 + P) + log(1 + N)
/// for P positives and N negatives. Every row with a present cell is a term. Targets 0 or 1.
/// Cost: one pass for the value, two for the gradient; two exponentials a cell.
/// Source: Su et al., "ZLPR: A novel loss for multi-label classification", 2022.
struct zlpr {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "zlpr";
  static constexpr auto option_names = no_options;
  static constexpr targets_rule targets = targets_rule::zero_or_one;
  static constexpr averaging average = averaging::samples;

  template <class T>
  using state = both_log_sum_exp<T>;

  /// log(1 + Σ…) of the positives and of the negatives.
  struct slopes {
    double positive, negative;
  };

  template <class T>
  SOFTF1_HD void add(both_log_sum_exp<T>& s, cell<T> const& c) const {
    s.add(c.target, c.weight, -c.logit, c.logit);
  }

  SOFTF1_HD axis_term<slopes> finish(state<double> const& s, std::size_t) const {
    // By softplus: 1 + Σ e^x would swallow the sum of a row that is right.
    double const positive = math::softplus(s.positive().value()), negative = math::softplus(s.negative().value());
    return {positive + negative, s.positive_sum != 0 || s.negative_sum != 0, {positive, negative}};
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    bool const yes = c.target != T(0);
    T const share = exp_of_gap(yes ? -c.logit : c.logit, static_cast<T>(yes ? s.positive : s.negative));
    T const part = select(c.weight == T(0), T(0), c.weight * share);  // a cell that was left out may be above the sum
    return yes ? -part : part;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::zlpr;
}  // namespace softf1::inline SOFTF1_ABI
