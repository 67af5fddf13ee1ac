// Cells as they are sorted: keys that sort like scores, highest first, with what is needed of the cell beside.
#pragma once

#include <cstddef>

#include <softf1/core/ordered_key.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// The key of a cell is the complement of its score's (so that ascending order is descending score); its payload is
/// row · 2 + positive. Without weights nothing is looked up by row, so there may be more cells than it could number.
template <class Cells>
struct ranking_of {
  using score = typename Cells::score;
  using key = typename ordered_key<score>::type;

  SOFTF1_HD static key key_of(score s) { return static_cast<key>(~ordered_key<score>::from(s)); }
  SOFTF1_HD static score score_of(key k) { return ordered_key<score>::to(static_cast<key>(~k)); }
  /// Sorts behind every score but NaN.
  SOFTF1_HD static constexpr key missing() { return static_cast<key>(~key{0}); }

  SOFTF1_HD static key payload_of(std::size_t row, bool positive) {
    return static_cast<key>(((Cells::weighted ? row : 0) << 1) | (positive ? 1u : 0u));
  }
  SOFTF1_HD static bool positive(key payload) { return (payload & 1) != 0; }
  SOFTF1_HD static double weight(Cells const& cells, key payload) {
    return Cells::weighted ? cells.weight(static_cast<std::size_t>(payload >> 1)) : 1.0;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::detail
