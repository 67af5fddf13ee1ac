// The focal loss.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/focal_cell.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// α y (1 − p)^γ (−log p) + (1 − α) (1 − y) p^γ (−log(1 − p)), a cell: `focal{.alpha = 0.25, .gamma = 2}`.
/// Range [0, ∞); at z = 0, 2^{−γ} log 2 times α or 1 − α. Targets in [0, 1]. With alpha < 0 both classes weigh 1, as in
/// torchvision. Cost: one pass (two with a mask or weights), an exponential and a logarithm series a
/// cell, two exponentials more unless gamma is a whole number up to 7.
/// Source: Lin et al., "Focal loss for dense object detection", ICCV, 2017; torchvision.ops.sigmoid_focal_loss.
struct focal {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "focal";
  static constexpr std::array<std::string_view, 2> option_names{"alpha", "gamma"};

  double alpha = 0.25;  ///< the weight of positives, <= 1; below 0: no weights
  double gamma = 2;     ///< finite, >= 0

  constexpr double& option(std::size_t k) { return k == 0 ? alpha : gamma; }
  void check(std::string_view who) const {
    require_value(alpha <= 1 && alpha * 0 == 0, who, "alpha must be at most 1, got " + number_text(alpha));
    require_value(gamma >= 0 && gamma * 0 == 0, who, "gamma must be finite and >= 0, got " + number_text(gamma));
  }

  template <class Focus>
  struct functor {
    static constexpr bool ignores_place = true;
    double positive, negative;
    Focus focus;

    template <class T>
    SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
      T const yes = static_cast<T>(positive) * c.target, no = static_cast<T>(negative) * (T(1) - c.target);
      return focal_cell(c.logit, yes, no, focus);
    }
  };

  struct bound {
    double positive, negative, gamma;
    functor<any_focus> get() const { return {positive, negative, {gamma}}; }
    template <class Use>
    void with(Use const& use) const {
      with_focus(gamma, [&](auto focus) { use(functor<decltype(focus)>{positive, negative, focus}); });
    }
  };

  template <class B>
  bound bind(context<B>&, std::size_t) const {
    return {alpha < 0 ? 1 : alpha, alpha < 0 ? 1 : 1 - alpha, gamma};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::focal;
}  // namespace softf1::inline SOFTF1_ABI
