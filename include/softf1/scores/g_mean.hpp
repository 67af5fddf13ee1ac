// The geometric mean of recall and specificity.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// √(recall · specificity). In [0, 1]; undefined unless both classes occur.
/// Source: Kubat and Matwin, "Addressing the curse of imbalanced training sets", ICML 1997.
struct g_mean {
  static constexpr std::string_view name = "g_mean";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return safe_sqrt(ratio(c.tp, c.tp + c.fn) * ratio(c.tn, c.tn + c.fp));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::g_mean;
}
