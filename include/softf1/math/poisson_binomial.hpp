// How many of independent events happen.
#pragma once

#include <cstddef>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::math {

/// One event more, of probability p in [0, 1]: chances[n], the probability that n of the events before happen, becomes
/// chances[n] (1 − p) + chances[n − 1] p, and there is one number more. {1} stands for no events. Nothing is subtracted
/// but p, and nothing divided: each chance is off by at most about 3 n units in the last place after n events, relative.
/// Cost: O(events).
/// Source: Howard, "Discussion of Professor Cox's paper", JRSS B 34, 1972.
inline void add_event(std::vector<double>& chances, double p) {
  chances.push_back(0);
  for (std::size_t n = chances.size(); n-- > 1;) chances[n] = chances[n] * (1 - p) + chances[n - 1] * p;
  chances[0] *= 1 - p;
}

}  // namespace softf1::inline SOFTF1_ABI::math
