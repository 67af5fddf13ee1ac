// A score of both classes of a label.
#pragma once

#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// ½ (score(c) + score(c with the classes exchanged)): with f_beta{} the score behind the double soft-F1 loss.
/// Undefined where either is. Source: Maiza, "The unknown benefits of using a soft-F1 loss in classification systems",
/// 2019.
template <class Score>
struct both_classes {
  Score score;

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return T(0.5) * (score(c) + score(c.negated()));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::both_classes;
}
