// Rectifiers.
#pragma once

#include <string_view>

#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A clamping activation as a layer; its slope at the ends of the range is 0.
template <class T, class B>
class clamp_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  clamp_layer(activation act, sample_shape shape) : shape_(shape), range_(range_of<T>(act)) {}

  sample_shape output_shape() const override { return shape_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    for_each(ctx, x.size(), clamp_forward<T, B>{elements_of(x), elements_of(y), range_});
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (!grad_x.data()) return;
    for_each(ctx, x.size(), clamp_backward<T, B>{elements_of(x), elements_of(grad_y), elements_of(grad_x), range_});
  }

 private:
  sample_shape shape_;
  clamp_range<T> range_;
};

/// max(x, 0).
struct relu {
  static constexpr std::string_view name = "relu";
  static constexpr activation act = activation::relu;

  /// It has no options.
  template <class Self, class Visit>
  static void each_option(Self&, Visit&&) {}

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<clamp_layer<T, B>>(act, in);
  }
};

/// min(max(x, 0), 6). Source: Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
struct relu6 {
  static constexpr std::string_view name = "relu6";
  static constexpr activation act = activation::relu6;

  /// It has no options.
  template <class Self, class Visit>
  static void each_option(Self&, Visit&&) {}

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<clamp_layer<T, B>>(act, in);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
