// The Hamming loss.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// (fp + fn) / (tp + fp + fn + tn): the share of wrong cells; its micro average is the Hamming loss. In [0, 1], lower is
/// better; undefined without cells. Source: Schapire and Singer, "BoosTexter", Machine Learning 39, 2000.
struct hamming {
  static constexpr std::string_view name = "hamming";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{0, 1, 0};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    return ratio(c.fp + c.fn, c.total());
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::hamming;
}
