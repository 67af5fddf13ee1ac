// Binary cross-entropy on logits.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// pos_weight · y · softplus(−z) + (1 − y) · softplus(z), a cell, with targets y (1 − label_smoothing) + label_smoothing/2.
/// Never takes the logarithm of a probability, so it is
/// finite for every finite logit. Range [0, ∞); log 2 at z = 0. Targets in [0, 1]. Cost: one pass (two with a mask or
/// weights), one exponential and one logarithm series a cell. Source: torch.nn.BCEWithLogitsLoss.
struct binary_cross_entropy {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "bce";
  static constexpr std::array<std::string_view, 1> option_names{"label_smoothing"};

  std::vector<double> pos_weight = {};  ///< (L,) weight of each label's positives, finite, >= 0; empty: 1
  double label_smoothing = 0;           ///< in [0, 1]: how far targets move towards one half

  double& option(std::size_t) { return label_smoothing; }
  void check(std::string_view who) const {
    require_value(label_smoothing >= 0 && label_smoothing <= 1, who,
                  "label_smoothing must be in [0, 1], got " + number_text(label_smoothing));
  }

  template <bool weighted>
  struct functor {
    static constexpr bool ignores_place = !weighted;
    double const* pos_weight;
    double smoothing;

    template <class T>
    SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
      auto const parts = math::softplus_with_sigmoid(c.logit);
      T const target = c.target + static_cast<T>(smoothing) * (T(0.5) - c.target), negative = T(1) - target;
      T positive = target;
      if constexpr (weighted) positive *= static_cast<T>(pos_weight[c.label]);
      // 0 · ∞ is 0 here: a right decision of any confidence costs nothing. A NaN is seen also where nothing weighs.
      T const poison = select(c.logit == c.logit, T(0), c.logit);
      return {select(positive == T(0), T(0), positive * parts.of_minus_logit) +
                  select(negative == T(0), T(0), negative * parts.of_logit) + poison,
              negative * parts.sigmoid - positive * parts.complement};
    }
  };

  template <class B>
  struct bound {
    buffer<double, B> pos_weight;
    double smoothing;
    bool weighted;
    functor<true> get() const { return {pos_weight.data(), smoothing}; }
    template <class Use>
    void with(Use const& use) const {
      if (weighted)
        use(get());
      else
        use(functor<false>{nullptr, smoothing});
    }
  };

  /// Throws shape_error unless pos_weight is empty or one a label, value_error where one is negative or not finite.
  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    return {label_numbers(ctx, pos_weight, labels, name, "pos_weight"), label_smoothing, !pos_weight.empty()};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::binary_cross_entropy;
}
