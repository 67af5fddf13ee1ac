// The positive likelihood ratio.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// LR+ = recall / false positive rate: how many times more often positives than negatives are predicted. In [0, ∞], ∞
/// without false positives; undefined unless both classes occur and some cell is predicted.
/// Source: Altman and Bland, "Diagnostic tests 4: likelihood ratios", BMJ 329, 2004.
struct positive_likelihood_ratio {
  static constexpr std::string_view name = "positive_likelihood_ratio";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, infinity<double>(), infinity<double>()};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(ratio(c.tp, c.tp + c.fn), ratio(c.fp, c.fp + c.tn));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::positive_likelihood_ratio;
}
