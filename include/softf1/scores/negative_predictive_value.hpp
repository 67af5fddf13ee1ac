// Negative predictive value.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// tn / (tn + fn): the share of the predicted negatives that are. In [0, 1]; undefined where none is predicted negative.
/// Source: Altman and Bland, "Diagnostic tests 2: predictive values", BMJ 309, 1994.
struct negative_predictive_value {
  static constexpr std::string_view name = "negative_predictive_value";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tn, c.tn + c.fn);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::negative_predictive_value;
}
