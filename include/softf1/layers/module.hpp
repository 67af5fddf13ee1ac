// The run-time interface of layers.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/layers/parameter.hpp>
#include <softf1/layers/pass.hpp>
#include <softf1/layers/sample_shape.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A layer, bound to the shape of its samples. It keeps its parameters' views and no activations: those are the
/// caller's, so that memory is planned in one place.
template <class T, class B = cpu>
class module {
 public:
  using in_maps = feature_maps<const T, B>;
  using out_maps = feature_maps<T, B>;

  // nvcc warns of lines that begin with "module".
  inline module() = default;
  inline module(module const&) = delete;
  inline module& operator=(module const&) = delete;
  virtual ~module() = default;

  /// The shape of a sample that goes out.
  virtual sample_shape output_shape() const = 0;

  /// y = f(x), for x (N, …) and y (N, output_shape()). A layer with state (batch-norm) may update it in training.
  virtual void forward(context<B>& ctx, pass<B> const& how, in_maps x, out_maps y) = 0;

  /// Adds to the gradients of the parameters that are trained, and writes grad_x unless it is empty (its data null).
  /// x, y: what went in and came out of the forward pass with the same `how`.
  virtual void backward(context<B>& ctx, pass<B> const& how, in_maps x, in_maps y, in_maps grad_y, out_maps grad_x) = 0;

  /// The arrays of the layer. The network gives them memory before the first pass.
  std::vector<parameter<T, B>>& parameters() { return parameters_; }

  /// True where array k of the layer has a gradient that is wanted.
  bool trains(std::size_t k) const { return parameters_[k].trained; }
  /// True where any array has.
  bool trains() const {
    for (auto const& p : parameters_)
      if (p.trained) return true;
    return false;
  }

  /// Which layer of its network this is: part of the key of its random numbers.
  std::size_t index = 0;

 protected:
  std::vector<parameter<T, B>> parameters_;
};

}  // namespace softf1::inline SOFTF1_ABI::layers
