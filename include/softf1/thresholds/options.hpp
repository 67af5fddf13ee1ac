// What the search for decisions takes beside scores and targets.
#pragma once

#include <softf1/core/cells.hpp>
#include <softf1/decisions/decision_rule.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// Options of every strategy. Name them in this order.
template <class B = cpu>
struct threshold_options {
  score_domain domain = score_domain::logit;  ///< of the scores, and so of the thresholds: logits unless told otherwise
  mask_view<B> mask = {};                     ///< (N, L), != 0 is present
  weights_view<B> row_weights = {};           ///< (N,)
  double zero_division = 0;                   ///< what an undefined score counts as
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds

namespace softf1::inline SOFTF1_ABI {
using thresholds::threshold_options;
}
