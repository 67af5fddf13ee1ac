// Rows of cached features, in batches.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/cells.hpp>
#include <softf1/core/random.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// Features with their targets.
template <class T, class B = cpu>
struct labelled_rows {
  matrix_view<const T, B> features;              ///< (N, D)
  matrix_view<const T, B> targets;               ///< (N, L), 0 or 1
  matrix_view<std::uint8_t const, B> mask = {};  ///< (N, L): where it is 0 the target is missing; empty: none is

  std::size_t rows() const { return features.rows(); }
};

/// The mask of rows; not given where it is empty.
template <class B>
mask_view<B> mask_of(matrix_view<std::uint8_t const, B> mask) {
  return mask.data() ? mask_view<B>(mask) : mask_view<B>();
}

/// to(i, ·) = from(rows(i), ·).
template <class T, class B>
struct gather_rows {
  matrix_view<T const, B> from;
  vector_view<std::uint64_t const, B> rows;
  matrix_view<T, B> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to(i, j) = from(rows(i), j); }
};

/// to(first + i, ·) = from(i, ·), where `first` lies on the backend.
template <class T, class B>
struct scatter_batch {
  matrix_view<const T, B> from;
  std::uint64_t const* first;
  matrix_view<T, B> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to(*first + i, j) = from(i, j); }
};

/// places(i) = first + i, ids(i) = order(first + i): where a batch is in its epoch, and which rows it has.
template <class B>
struct ids_of_batch {
  vector_view<std::uint64_t const, B> order;
  std::uint64_t const* first;
  vector_view<std::uint64_t, B> places, ids;
  SOFTF1_HD void operator()(std::size_t i) const {
    places(i) = *first + i;
    ids(i) = order(*first + i);
  }
};

/// The order of rows in an epoch: sorted by a random number each, a pure function of (seed, epoch, row).
inline std::vector<std::uint64_t> shuffled_rows(std::size_t rows, std::uint64_t seed, std::uint64_t epoch) {
  random_stream const random(seed, random_purpose::shuffle, epoch);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> keyed(rows);
  for (std::size_t i = 0; i < rows; ++i) keyed[i] = {random.bits64(i), i};
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::uint64_t> order(rows);
  for (std::size_t i = 0; i < rows; ++i) order[i] = keyed[i].second;
  return order;
}

}  // namespace softf1::inline SOFTF1_ABI::training
