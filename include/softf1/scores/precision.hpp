// Precision.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// tp / (tp + fp): the share of right ones among the predicted. In [0, 1]; undefined where nothing is predicted.
/// Source: van Rijsbergen, Information Retrieval, 1979.
struct precision {
  static constexpr std::string_view name = "precision";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.tp, c.tp + c.fp);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::precision;
}
