// Youden's J.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// recall + specificity − 1, also called informedness. In [−1, 1], 0 for any constant prediction; undefined unless both
/// classes occur. Source: Youden, "Index for rating diagnostic tests", Cancer 3, 1950.
struct youden_j {
  static constexpr std::string_view name = "youden_j";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{-1, 1, 1};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tp, c.tp + c.fn) + ratio(c.tn, c.tn + c.fp) - T(1);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::youden_j;
}
