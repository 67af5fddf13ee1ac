// A score that counts where another one keeps a promise.
#pragma once

#include <softf1/scores/confusion.hpp>

namespace softf1::inline SOFTF1_ABI::scores {

/// A score where another one reaches a value, else 0: `reaching<recall, precision>{{}, {}, 0.9}` is recall at
/// precision 0.9. Where neither falls with tp nor grows with fp, neither does this: so best_bin_edge bounds it.
template <class Score, class Promise>
struct reaching {
  Score score;
  Promise promise;
  double at_least;

  template <class T>
  SOFTF1_HD T operator()(confusion<T> const& c) const {
    return promise(c) >= T(at_least) ? score(c) : T(0);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::scores

namespace softf1::inline SOFTF1_ABI {
using scores::reaching;
}
