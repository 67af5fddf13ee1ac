// Layer normalisation, over the channels of each pixel.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/core/half.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/math/ratio.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// Mean of a pixel's channels, and 1 / √(variance + epsilon).
template <class T, class B>
struct pixel_statistics {
  using C = compute_type<T>;
  struct pair {
    C mean, scale;
  };
  matrix_view<const T, B> x;
  C epsilon;

  SOFTF1_HD pair operator()(std::size_t p) const {
    std::size_t const channels = x.cols();
    C sum = 0, squares = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += static_cast<C>(x(p, c));
    C const mean = sum / static_cast<C>(channels);
    for (std::size_t c = 0; c < channels; ++c) {
      C const d = static_cast<C>(x(p, c)) - mean;
      squares += d * d;
    }
    return {mean, C(1) / math::safe_sqrt(squares / static_cast<C>(channels) + epsilon)};
  }
};

/// y(p, ·) = (x(p, ·) − mean) · scale · weight + bias.
template <class T, class B>
struct layer_norm_forward {
  using C = compute_type<T>;
  pixel_statistics<T, B> of;
  vector_view<const C, B> weight, bias;
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t p) const {
    auto const s = of(p);
    for (std::size_t c = 0; c < y.cols(); ++c)
      y(p, c) = static_cast<T>((static_cast<C>(of.x(p, c)) - s.mean) * s.scale * weight(c) + bias(c));
  }
};

/// Statistics (pixels, 2) for the pass back; and grad_x, where it is asked for, by
/// scale · (g − mean(g) − x̂ · mean(g · x̂)) with g = grad_y · weight, x̂ = (x − mean) · scale.
template <class T, class B>
struct layer_norm_backward {
  pixel_statistics<T, B> of;
  vector_view<const T, B> weight;
  matrix_view<const T, B> grad_y;
  matrix_view<T, B> statistics, grad_x;
  SOFTF1_HD void operator()(std::size_t p) const {
    auto const s = of(p);
    statistics(p, 0) = s.mean;
    statistics(p, 1) = s.scale;
    if (!grad_x.data()) return;
    std::size_t const channels = grad_x.cols();
    T sum = 0, products = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      T const g = grad_y(p, c) * weight(c);
      sum += g;
      products += g * (of.x(p, c) - s.mean) * s.scale;
    }
    T const n = static_cast<T>(channels);
    for (std::size_t c = 0; c < channels; ++c)
      grad_x(p, c) = s.scale * (grad_y(p, c) * weight(c) - sum / n - (of.x(p, c) - s.mean) * s.scale * products / n);
  }
};

/// Σ grad_y · (x − mean) · scale, down a column; added to the total.
template <class T, class B>
struct layer_norm_weight_slopes : summing<T> {
  matrix_view<const T, B> x, statistics, grad_y;
  layer_norm_weight_slopes(matrix_view<const T, B> from, matrix_view<const T, B> s, matrix_view<const T, B> slopes)
      : x(from), statistics(s), grad_y(slopes) {}
  SOFTF1_HD void add(typename summing<T>::partial& to, std::size_t p, std::size_t c) const {
    to.sum += grad_y(p, c) * (x(p, c) - statistics(p, 0)) * statistics(p, 1);
  }
};

/// Layer normalisation, bound to its input.
template <class T, class B>
class layer_norm_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  layer_norm_layer(sample_shape shape, T epsilon) : shape_(shape), epsilon_(epsilon) {
    std::vector<std::size_t> const size{shape.channels};
    this->parameters_.push_back({.name = "weight", .shape = size, .initial = initialiser::ones});
    this->parameters_.push_back({.name = "bias", .shape = size});
  }

  sample_shape output_shape() const override { return shape_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    auto const to = pixels_of(y);
    for_each_row(ctx, to.rows(), to.cols(),
                 layer_norm_forward<T, B>{{pixels_of(x), epsilon_}, values(0), values(1), to});
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const from = pixels_of(x), slopes = pixels_of(grad_y);
    buffer<T, B> memory(ctx, 2 * from.rows());
    auto const statistics = memory.matrix(from.rows(), 2);
    auto const to = grad_x.data() ? pixels_of(grad_x) : matrix_view<T, B>{};
    for_each_row(ctx, from.rows(), from.cols(),
                 layer_norm_backward<T, B>{{from, epsilon_}, values(0), slopes, statistics, to});
    if (this->trains(0))
      reduce_columns(ctx, from.rows(), from.cols(), layer_norm_weight_slopes<T, B>(from, statistics, slopes),
                     this->parameters_[0].gradients);
    if (this->trains(1))
      reduce_columns(ctx, slopes.rows(), slopes.cols(), column_sum<T, B>(slopes), this->parameters_[1].gradients);
  }

 private:
  vector_view<const T, B> values(std::size_t k) const { return this->parameters_[k].values; }

  sample_shape shape_;
  T epsilon_;
};

/// y(p, c) = (x(p, c) − mean) / √(variance + epsilon) · weight(c) + bias(c), mean and variance over the channels of each
/// pixel: weight (C,), bias (C,). A vector is a pixel. The same in training and at inference. Cost: one pass.
/// Source: Ba, Kiros & Hinton, "Layer normalization", 2016; names as torch.nn.LayerNorm.
struct layer_norm {
  static constexpr std::string_view name = "layer_norm";

  double epsilon = 1e-5;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("epsilon", self.epsilon);
  }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(epsilon > 0, name, "epsilon must be > 0, got " + number_text(epsilon));
    return std::make_unique<layer_norm_layer<T, B>>(in, static_cast<T>(epsilon));
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
