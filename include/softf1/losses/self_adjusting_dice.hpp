// The self-adjusting dice loss.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/links.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// 1 − (2q y + s) / (q + y + s), q = p (1 − p)^α, a cell. In [0, 1). Targets in [0, 1]. Cost: one pass (two with a mask or
/// weights), two exponentials a cell. Source: Li et al., "Dice loss for data-imbalanced NLP tasks", ACL, 2020.
struct self_adjusting_dice {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "self_adjusting_dice";
  static constexpr bool ignores_place = true;
  static constexpr std::array<std::string_view, 2> option_names{"alpha", "smoothing"};

  double alpha = 1;      ///< finite, >= 0
  double smoothing = 1;  ///< s, finite, > 0

  constexpr double& option(std::size_t k) { return k == 0 ? alpha : smoothing; }
  void check(std::string_view who) const {
    power_link{alpha}.check(who);
    require_value(smoothing > 0 && smoothing * 0 == 0, who,
                  "smoothing must be finite and > 0, got " + number_text(smoothing));
  }

  template <class T>
  SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
    auto const q = power_link{alpha}(c.logit);
    T const s = static_cast<T>(smoothing), y = c.target;
    T const bottom = q.value + y + s, score = (T(2) * q.value * y + s) / bottom;
    // Not 1 − score, which rounds to 0 where q does next to s.
    return {(y + q.value * (T(1) - T(2) * y)) / bottom, (score - T(2) * y) / bottom * q.derivative};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::self_adjusting_dice;
}  // namespace softf1::inline SOFTF1_ABI
