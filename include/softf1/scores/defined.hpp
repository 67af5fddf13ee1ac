// What a score counts as where it is undefined.
#pragma once

#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// A score, or `otherwise` where it is undefined (NaN).
SOFTF1_HD constexpr double value_or(double score, double otherwise) { return score != score ? otherwise : score; }

/// score(c), or `otherwise` where it is undefined. The score may be one of the host alone, if it is called there.
SOFTF1_ANY_CALLEE
template <class Score>
SOFTF1_HD constexpr double score_or(Score const& score, confusion<double> const& c, double otherwise) {
  return value_or(score(c), otherwise);
}

/// The same for the predictor that accepts tp of the positives and fp of the negatives.
SOFTF1_ANY_CALLEE
template <class Score>
SOFTF1_HD constexpr double accepted_score_or(Score const& score, double tp, double fp, double positives,
                                             double negatives, double otherwise) {
  return score_or(score, confusion<double>{tp, fp, positives - tp, negatives - fp}, otherwise);
}

}  // namespace softf1::inline SOFTF1_ABI::scores
