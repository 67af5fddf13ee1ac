// Where a label stands among the labels of its row: counted, or sorted where many are relevant.
#pragma once

#include <cstddef>
#include <cstdint>

#include <softf1/config.hpp>
#include <softf1/core/heap_sort.hpp>

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
    n.invalid += here & is_bad_cell<Cells>(score, target);
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

/// The rank of label j in row i, counted: one pass over the row without a branch, which vectorises.
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

/// Up to this many relevant labels in a row are counted: about where a sort of the row becomes faster than a pass over
/// it for each of them, at any number of labels. Passes with a mask do not vectorise.
template <class Cells>
inline constexpr std::uint32_t most_counted = Cells::weighted ? 32 : 256;

/// A label and what it is sorted by.
struct keyed_label {
  double key;
  std::uint32_t label;
};

struct has_lower_key {
  SOFTF1_HD bool operator()(keyed_label const& a, keyed_label const& b) const { return a.key < b.key; }
};

/// visit(j, rank) for each relevant label j of row i, of which there are `relevant`. Without scratch they are counted,
/// in order; with room for a keyed_label a label the row is sorted.
template <class Cells, class Visit>
SOFTF1_HD void visit_relevant(Cells const& cells, std::size_t i, std::uint32_t relevant, keyed_label* scratch,
                              Visit& visit) {
  std::size_t const cols = cells.cols();
  if (!scratch) {
    for (std::size_t j = 0; relevant != 0 && j < cols; ++j) {
      if (!is_relevant(cells, i, j)) continue;
      --relevant;
      visit(j, rank_of(cells, i, j));
    }
    return;
  }
  std::uint32_t size = 0;
  for (std::size_t j = 0; j < cols; ++j)
    if (cells.present(i, j)) scratch[size++] = {static_cast<double>(cells.logit(i, j)), static_cast<std::uint32_t>(j)};
  heap_sort_descending(scratch, size, has_lower_key{});
  label_rank rank;
  for (std::uint32_t first = 0; first < size; first = rank.at_least) {
    rank.above = first;
    rank.relevant_above = rank.relevant_at_least;
    for (; rank.at_least < size && !(scratch[rank.at_least].key < scratch[first].key); ++rank.at_least)
      rank.relevant_at_least += is_relevant(cells, i, scratch[rank.at_least].label);
    for (std::uint32_t k = first; k < rank.at_least; ++k)
      if (is_relevant(cells, i, scratch[k].label)) visit(scratch[k].label, rank);
  }
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
