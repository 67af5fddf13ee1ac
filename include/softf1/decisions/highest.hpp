// The labels of a row that are chosen, where a rule looks at whole rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include <softf1/core/limits.hpp>
#include <softf1/core/view.hpp>
#include <softf1/decisions/domain.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::decisions::detail {

/// The scores of rows, some of which may be missing.
template <class S, class T, class B>
struct row_scores {
  matrix_view<const S, B> scores;
  matrix_view<const std::uint8_t, B> mask;  // empty: all are present

  SOFTF1_HD std::size_t labels() const { return scores.cols(); }
  SOFTF1_HD bool present(std::size_t i, std::size_t j) const { return !mask.data() || mask(i, j) != 0; }
  SOFTF1_HD T operator()(std::size_t i, std::size_t j) const { return static_cast<T>(scores(i, j)); }
};

/// to_probability by a function of this library, which is the same on every backend.
SOFTF1_HD double probability_of(double score, bool is_logit) { return is_logit ? math::sigmoid(score) : score; }

/// Writes −∞, which every score but NaN reaches, for the k labels of row i with the highest keys(i, j), of equals the
/// first, and NaN, which none reaches, for the others; all that are present where there are fewer. Cost: O(k L).
template <class Keys, class T>
SOFTF1_HD void choose_highest(Keys const& keys, std::size_t i, std::size_t k, T* row) {
  std::size_t const labels = keys.labels();
  for (std::size_t j = 0; j < labels; ++j) row[j] = quiet_nan<T>();
  for (std::size_t chosen = 0; chosen < k; ++chosen) {
    std::size_t winner = labels;
    decltype(keys(i, 0)) highest{};
    for (std::size_t j = 0; j < labels; ++j) {
      if (row[j] == row[j] || !keys.present(i, j)) continue;
      auto const key = keys(i, j);
      if (winner != labels && !(key > highest)) continue;
      winner = j;
      highest = key;
    }
    if (winner == labels) return;
    row[winner] = -infinity<T>();
  }
}

}  // namespace softf1::inline SOFTF1_ABI::decisions::detail
