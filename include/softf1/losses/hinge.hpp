// Hinge losses.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// max(0, margin − t z), t = 2y − 1, a cell. In [0, ∞); `margin` at z = 0, where it bends the slope is 0. Targets 0 or 1.
/// Cost: one pass (two with a mask or weights). Source: Cortes and Vapnik, "Support-vector networks", 1995;
/// tf.keras.losses.Hinge.
struct hinge {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "hinge";
  static constexpr bool ignores_place = true;
  static constexpr std::array<std::string_view, 1> option_names{"margin"};
  static constexpr targets_rule targets = targets_rule::zero_or_one;

  double margin = 1;  ///< a logit, finite, > 0

  constexpr double& option(std::size_t) { return margin; }
  void check(std::string_view who) const {
    require_value(margin > 0 && margin * 0 == 0, who, "margin must be finite and > 0, got " + number_text(margin));
  }

  template <class T>
  SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
    T const t = T(2) * binary_target(c.target) - T(1);
    T const gap = static_cast<T>(margin) - t * c.logit;
    return {select(gap <= T(0), T(0), gap), select(gap <= T(0), T(0), -t)};
  }
};

/// max(0, margin − t z)², t = 2y − 1, a cell. In [0, ∞); smooth; a wrong infinite logit has an infinite slope. Targets 0 or 1. Cost as hinge.
/// Source: Chang et al., "Coordinate descent method for large-scale L2-loss linear support vector machines", JMLR, 2008;
/// tf.keras.losses.SquaredHinge.
struct squared_hinge : hinge {
  static constexpr std::string_view name = "squared_hinge";

  template <class T>
  SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
    auto const h = hinge::operator()(c);
    return {h.value * h.value, T(2) * h.value * h.slope};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::hinge;
using losses::squared_hinge;
}  // namespace softf1::inline SOFTF1_ABI
