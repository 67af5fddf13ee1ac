// Links: how a logit becomes the soft decision that is counted.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// What is counted of a logit: a value, 1 − value, and the derivative of the value by the logit, each accurate where the
/// others saturate. A link is a trivially copyable functor from T to these.
template <class T>
using counted = math::sigmoid_parts<T>;

/// p = σ(z): the probability itself. In [0, 1].
struct sigmoid_link {
  template <class T>
  SOFTF1_HD counted<T> operator()(T logit) const {
    return math::sigmoid_with_parts(logit);
  }
};

/// σ(slope (z + offset)): a probability that was made sharper. In [0, 1]; slope 1 and offset 0 give σ(z).
/// Source: Bénédict et al., "sigmoidF1: A smooth F1 score surrogate loss for multilabel classification", TMLR, 2022.
struct sharpened_link {
  double slope = 1;   ///< finite, > 0
  double offset = 0;  ///< finite, in units of the logit

  static constexpr std::array<std::string_view, 2> option_names{"slope", "offset"};
  constexpr double& option(std::size_t k) { return k == 0 ? slope : offset; }
  void check(std::string_view who) const {
    require_value(slope > 0 && slope * 0 == 0, who, "slope must be finite and > 0, got " + number_text(slope));
    require_value(offset * 0 == 0, who, "offset must be finite, got " + number_text(offset));
  }

  template <class T>
  SOFTF1_HD counted<T> operator()(T logit) const {
    auto const p = math::sigmoid_with_parts(static_cast<T>(slope) * (logit + static_cast<T>(offset)));
    return {p.value, p.complement, static_cast<T>(slope) * p.derivative};
  }
};

/// A(p) = 1 / (1 + e^{−factor (p − ½)}): a probability that was pushed towards 0 or 1. In [A(0), A(1)], which is within
/// 1.5e-16 of [0, 1] for factor 73. Source: Han et al., "AnyLoss: Transforming classification metrics into loss
/// functions", KDD, 2024.
struct amplified_link {
  double factor = 73;  ///< finite, > 0

  static constexpr std::array<std::string_view, 1> option_names{"factor"};
  constexpr double& option(std::size_t) { return factor; }
  void check(std::string_view who) const {
    require_value(factor > 0 && factor * 0 == 0, who, "factor must be finite and > 0, got " + number_text(factor));
  }

  template <class T>
  SOFTF1_HD counted<T> operator()(T logit) const {
    T const k = static_cast<T>(factor);
    auto const p = math::sigmoid_with_parts(logit);
    // p − ½ from the smaller of p and 1 − p, which is accurate where the other rounds to 1.
    T const from_half = select(logit < T(0), p.value - T(0.5), T(0.5) - p.complement);
    auto const a = math::sigmoid_with_parts(k * from_half);
    return {a.value, a.complement, k * a.derivative * p.derivative};
  }
};

/// z itself, in place of a probability: for scores that lie in [0, 1] already, or nearly.
struct identity_link {
  template <class T>
  SOFTF1_HD counted<T> operator()(T logit) const {
    return {logit, T(1) - logit, T(1)};
  }
};

/// p (1 − p)^alpha: what is decided already counts less. In [0, 1].
/// Source: after Li et al., "Dice loss for data-imbalanced NLP tasks", ACL, 2020, which has it in each element.
struct power_link {
  double alpha = 1;  ///< finite, >= 0; 0 gives σ(z)

  static constexpr std::array<std::string_view, 1> option_names{"alpha"};
  constexpr double& option(std::size_t) { return alpha; }
  void check(std::string_view who) const {
    require_value(alpha >= 0 && alpha * 0 == 0, who, "alpha must be finite and >= 0, got " + number_text(alpha));
  }

  template <class T>
  SOFTF1_HD counted<T> operator()(T logit) const {
    T const a = static_cast<T>(alpha);
    auto const p = math::softplus_with_sigmoid(logit);
    // (1 − p)^a = e^{−a softplus(z)}; 0 · ∞ is 0 here.
    T const power = math::exp(-select(a == T(0), T(0), a * p.of_logit));
    T const value = p.sigmoid * power;
    return {value, T(1) - value, value * (p.complement - a * p.sigmoid)};
  }
};

/// z >= threshold, the decision itself, with the derivative of σ(z): hard counts forward, a soft gradient back. The
/// gradient is a surrogate: the value has none.
/// Source: Bengio et al., "Estimating or propagating gradients through stochastic neurons", 2013.
struct straight_through_link {
  double threshold = 0;  ///< a logit

  static constexpr std::array<std::string_view, 1> option_names{"threshold"};
  constexpr double& option(std::size_t) { return threshold; }
  void check(std::string_view who) const {
    require_value(threshold == threshold, who, "threshold must be a number, got nan");
  }

  template <class T>
  SOFTF1_HD counted<T> operator()(T logit) const {
    bool const yes = logit >= static_cast<T>(threshold);
    T const nan = logit - logit;  // NaN stays NaN; ∞ is decided
    T const poison = select(logit == logit, T(0), nan);
    return {select(yes, T(1), T(0)) + poison, select(yes, T(0), T(1)) + poison,
            math::sigmoid_with_parts(logit).derivative};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::amplified_link;
using losses::identity_link;
using losses::power_link;
using losses::sharpened_link;
using losses::sigmoid_link;
using losses::straight_through_link;
}  // namespace softf1::inline SOFTF1_ABI
