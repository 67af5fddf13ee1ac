// The critical success index.
#pragma once

#include <string_view>

#include <softf1/scores/jaccard.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// tp / (tp + fp + fn): the Jaccard index, as forecasters call it; also threat score.
/// Source: Schaefer, "The critical success index as an indicator of warning skill", 1990.
struct critical_success_index {
  static constexpr std::string_view name = "critical_success_index";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return jaccard{}(c);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::critical_success_index;
}
