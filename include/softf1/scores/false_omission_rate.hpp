// The false omission rate.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// fn / (fn + tn) = 1 − negative predictive value. In [0, 1], lower is better; undefined where everything is predicted.
/// Source: Fawcett, "An introduction to ROC analysis", 2006.
struct false_omission_rate {
  static constexpr std::string_view name = "false_omission_rate";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, 1, 0};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.fn, c.fn + c.tn);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::false_omission_rate;
}
