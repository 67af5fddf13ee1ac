// What fused products and convolutions of all backends are told: declarations.
#pragma once

#include <cstddef>

#include <softf1/core/activation.hpp>
#include <softf1/core/half.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A matrix (K, N) that many products share, in the order in which the backend reads it.
template <class T, class B = cpu>
class packed_matrix;

/// What a fused product or convolution ends with: y = activation(x + bias + residual).
template <class T, class B = cpu>
struct epilogue {
  vector_view<const compute_type<T>, B> bias;  ///< (N,), dense
  activation act = activation::none;
  vector_view<const T, B> residual = {};  ///< the elements of a result's shape, dense; empty: none
};

/// An epilogue for one element at a time: what a sum becomes. An activation that does not clamp is left to a pass behind.
template <class T, class B>
struct end_of_sum {
  vector_view<const compute_type<T>, B> bias;
  clamp_range<compute_type<T>> range;
  T const* residual;

  explicit end_of_sum(epilogue<T, B> const& end)
      : bias(end.bias), range(range_of<compute_type<T>>(end.act)), residual(end.residual.data()) {}

  /// The element of a column, at a place of the result.
  SOFTF1_HD T operator()(compute_type<T> sum, std::size_t column, std::size_t place) const {
    sum += bias(column);
    if (residual) sum += static_cast<compute_type<T>>(residual[place]);
    return static_cast<T>(range(sum));
  }
};

/// How the images of a batch are shared out: `lanes` of them at work at once, each on at most `images` at a time.
struct lane_plan {
  std::size_t lanes, images;
};

}  // namespace softf1::inline SOFTF1_ABI
