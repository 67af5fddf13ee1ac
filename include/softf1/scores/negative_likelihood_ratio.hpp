// The negative likelihood ratio.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// LR− = false negative rate / specificity: how many times more often positives than negatives are left out. In [0, ∞],
/// 0 without false negatives: lower is better; undefined unless both classes occur and some cell is not predicted.
/// Source: Altman and Bland, "Diagnostic tests 4: likelihood ratios", BMJ 329, 2004.
struct negative_likelihood_ratio {
  static constexpr std::string_view name = "negative_likelihood_ratio";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, infinity<double>(), 0};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(ratio(c.fn, c.tp + c.fn), ratio(c.tn, c.fp + c.tn));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::negative_likelihood_ratio;
}
