// The false discovery rate.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// fp / (fp + tp) = 1 − precision. In [0, 1], lower is better; undefined where nothing is predicted.
/// Source: Benjamini and Hochberg, "Controlling the false discovery rate", 1995.
struct false_discovery_rate {
  static constexpr std::string_view name = "false_discovery_rate";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, 1, 0};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.fp, c.fp + c.tp);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::false_discovery_rate;
}
