// The Fowlkes–Mallows index.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// √(precision · recall) = tp / √((tp + fp)(tp + fn)). In [0, 1]; undefined without positives and where nothing is
/// predicted. Source: Fowlkes and Mallows, "A method for comparing two hierarchical clusterings", JASA 78, 1983.
struct fowlkes_mallows {
  static constexpr std::string_view name = "fowlkes_mallows";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return ratio(c.tp, safe_sqrt((c.tp + c.fp) * (c.tp + c.fn)));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::fowlkes_mallows;
}
