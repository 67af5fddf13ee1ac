// Poly-1 cross-entropy.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/losses/element_wise.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Cross-entropy + ε (1 − p_t), a cell, where p_t is the probability of what is true: the first term of cross-entropy's
/// series in 1 − p_t weighs 1 + ε. In [0, ∞) for ε >= −1; log 2 + ε/2 at z = 0. Targets in [0, 1].
/// Cost: as binary_cross_entropy. Source: Leng et al., "PolyLoss: A polynomial expansion perspective of classification
/// loss functions", ICLR, 2022.
struct poly1 {
  static constexpr loss_kind kind = loss_kind::element_wise;
  static constexpr std::string_view name = "poly1";
  static constexpr bool ignores_place = true;
  static constexpr std::array<std::string_view, 1> option_names{"epsilon"};

  double epsilon = 1;  ///< finite, >= −1

  constexpr double& option(std::size_t) { return epsilon; }
  void check(std::string_view who) const {
    require_value(epsilon >= -1 && epsilon * 0 == 0, who,
                  "epsilon must be finite and >= -1, got " + number_text(epsilon));
  }

  template <class T>
  SOFTF1_HD value_and_slope<T> operator()(cell<T> const& c) const {
    auto const s = math::softplus_with_sigmoid(c.logit);
    T const y = c.target, n = T(1) - c.target, e = static_cast<T>(epsilon);
    T const bend = e * s.sigmoid * s.complement;
    return {select(y == T(0), T(0), y * (s.of_minus_logit + e * s.complement)) +
                select(n == T(0), T(0), n * (s.of_logit + e * s.sigmoid)),
            n * (s.sigmoid + bend) - y * (s.complement + bend)};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::poly1;
}  // namespace softf1::inline SOFTF1_ABI
