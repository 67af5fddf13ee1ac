// F1 of logits taken for probabilities.
#pragma once

#include <string_view>

#include <softf1/losses/soft_score.hpp>
#include <softf1/math/ratio.hpp>
#include <softf1/scores/f1.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// F1 where its denominator is positive: elsewhere it is infinite, and no number says anything.
struct unbounded_f1_score {
  static constexpr bool has_domain = true;  ///< NaN says that counts lie outside, not that there are none

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    T const denominator = T(2) * c.tp + c.fp + c.fn;
    bool const outside = denominator < T(0) || (denominator == T(0) && c.tp != T(0));
    return outside ? T(quiet_nan<double>()) : math::ratio(T(2) * c.tp, denominator);
  }
};

/// 1 − 2tp / (2tp + fp + fn) with the logit itself in place of a probability: tp = Σ z y, fp = Σ z (1−y), fn = Σ (1−z) y.
/// Its domain are logits whose sum over a label's cells, with the number of its positives, is positive: Σz + Σy > 0
/// (any logits in [0, 1], and those that stay near); there it is in (−∞, ∞), and in [0, 1] for logits in [0, 1].
/// Outside, value_error where the value is read back, else NaN with gradient 0.
/// Source: the code of Bénédict et al., "sigmoidF1", TMLR, 2022.
struct unbounded_f1 : soft_score<unbounded_f1_score, identity_link> {
  static constexpr std::string_view name = "unbounded_f1";
  static constexpr std::string_view domain =
      "logits are counted as they are: their sum over a label's cells, with the number of its positives, must be > 0";
  constexpr unbounded_f1(soft_options o = {}) : soft_score({}, {}, o) {}
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::unbounded_f1;
}  // namespace softf1::inline SOFTF1_ABI
