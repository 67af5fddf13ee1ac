// The convolution over all channels, or over groups of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <softf1/backend/convolution_passes.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A convolution, bound to its input.
template <class T, class B>
class convolution_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  convolution_layer(convolution_grid const& grid, bool biased, initialiser weights) : grid_(grid) {
    auto const& on = grid.on;
    this->parameters_.push_back({.name = "weight",
                                 .shape = {on.win.size, on.win.size, on.channels, grid.out},
                                 .initial = weights,
                                 .fan_in = grid.depth(),
                                 .fan_out = on.taps() * grid.out / grid.groups});
    if (biased) this->parameters_.push_back({.name = "bias", .shape = {grid.out}, .fan_in = grid.depth()});
  }

  sample_shape output_shape() const override { return {grid_.on.win.out_height, grid_.on.win.out_width, grid_.out}; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    vector_view<const T, B> bias;
    if (is_biased()) bias = this->parameters_[1].values;
    convolve_forward<T>(ctx, grid_, pixels_of(x), weight(), bias, pixels_of(y));
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const slopes = pixels_of(grad_y);
    if (is_biased() && this->trains(1))
      reduce_columns(ctx, slopes.rows(), slopes.cols(), column_sum<T, B>(slopes), this->parameters_[1].gradients);
    if (this->trains(0))
      convolve_grad_w<T>(ctx, grid_, pixels_of(x), slopes,
                         matrix_view<T, B>{this->parameters_[0].gradients.data(), grid_.depth(), grid_.out});
    if (grad_x.data()) convolve_grad_x<T>(ctx, grid_, weight(), slopes, pixels_of(grad_x));
  }

 private:
  bool is_biased() const { return this->parameters_.size() > 1; }
  matrix_view<const T, B> weight() const { return {this->parameters_[0].values.data(), grid_.depth(), grid_.out}; }

  convolution_grid grid_;
};

/// y(p, f) = Σ over taps and the channels of f's group of x(pixel under the tap, c) · weight(tap, c, f) + bias(f): weight
/// (size, size, C / groups, out), bias (out,). With g groups, group k makes the k-th of g equal parts of the outputs from
/// the k-th part of the channels. Throws value_error where `groups` divides one of them not.
/// Cost: as backend/convolution_passes.hpp has it.
struct convolution {
  static constexpr std::string_view name = "convolution";

  std::size_t out = 1;
  std::size_t size = 1, stride = 1;  ///< of the square window
  layers::padding padding = layers::padding::tensorflow_same;
  bool bias = false;
  std::size_t groups = 1;
  std::size_t dilation = 1;               ///< pixels from one tap to the next
  std::optional<zero_border> zeros = {};  ///< counted; in the place of `padding`
  initialiser weights = initialiser::he_normal;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("out", self.out);
    visit("size", self.size);
    visit("stride", self.stride);
    visit("padding", self.padding);
    visit("bias", self.bias);
    visit("groups", self.groups);
    visit("dilation", self.dilation);
    visit("zeros", self.zeros);
    visit("weights", self.weights);
  }

  window window_on(sample_shape in) const { return window_of(in, {size, stride, padding, dilation, zeros}, name); }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(out > 0, name, "out must be at least 1, got 0");
    require_value(groups > 0 && in.channels % groups == 0 && out % groups == 0, name,
                  "groups must divide the channels, " + std::to_string(in.channels) + ", and out, " +
                      std::to_string(out) + ", got " + std::to_string(groups));
    convolution_grid grid{grid_of(in, window_on(in)), groups, out};
    grid.on.channels = in.channels / groups;
    return std::make_unique<convolution_layer<T, B>>(grid, bias, weights);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
