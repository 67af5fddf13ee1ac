// The pool-adjacent-violators algorithm.
#pragma once

#include <cstddef>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// Neighbouring scores that get one probability.
struct score_block {
  double first, last;  ///< scores
  double positives, weight;

  double frequency() const { return positives / weight; }
};

/// The blocks, in ascending order of score, merged until frequencies ascend: the not descending sequence that is
/// nearest to those of the input, by squares and by log-likelihood. Equal ones are merged too. Cost: O(blocks);
/// deterministic.
/// Source: Ayer et al., "An empirical distribution function for sampling with incomplete information", 1955.
inline std::vector<score_block> pooled_blocks(std::vector<score_block> const& blocks) {
  std::vector<score_block> pooled;
  for (auto const& next : blocks) {
    pooled.push_back(next);
    while (pooled.size() > 1) {
      auto const& last = pooled[pooled.size() - 1];
      auto& before = pooled[pooled.size() - 2];
      if (before.positives * last.weight < last.positives * before.weight) break;
      before.last = last.last;
      before.positives += last.positives;
      before.weight += last.weight;
      pooled.pop_back();
    }
  }
  return pooled;
}

}  // namespace softf1::inline SOFTF1_ABI::calibration
