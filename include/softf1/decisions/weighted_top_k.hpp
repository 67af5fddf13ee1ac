// As many labels for each row, rare ones preferred.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/decisions/highest.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// The k labels of each row with the highest slope_j · p_j + offset_j, of those that tie the first; all where a row has
/// fewer. p are the probabilities that stand for the row's scores. Found by the strategy `budget`.
/// Source: Schultheis, Wydmuch, Babbar and Dembczyński, "Generalized test utilities for long-tail performance in
/// extreme multi-label classification", NeurIPS 2023.
struct weighted_top_k {
  std::size_t k = 1;                          ///< at least 1
  std::vector<double> slopes, offsets;        ///< (L,), finite
  std::vector<std::string> label_names = {};  ///< empty, or one a label

  /// Throws value_error for k = 0 or numbers that are not finite, shape_error unless there are as many of all.
  void check(std::string_view who) const {
    require_value(k > 0, who, "k of weighted_top_k must be at least 1, got 0");
    require_shape(who, "offsets of weighted_top_k", {slopes.size()}, std::vector<std::size_t>{offsets.size()});
    if (!label_names.empty())
      require_shape(who, "label names of the decision rule", {slopes.size()},
                    std::vector<std::size_t>{label_names.size()});
    for (std::size_t j = 0; j < slopes.size(); ++j)
      require_value(slopes[j] * 0 == 0 && offsets[j] * 0 == 0, who,
                    "slopes and offsets of weighted_top_k must be finite");
  }
};

namespace detail {

/// What weighted_top_k compares: keys for choose_highest.
template <class S, class T, class B>
struct weighted_scores {
  row_scores<S, T, B> rows;
  double const *slopes, *offsets;  // (L,)
  bool is_logit;

  SOFTF1_HD std::size_t labels() const { return rows.labels(); }
  SOFTF1_HD bool present(std::size_t i, std::size_t j) const { return rows.present(i, j); }
  SOFTF1_HD double operator()(std::size_t i, std::size_t j) const {
    return slopes[j] * probability_of(static_cast<double>(rows(i, j)), is_logit) + offsets[j];
  }
};

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::weighted_top_k;
}
