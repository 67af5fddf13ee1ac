// Cohen's kappa.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/scores/confusion.hpp>
#include <softf1/scores/range.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// (p_o − p_e) / (1 − p_e) = 2 (tp·tn − fp·fn) / ((tp + fp)(fp + tn) + (tp + fn)(fn + tn)): agreement beyond chance. In
/// [−1, 1]; undefined where prediction and truth are the same constant.
/// Source: Cohen, "A coefficient of agreement for nominal scales", 1960.
struct cohen_kappa {
  static constexpr std::string_view name = "cohen_kappa";
  static constexpr auto option_names = no_options;
  static constexpr score_range range{-1, 1, 1};

  template <class T>
  SOFTF1_HD constexpr T operator()(confusion<T> const& c) const {
    T const beyond_chance = T(2) * (c.tp * c.tn - c.fp * c.fn);
    return ratio(beyond_chance, (c.tp + c.fp) * (c.fp + c.tn) + (c.tp + c.fn) * (c.fn + c.tn));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::cohen_kappa;
}
