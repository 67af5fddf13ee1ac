// Where a label stands among the labels of its row: counted, not sorted.
#pragma once

#include <cstddef>
#include <cstdint>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// The labels of a row: its present cells.
struct row_labels {
  std::uint32_t present = 0, relevant = 0;
  std::uint32_t invalid = 0;  ///< NaN score, or a target that is neither 0 nor 1
};

template <class Cells>
SOFTF1_HD bool is_relevant(Cells const& cells, std::size_t i, std::size_t j) {
  return cells.target(i, j) == 1 && cells.present(i, j);
}

template <class Cells>
SOFTF1_HD row_labels count_labels_of(Cells const& cells, std::size_t i) {
  row_labels n;
  std::size_t const cols = cells.cols();
  for (std::size_t j = 0; j < cols; ++j) {
    auto const score = cells.logit(i, j);
    auto const target = cells.target(i, j);
    bool const here = cells.present(i, j), yes = target == 1;
    n.present += here;
    n.relevant += here & yes;
    n.invalid += here & ((score != score) | ((target != 0) & !yes));
  }
  return n;
}

/// How many labels of a row score above a label, and how many at least as high (itself among them): all labels, and the
/// relevant ones. Equal scores take the places `above` to `at_least` - 1 (from 0) together.
struct label_rank {
  std::uint32_t above = 0, at_least = 0, relevant_above = 0, relevant_at_least = 0;

  SOFTF1_HD std::uint32_t irrelevant_above() const { return above - relevant_above; }
  SOFTF1_HD std::uint32_t irrelevant_at_least() const { return at_least - relevant_at_least; }
};

/// The rank of label j in row i. One pass over the row without a branch, which vectorises: for the few relevant labels
/// of a row this beats a sort (of L log L steps that do not).
template <class Cells>
SOFTF1_HD label_rank rank_of(Cells const& cells, std::size_t i, std::size_t j) {
  label_rank n;
  auto const own = cells.logit(i, j);
  std::size_t const cols = cells.cols();
  for (std::size_t k = 0; k < cols; ++k) {
    auto const score = cells.logit(i, k);
    bool const here = cells.present(i, k), yes = cells.target(i, k) == 1;
    bool const higher = here & (score > own), as_high = here & (score >= own);
    n.above += higher;
    n.at_least += as_high;
    n.relevant_above += higher & yes;
    n.relevant_at_least += as_high & yes;
  }
  return n;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
