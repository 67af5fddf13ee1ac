// Balanced accuracy.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// ½ (recall + specificity). In [0, 1], ½ for any constant prediction; undefined unless both classes occur.
/// Source: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010.
struct balanced_accuracy {
  static constexpr std::string_view name = "balanced_accuracy";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return T(0.5) * (ratio(c.tp, c.tp + c.fn) + ratio(c.tn, c.tn + c.fp));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::balanced_accuracy;
}
