// The predicted rate.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// (tp + fp) / (tp + fp + fn + tn): the share of cells that is predicted positive. In [0, 1]; undefined without cells.
struct predicted_rate {
  static constexpr std::string_view name = "predicted_rate";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, 1, no_perfect_value};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tp + c.fp, c.total());
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::predicted_rate;
}
