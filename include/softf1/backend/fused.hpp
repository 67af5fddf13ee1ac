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

/// How the images of a batch are shared out: `lanes` of them at work at once, each on at most `images` at a time.
struct lane_plan {
  std::size_t lanes, images;
};

}  // namespace softf1::inline SOFTF1_ABI
