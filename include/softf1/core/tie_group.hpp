// What is read from the sorted sequence of a label's scores.
#pragma once

#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A group of cells with equal score, in descending order of scores. Counts are weighted sums, exact integers without
/// weights.
template <class T>
struct tie_group {
  T value;           ///< the score of the group
  T next;            ///< the next lower distinct score; `value` where the group is the last
  bool is_last;      ///< no lower score follows
  double tp, fp;     ///< positives and negatives with a score >= value
  double tp_before;  ///< positives with a score > value
  double fp_before;  ///< negatives with a score > value
};

/// Totals of a column of cells.
struct column_totals {
  double positives = 0;     ///< weight of the present positive cells
  double negatives = 0;     ///< weight of the present negative cells
  std::size_t cells = 0;    ///< number of present cells
  std::size_t invalid = 0;  ///< present cells with a NaN score or a target that is neither 0 nor 1
};

}  // namespace softf1::inline SOFTF1_ABI
