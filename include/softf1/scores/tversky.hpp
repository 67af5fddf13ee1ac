// The Tversky index.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// tp / (tp + α fp + β fn): false positives and false negatives at prices of their own; α = β = ½ is F1, α = β = 1 the
/// Jaccard index. In [0, 1]; undefined where numerator and denominator are 0. α, β >= 0, finite.
/// Source: Tversky, "Features of similarity", Psychological Review, 1977.
struct tversky {
  static constexpr std::string_view name = "tversky";
  static constexpr std::array<std::string_view, 2> option_names{"alpha", "beta"};
  static constexpr score_range range{};

  double alpha = 0.5;  ///< of false positives
  double beta = 0.5;   ///< of false negatives

  constexpr double& option(std::size_t k) { return k == 0 ? alpha : beta; }
  void check() const {
    for (double price : {alpha, beta})
      require_value(price >= 0 && price * 0 == 0, name,
                    "alpha and beta must be finite and >= 0, got " + number_text(price));
  }

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tp, c.tp + T(alpha) * c.fp + T(beta) * c.fn);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::tversky;
}
