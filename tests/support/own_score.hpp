// A score of a user's own, which this library does not have.
#pragma once

#include <softf1/scores/recall.hpp>
#include <softf1/scores/specificity.hpp>

namespace softf1_test {

/// The geometric mean of recall and specificity.
struct g_mean {
  template <class T>
  SOFTF1_HD T operator()(softf1::confusion<T> const& c) const {
    return softf1::safe_sqrt(softf1::recall{}(c)*softf1::specificity{}(c));
  }
};

}  // namespace softf1_test
