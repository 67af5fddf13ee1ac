// Rows cut where their scores fall most.
#pragma once

#include <cstddef>
#include <optional>

#include <softf1/core/heap_sort.hpp>
#include <softf1/core/limits.hpp>
#include <softf1/decisions/domain.hpp>
#include <softf1/decisions/highest.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// Of each row the labels above the largest gap between its sorted scores (in their own domain), the highest of equal
/// gaps; all labels of a row whose scores are the same. Nothing is tuned. Also called MCut. The gaps
/// of logits are not those of probabilities.
/// Source: Largeron, Moulin and Géry, "MCut: a thresholding strategy for multi-label classification", IDA 2012.
struct largest_gap {
  std::optional<score_domain> domain = {};  ///< of the scores that it is for; none: any
};

namespace detail {

/// Writes −∞ for the labels of row i that are chosen, NaN for the others, to `to` (N, L).
template <class S, class T, class B>
struct gap_thresholds {
  struct is_less {
    SOFTF1_HD bool operator()(T a, T b) const { return a < b; }
  };
  row_scores<S, T, B> rows;
  T* to;

  SOFTF1_HD void operator()(std::size_t i) const {
    std::size_t const labels = rows.labels();
    T* const row = to + i * labels;
    std::size_t size = 0;
    for (std::size_t j = 0; j < labels; ++j)
      if (rows.present(i, j)) row[size++] = rows(i, j);
    heap_sort_descending(row, size, is_less{});
    T least = size != 0 ? row[size - 1] : T(0), widest = 0;
    for (std::size_t k = 0; k + 1 < size; ++k) {
      T const gap = row[k] - row[k + 1];
      if (!(gap > widest)) continue;
      widest = gap;
      least = row[k];
    }
    for (std::size_t j = 0; j < labels; ++j)
      row[j] = rows.present(i, j) && rows(i, j) >= least ? -infinity<T>() : quiet_nan<T>();
  }
};

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::largest_gap;
}
