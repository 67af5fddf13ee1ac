// Accuracy of one label.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// (tp + tn) / (tp + fp + fn + tn): the share of right cells. In [0, 1]; undefined without cells.
struct accuracy {
  static constexpr std::string_view name = "accuracy";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tp + c.tn, c.total());
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::accuracy;
}
