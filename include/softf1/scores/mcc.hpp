// Matthews correlation coefficient.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// (tp·tn − fp·fn) / √((tp + fp)(tp + fn)(tn + fp)(tn + fn)): the correlation of predicted and true. In [−1, 1];
/// undefined where prediction or truth is constant. Source: Matthews, Biochimica et Biophysica Acta, 1975.
struct mcc {
  static constexpr std::string_view name = "mcc";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{-1, 1, 1};

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    T const numerator = c.tp * c.tn - c.fp * c.fn;
    // One root: of a perfect prediction it is exact, and so is the score.
    return ratio(numerator, safe_sqrt(((c.tp + c.fp) * (c.tn + c.fn)) * ((c.tp + c.fn) * (c.tn + c.fp))));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::mcc;
}
