// The activations that are no rectifiers.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/math/activation.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// y = curve(x).
template <class Curve, class T, class B>
struct curve_forward {
  vector_view<const T, B> x;
  vector_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t i) const { y(i) = Curve::value(x(i)); }
};

/// grad_x = grad_y · curve'(x).
template <class Curve, class T, class B>
struct curve_backward {
  vector_view<const T, B> x, grad_y;
  vector_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t i) const { grad_x(i) = grad_y(i) * Curve::slope(x(i)); }
};

/// An activation as a layer.
template <class Curve, class T, class B>
class curve_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  explicit curve_layer(sample_shape shape) : shape_(shape) {}

  sample_shape output_shape() const override { return shape_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    for_each(ctx, x.size(), curve_forward<Curve, T, B>{elements_of(x), elements_of(y)});
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (!grad_x.data()) return;
    for_each(ctx, x.size(), curve_backward<Curve, T, B>{elements_of(x), elements_of(grad_y), elements_of(grad_x)});
  }

 private:
  sample_shape shape_;
};

/// What the options of these layers have in common.
template <class Curve>
struct curve_options {
  static constexpr activation act = Curve::act;
  static constexpr std::string_view name = name_of(act);

  /// It has no options.
  template <class Self, class Visit>
  static void each_option(Self&, Visit&&) {}

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<curve_layer<Curve, T, B>>(in);
  }
};

/// x · σ(x), also named SiLU. Source: Ramachandran, Zoph & Le, "Searching for activation functions", 2017.
struct swish : curve_options<math::swish_curve> {};

/// x · relu6(x + 3) / 6. Source: Howard et al., "Searching for MobileNetV3", 2019.
struct hard_swish : curve_options<math::hard_swish_curve> {};

/// σ(x) = 1 / (1 + e^−x).
struct sigmoid : curve_options<math::sigmoid_curve> {};

/// relu6(x + 3) / 6. Source: Howard et al., "Searching for MobileNetV3", 2019.
struct hard_sigmoid : curve_options<math::hard_sigmoid_curve> {};

}  // namespace softf1::inline SOFTF1_ABI::layers
