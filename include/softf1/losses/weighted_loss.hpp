// Sums of losses: a loss with a weight, and what makes a loss of several.
#pragma once

#include <softf1/backend/primitives.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// A loss and its weight in a sum.
template <class Loss>
struct weighted_loss {
  double weight;
  Loss loss;
};

/// A loss that is a weighted sum of others: `terms()` gives a tuple of weighted_loss, each reduced for itself.
template <class Loss>
concept composite_loss = requires(Loss const& loss) {
  loss.terms();
};

/// to(0) + weight · from(0), or the second alone.
template <class B>
struct add_scaled_value {
  vector_view<const double, B> from;
  double weight;
  bool first;
  vector_view<double, B> to;
  SOFTF1_HD void operator()(std::size_t) const { to(0) = (first ? 0 : to(0)) + weight * from(0); }
};

template <class T, class B>
struct add_scaled_cells {
  matrix_view<const T, B> from;
  T weight;
  bool first;
  matrix_view<T, B> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    to(i, j) = (first ? T(0) : to(i, j)) + weight * from(i, j);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses
