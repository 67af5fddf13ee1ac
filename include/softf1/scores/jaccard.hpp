// The Jaccard index.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// tp / (tp + fp + fn): intersection over union of predicted and true. In [0, 1]; undefined where both are empty.
/// Source: Jaccard, New Phytologist, 1912.
struct jaccard {
  static constexpr std::string_view name = "jaccard";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tp, c.tp + c.fp + c.fn);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::jaccard;
}
