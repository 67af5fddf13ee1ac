// As many labels a row as its scores promise.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/heap_sort.hpp>
#include <softf1/decisions/highest.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// The k highest scores of each row, of those that tie the first, where k is the whole number nearest to
/// w_0 + w_1 Σ p + Σ_r w_{2 + r} p_(r), in [least, most]; p are the probabilities that stand for the row's scores,
/// p_(r) the r-th highest, 0 where the row has fewer. Found by the strategy `metalabeler`.
/// Source: Tang, Rajan and Narayanan, "Large scale multi-label classification via MetaLabeler", WWW 2009.
struct predicted_size {
  static constexpr std::size_t most_weights = 10, no_limit = 1'000'000'000;

  std::vector<double> weights;  ///< from 2 to 10, finite
  std::size_t least = 0;        ///< labels a row, where it has as many
  std::size_t most = no_limit;  ///< labels a row

  /// Throws value_error for weights that are none, or least > most.
  void check(std::string_view who) const {
    require_value(weights.size() >= 2 && weights.size() <= most_weights, who,
                  "weights of predicted_size must be from 2 to 10, got " + std::to_string(weights.size()));
    for (double w : weights) require_value(w * 0 == 0, who, "weights of predicted_size must be finite");
    require_value(least <= most && most <= no_limit, who,
                  "least of predicted_size must not be above most, nor most above 1000000000");
  }
};

namespace detail {

/// choose_highest of predicted_size for each row.
template <class S, class T, class B>
struct size_thresholds {
  struct is_less {
    SOFTF1_HD bool operator()(T a, T b) const { return a < b; }
  };
  row_scores<S, T, B> rows;
  double weights[predicted_size::most_weights];  // 0 where there are fewer
  std::size_t least, most;
  bool is_logit;
  T* to;

  SOFTF1_HD void operator()(std::size_t i) const {
    std::size_t const labels = rows.labels();
    T* const row = to + i * labels;
    std::size_t size = 0;
    for (std::size_t j = 0; j < labels; ++j)
      if (rows.present(i, j)) row[size++] = rows(i, j);
    heap_sort_descending(row, size, is_less{});
    double sum = 0, highest = 0;
    for (std::size_t r = 0; r < size; ++r) {
      double const p = probability_of(static_cast<double>(row[r]), is_logit);
      sum += p;
      if (r + 2 < predicted_size::most_weights) highest += weights[r + 2] * p;
    }
    double const nearest = weights[0] + weights[1] * sum + highest + 0.5;
    std::size_t k = nearest < 1                             ? 0
                    : nearest < static_cast<double>(labels) ? static_cast<std::size_t>(nearest)
                                                            : labels;
    k = k < least ? least : k > most ? most : k;
    choose_highest(rows, i, k, row);
  }
};

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::predicted_size;
}
