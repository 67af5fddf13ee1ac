// All strategies: the list that umbrella, programs, tests and benchmarks iterate.
#pragma once

#include <softf1/thresholds/best.hpp>
#include <softf1/thresholds/fixed.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// A strategy has `name`, `option_names` and, for a score, scores, targets and options, gives a threshold_set.
using all = type_list<fixed, best>;

}  // namespace softf1::inline SOFTF1_ABI::thresholds
