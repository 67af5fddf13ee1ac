// Links: how a logit becomes the soft decision that is counted.
#pragma once

#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// p = σ(z): the probability itself is counted. A link gives value, complement (1 − value) and derivative by the logit,
/// each accurate where the others saturate.
struct sigmoid_link {
  template <class T>
  SOFTF1_HD math::sigmoid_parts<T> operator()(T logit) const {
    return math::sigmoid_with_parts(logit);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses
