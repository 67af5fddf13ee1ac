// The asymmetric loss.
#pragma once

#include <array>
#include <string_view>
#include <type_traits>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/focusing.hpp>
#include <softf1/math/log.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// y (1 − p)^γ₊ (−log p) + (1 − y) p_m^γ₋ (−log(1 − p_m)), p_m = max(p − margin, 0), a cell: easy negatives weigh little,
/// those below the margin nothing ("ASL"): `asymmetric{.gamma_negative = 4, .gamma_positive = 1, .margin = 0.05}`.
/// Range [0, ∞). Targets in [0, 1]. The reduction is the mean over cells unless told otherwise (its authors sum), and no
/// logarithm is clamped. With `detach` the weights (1 − p)^γ₊ and p_m^γ₋ have no gradient, as in the authors' code by
/// default; the gradient is then a surrogate. With equal γ and margin 0 it is the focal loss without α.
/// Cost: one pass (two with a mask or weights), an exponential and two logarithm series a cell, and
/// three more of each unless both gammas are whole numbers up to 7.
/// Source: Ridnik et al., "Asymmetric loss for multi-label classification", ICCV, 2021.
struct asymmetric {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "asymmetric";
  static constexpr std::array<std::string_view, 3> option_names{"gamma_negative", "gamma_positive", "margin"};
  static constexpr std::array<std::string_view, 1> word_names{"detach"};

  double gamma_negative = 4;  ///< finite, >= 0
  double gamma_positive = 1;  ///< finite, >= 0
  double margin = 0.05;       ///< in [0, 1)
  bool detach = false;        ///< whether the focusing weights are constants to the gradient

  constexpr double& option(std::size_t k) { return k == 0 ? gamma_negative : k == 1 ? gamma_positive : margin; }
  void set_word(std::string_view key, std::string_view value) {
    detach = place_of_word(value, std::array<std::string_view, 2>{"off", "on"}, key) == 1;
  }
  void check(std::string_view who) const {
    for (double gamma : {gamma_negative, gamma_positive})
      require_value(gamma >= 0 && gamma * 0 == 0, who,
                    "gamma_negative and gamma_positive must be finite and >= 0, got " + number_text(gamma));
    require_value(margin >= 0 && margin < 1, who, "margin must be in [0, 1), got " + number_text(margin));
  }

  template <class Focus>
  struct functor {
    static constexpr bool ignores_place = true;
    Focus positive_focus, negative_focus;
    double margin;
    bool detach;

    template <class T>
    SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
      auto const parts = math::softplus_with_sigmoid(c.logit);
      auto const yes = positive(parts), no = negative(parts);
      T const y = c.target, n = T(1) - c.target;
      return {select(y == T(0), T(0), y * yes.value) + select(n == T(0), T(0), n * no.value),
              y * yes.slope + n * no.slope};
    }

   private:
    // (1 − p)^γ (−log p)
    template <class T>
    SOFTF1_HD value_and_slope<T> positive(math::softplus_parts<T> const& s) const {
      T const gamma = static_cast<T>(positive_focus.gamma()), weight = positive_focus(s.complement, s.of_logit);
      bool const constant = detach | (gamma == T(0));
      T const bend = select(constant | (s.sigmoid == T(0)), T(0), gamma * s.sigmoid * s.of_minus_logit);
      return {select(weight == T(0), T(0), weight * s.of_minus_logit), -weight * (bend + s.complement)};
    }

    // m^γ (−log(1 − m)), m = max(p − margin, 0). Without a margin, from the softplus, which is accurate for p near 1.
    template <class T>
    SOFTF1_HD value_and_slope<T> negative(math::softplus_parts<T> const& s) const {
      T const shift = static_cast<T>(margin);
      bool const shifted = shift > T(0);
      T const m = select(s.sigmoid <= shift, T(0), s.sigmoid - shift);
      T const rest = select(shifted, s.complement + shift, T(1));  // 1 − m, where it is used
      T const loss = select(shifted, -math::log(rest), s.of_logit);
      T const rate = select(shifted, s.sigmoid * s.complement / rest, s.sigmoid);  // of the loss
      T weight, steep;
      negative_focus.weigh(m, weight, steep);
      // At p = 1 the loss is infinite without a margin, and 1 − p is 0.
      T const bend = select(detach | (s.complement == T(0)), T(0), steep * loss * s.sigmoid * s.complement);
      bool const nothing = m == T(0);
      T const poison = m - m;  // NaN stays NaN, whatever its logarithm is
      return {select(nothing, T(0), weight * loss + poison), select(nothing, T(0), bend + weight * rate)};
    }
  };

  struct bound {
    double gamma_negative, gamma_positive, margin;
    bool detach;

    functor<any_focus> get() const { return {{gamma_positive}, {gamma_negative}, margin, detach}; }
    template <class Use>
    void with(Use const& use) const {
      with_focus(gamma_negative, [&]<class No>(No no) {
        with_focus(gamma_positive, [&]<class Yes>(Yes yes) {
          if constexpr (std::is_same_v<Yes, No>)
            use(functor<No>{yes, no, margin, detach});
          else
            use(get());
        });
      });
    }
  };

  template <class B>
  bound bind(context<B>&, std::size_t) const {
    return {gamma_negative, gamma_positive, margin, detach};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::asymmetric;
}  // namespace softf1::inline SOFTF1_ABI
