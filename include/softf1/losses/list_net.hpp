// The listwise log-loss of ListNet.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/axis_wise.hpp>
#include <softf1/losses/log_sum_exp.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// −Σ_j P_j log softmax(z)_j with P = softmax(y), a row: the cross-entropy of "which cell is first", a surrogate for nDCG.
/// Range [H(P), ∞), the entropy of P; log L at equal logits. Targets are gains, any finite numbers in [0, 1].
/// Logits are finite.
/// Cost: one pass for the value, two for the gradient; two exponentials a cell.
/// Source: Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML, 2007.
struct list_net {
  static constexpr loss_kind kind = loss_kind::axis_wise;
  static constexpr std::string_view name = "list_net";
  static constexpr auto option_names = no_options;
  static constexpr std::string_view domain = "logits must be finite";
  static constexpr averaging average = averaging::samples;

  /// The sum of exponentials of logits (maximum, sum), Σ w e^y, Σ w e^y z.
  template <class T>
  struct state {
    T maximum, sum, gains, product;

    SOFTF1_HD static state identity() { return {-largest<T>(), T(0), T(0), T(0)}; }
    template <class U>
    SOFTF1_HD void merge(state<U> const& o) {
      auto const both = log_sum_exp<T>{maximum, sum} + log_sum_exp<U>{o.maximum, o.sum};
      maximum = both.maximum;
      sum = both.sum;
      gains += static_cast<T>(o.gains);
      product += static_cast<T>(o.product);
    }
  };

  struct slopes {
    double log_sum_exp, gains;
  };

  template <class T>
  SOFTF1_HD void add(state<T>& s, cell<T> const& c) const {
    if (!c.present) return;
    T const gain = c.weight * math::exp(c.target);
    s.merge(state<T>{c.logit, T(1), gain, gain * c.logit});
  }

  SOFTF1_HD axis_term<slopes> finish(state<double> const& s, std::size_t) const {
    double const lse = log_sum_exp<double>{s.maximum, s.sum}.value();
    bool const qualifies = s.gains != 0;
    return {qualifies ? lse - s.product / s.gains : 0.0, qualifies, {lse, s.gains}};
  }

  template <class T>
  SOFTF1_HD T gradient(cell<T> const& c, slopes const& s) const {
    return exp_of_gap(c.logit, static_cast<T>(s.log_sum_exp)) -
           c.weight * math::exp(c.target) / static_cast<T>(s.gains);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::list_net;
}  // namespace softf1::inline SOFTF1_ABI
