// Squeeze and excitation: channels weighed by what the whole image is like.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <softf1/backend/inference.hpp>
#include <softf1/backend/products.hpp>
#include <softf1/core/half.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/math/activation.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// y(p, c) = x(p, c) · gate(image of p, c).
template <class T, class B>
struct scale_channels {
  matrix_view<const T, B> x, gate;
  std::size_t pixels;  // of an image
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    using C = compute_type<T>;
    y(p, c) = static_cast<T>(static_cast<C>(x(p, c)) * static_cast<C>(gate(p / pixels, c)));
  }
};

/// y = act(x).
template <class T, class B>
struct activate {
  activation act;
  vector_view<const T, B> x;
  vector_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t i) const { y(i) = math::activated(act, x(i)); }
};

/// slopes = slopes · act'(x).
template <class T, class B>
struct activate_backward {
  activation act;
  vector_view<const T, B> x;
  vector_view<T, B> slopes;
  SOFTF1_HD void operator()(std::size_t i) const { slopes(i) *= math::activation_slope(act, x(i)); }
};

/// sums(i, c) = Σ over the pixels of image i of grad_y · x.
template <class T, class B>
struct gate_slopes {
  matrix_view<const T, B> x, grad_y;
  std::size_t pixels;
  matrix_view<T, B> sums;
  SOFTF1_HD void operator()(std::size_t i, std::size_t c) const {
    T sum = 0;
    for (std::size_t p = i * pixels; p < (i + 1) * pixels; ++p) sum += grad_y(p, c) * x(p, c);
    sums(i, c) = sum;
  }
};

/// grad_x(p, c) = grad_y(p, c) · gate(image, c) + means(image, c) / pixels.
template <class T, class B>
struct scale_backward {
  matrix_view<const T, B> grad_y, gate, means;
  std::size_t pixels;
  matrix_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    std::size_t const i = p / pixels;
    grad_x(p, c) = grad_y(p, c) * gate(i, c) + means(i, c) / static_cast<T>(pixels);
  }
};

/// Squeeze and excitation, bound to its input.
template <class T, class B>
class squeeze_excite_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  squeeze_excite_layer(sample_shape shape, std::size_t reduced, activation inner, activation gate, initialiser weights)
      : shape_(shape), reduced_(reduced), inner_(inner), gate_(gate) {
    add_product("reduce", shape.channels, reduced, weights);
    add_product("expand", reduced, shape.channels, weights);
  }

  sample_shape output_shape() const override { return shape_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    if (x.extent(0) == 0) return;
    gates const g(ctx, *this, x);
    auto const to = pixels_of(y);
    for_each_cell(ctx, to.rows(), to.cols(),
                  scale_channels<T, B>{pixels_of(x), g.of(g.gate, shape_.channels), shape_.pixels(), to});
  }

  // The gates are computed once more: a pass over x, against keeping them from one call to the next.
  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    std::size_t const images = x.extent(0), channels = shape_.channels;
    if (images == 0) return;
    gates const g(ctx, *this, x);
    auto const slopes = pixels_of(grad_y);
    buffer<T, B> memory_gate(ctx, images * channels), memory_hidden(ctx, images * reduced_);
    auto const by_gate = memory_gate.matrix(images, channels), by_hidden = memory_hidden.matrix(images, reduced_);
    for_each_cell(ctx, images, channels, gate_slopes<T, B>{pixels_of(x), slopes, shape_.pixels(), by_gate});
    for_each(ctx, by_gate.size(), activate_backward<T, B>{gate_, g.expanded.view(), memory_gate.view()});
    product_backward(ctx, 2, g.of(g.hidden, reduced_), by_gate, by_hidden);
    for_each(ctx, by_hidden.size(), activate_backward<T, B>{inner_, g.squeezed.view(), memory_hidden.view()});
    auto const by_mean = by_gate;  // its numbers are used up
    product_backward(ctx, 0, g.of(g.pooled, channels), by_hidden, grad_x.data() ? by_mean : matrix_view<T, B>{});
    if (!grad_x.data()) return;
    auto const to = pixels_of(grad_x);
    for_each_cell(ctx, to.rows(), channels,
                  scale_backward<T, B>{slopes, g.of(g.gate, channels), by_mean, shape_.pixels(), to});
  }

 private:
  void add_product(std::string const& name, std::size_t in, std::size_t out, initialiser weights) {
    this->parameters_.push_back(
        {.name = name + ".weight", .shape = {1, 1, in, out}, .initial = weights, .fan_in = in, .fan_out = out});
    this->parameters_.push_back({.name = name + ".bias", .shape = {out}, .fan_in = in});
  }

  // What the gates come from, before and after each activation.
  struct gates {
    std::size_t images;
    buffer<T, B> pooled, squeezed, hidden, expanded, gate;

    gates(context<B>& ctx, squeeze_excite_layer& layer, in_maps x)
        : images(x.extent(0)),
          pooled(ctx, images * layer.shape_.channels),
          squeezed(ctx, images * layer.reduced_),
          hidden(ctx, images * layer.reduced_),
          expanded(ctx, images * layer.shape_.channels),
          gate(ctx, images * layer.shape_.channels) {
      std::size_t const channels = layer.shape_.channels, reduced = layer.reduced_;
      auto const mean = pooled.matrix(images, channels);
      mean_of_pixels<T>(ctx, x, mean);
      layer.product(ctx, 0, mean, squeezed.matrix(images, reduced));
      for_each(ctx, squeezed.size(), activate<T, B>{layer.inner_, squeezed.view(), hidden.view()});
      layer.product(ctx, 2, hidden.matrix(images, reduced), expanded.matrix(images, channels));
      for_each(ctx, expanded.size(), activate<T, B>{layer.gate_, expanded.view(), gate.view()});
    }

    matrix_view<const T, B> of(buffer<T, B> const& values, std::size_t cols) const {
      return {values.data(), images, cols};
    }
  };

  // to = x · weight + bias, of arrays k and k + 1.
  void product(context<B>& ctx, std::size_t k, matrix_view<const T, B> x, matrix_view<T, B> to) {
    for_each_cell(ctx, to.rows(), to.cols(), row_broadcast<T, B>{to, this->parameters_[k + 1].values});
    gemm<T>(ctx, T(1), x, {this->parameters_[k].values.data(), x.cols(), to.cols()}, T(1), to);
  }

  // Adds to the gradients of arrays k and k + 1, and writes that of x unless it is empty.
  void product_backward(context<B>& ctx, std::size_t k, matrix_view<const T, B> x, matrix_view<const T, B> slopes,
                        matrix_view<T, B> grad_x) {
    auto const &weight = this->parameters_[k], &bias = this->parameters_[k + 1];
    if (this->trains(k))
      gemm<T>(ctx, T(1), transposed(x), slopes, T(1), {weight.gradients.data(), x.cols(), slopes.cols()});
    if (this->trains(k + 1))
      reduce_columns(ctx, slopes.rows(), slopes.cols(), column_sum<T, B>(slopes), bias.gradients);
    if (!grad_x.data()) return;
    matrix_view<const T, B> const w{weight.values.data(), x.cols(), slopes.cols()};
    gemm<T>(ctx, T(1), slopes, transposed(w), T(0), grad_x);
  }

  sample_shape shape_;
  std::size_t reduced_;
  activation inner_, gate_;
};

/// y = x · gate(inner(mean · reduce.weight + reduce.bias) · expand.weight + expand.bias), where mean is that of each
/// channel over the image: reduce.weight (1, 1, C, reduced), reduce.bias (reduced,), expand.weight (1, 1, reduced, C),
/// expand.bias (C,). Throws value_error for reduced = 0, an inner activation other than relu and swish, and a gate other
/// than sigmoid and hard_sigmoid. Cost: two passes forward, four backward, and products of one row an image.
/// Source: Hu, Shen & Sun, "Squeeze-and-excitation networks", CVPR 2018; relu and hard_sigmoid as MobileNetV3 has them,
/// swish and sigmoid as EfficientNet.
struct squeeze_excite {
  static constexpr std::string_view name = "squeeze_excite";

  std::size_t reduced = 1;  ///< channels between the two products
  activation inner = activation::relu;
  activation gate = activation::sigmoid;
  initialiser weights = initialiser::he_normal;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("reduced", self.reduced);
    visit("inner", self.inner);
    visit("gate", self.gate);
    visit("weights", self.weights);
  }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(reduced > 0, name, "reduced must be at least 1, got 0");
    require_value(inner == activation::relu || inner == activation::swish, name,
                  "inner must be relu or swish, got " + std::string(name_of(inner)));
    require_value(gate == activation::sigmoid || gate == activation::hard_sigmoid, name,
                  "gate must be sigmoid or hard_sigmoid, got " + std::string(name_of(gate)));
    return std::make_unique<squeeze_excite_layer<T, B>>(in, reduced, inner, gate, weights);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
