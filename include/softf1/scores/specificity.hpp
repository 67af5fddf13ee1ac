// Specificity.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// tn / (tn + fp): the share of the negatives that is not predicted. In [0, 1]; undefined without negatives.
/// Also called true negative rate. Source: Yerushalmy, Public Health Reports, 1947.
struct specificity {
  static constexpr std::string_view name = "specificity";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tn, c.tn + c.fp);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::specificity;
}
