// All refinements: what stands behind a `+` of a strategy.
#pragma once

#include <softf1/thresholds/refinements/back_off.hpp>
#include <softf1/thresholds/refinements/bagged.hpp>
#include <softf1/thresholds/refinements/k_fold.hpp>
#include <softf1/thresholds/refinements/shrunk.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// A refinement has `name`, `option_names` and, for a search, rows and a score, gives a threshold_set.
using all = type_list<k_fold, bagged, shrunk, back_off>;

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
