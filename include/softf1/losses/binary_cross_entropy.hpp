// Binary cross-entropy on logits.
#pragma once

#include <string_view>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// pos_weight · y · softplus(−z) + (1 − y) · softplus(z), a cell. Never takes the logarithm of a probability, so it is
/// finite for every finite logit. Range [0, ∞); log 2 at z = 0. Targets in [0, 1]. Cost: one pass (two with a mask or
/// weights), one exponential and one logarithm series a cell. Source: torch.nn.BCEWithLogitsLoss.
struct binary_cross_entropy {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "bce";
  static constexpr auto option_names = no_options;

  std::vector<double> pos_weight = {};  ///< (L,) weight of each label's positives, finite, >= 0; empty: 1

  struct functor {
    double const* pos_weight;

    template <class T>
    SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
      auto const parts = math::softplus_with_sigmoid(c.logit);
      T const positive = static_cast<T>(pos_weight[c.label]) * c.target;
      T const negative = T(1) - c.target;
      // 0 · ∞ is 0 here: a right decision of any confidence costs nothing.
      return {select(positive == T(0), T(0), positive * parts.of_minus_logit) +
                  select(negative == T(0), T(0), negative * parts.of_logit),
              negative * parts.sigmoid - positive * parts.complement};
    }
  };

  template <class B>
  struct bound {
    buffer<double, B> pos_weight;
    functor get() const { return functor{pos_weight.data()}; }
  };

  /// Throws shape_error unless pos_weight is empty or one a label, value_error where one is negative or not finite.
  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    buffer<double, B> weights(ctx, labels);
    fill(ctx, weights.view(), 1.0);
    if (pos_weight.empty()) return {std::move(weights)};
    vector_view<const double> const host(pos_weight.data(), pos_weight.size());
    require_shape(name, "pos_weight", {labels}, host.shape());
    for (std::size_t j = 0; j < labels; ++j)
      require_value(
          pos_weight[j] >= 0 && pos_weight[j] * 0 == 0, name,
          "pos_weight must be finite and >= 0, got " + number_text(pos_weight[j]) + " for label " + std::to_string(j));
    copy(ctx, host, weights.view());
    return {std::move(weights)};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::binary_cross_entropy;
}
