// The fully connected layer.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/backend/products.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A dense layer, bound to its input.
template <class T, class B>
class dense_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  dense_layer(sample_shape out, std::size_t in_channels, bool biased, initialiser weights)
      : out_(out), biased_(biased) {
    this->parameters_.push_back({.name = "weight",
                                 .shape = {in_channels, out.channels},
                                 .initial = weights,
                                 .fan_in = in_channels,
                                 .fan_out = out.channels});
    if (biased) this->parameters_.push_back({.name = "bias", .shape = {out.channels}, .fan_in = in_channels});
  }

  sample_shape output_shape() const override { return out_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    auto const& w = this->parameters_[0];
    auto const rows = pixels_of(y);
    if (biased_) for_each_cell(ctx, rows.rows(), rows.cols(), row_broadcast<T, B>{rows, this->parameters_[1].values});
    gemm<T>(ctx, T(1), pixels_of(x), {w.values.data(), w.shape[0], w.shape[1]}, biased_ ? T(1) : T(0), rows);
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const& w = this->parameters_[0];
    auto const slopes = pixels_of(grad_y);
    if (this->trains(0))
      gemm<T>(ctx, T(1), transposed(pixels_of(x)), slopes, T(1), {w.gradients.data(), w.shape[0], w.shape[1]});
    if (biased_ && this->trains(1))
      reduce_columns(ctx, slopes.rows(), slopes.cols(), column_sum<T, B>(slopes), this->parameters_[1].gradients);
    if (!grad_x.data()) return;
    matrix_view<const T, B> const weight{w.values.data(), w.shape[0], w.shape[1]};
    gemm<T>(ctx, T(1), slopes, transposed(weight), T(0), pixels_of(grad_x));
  }

 private:
  sample_shape out_;
  bool biased_;
};

/// y = x · weight + bias for each pixel: weight (in, out), bias (out,). Vectors are images of one pixel.
/// Cost: one product forward, two backward.
struct dense {
  static constexpr std::string_view name = "dense";

  std::size_t out = 1;
  bool bias = true;
  initialiser weights = initialiser::glorot_uniform;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("out", self.out);
    visit("bias", self.bias);
    visit("weights", self.weights);
  }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(out > 0, name, "out must be at least 1, got 0");
    return std::make_unique<dense_layer<T, B>>(sample_shape{in.height, in.width, out}, in.channels, bias, weights);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
