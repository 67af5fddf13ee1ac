// The false positive rate.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// fp / (fp + tn) = 1 − specificity. In [0, 1], lower is better; undefined without negatives.
/// Source: Fawcett, "An introduction to ROC analysis", 2006.
struct false_positive_rate {
  static constexpr std::string_view name = "false_positive_rate";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, 1, 0};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.fp, c.fp + c.tn);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::false_positive_rate;
}
