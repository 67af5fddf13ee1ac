// The convolution of each channel by itself.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <softf1/backend/convolution_passes.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A depthwise convolution, bound to its input.
template <class T, class B>
class depthwise_convolution_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  depthwise_convolution_layer(window_grid const& grid, initialiser weights) : grid_(grid) {
    this->parameters_.push_back({.name = "weight",
                                 .shape = {grid.win.size, grid.win.size, grid.channels},
                                 .initial = weights,
                                 .fan_in = grid.taps(),
                                 .fan_out = grid.taps()});
  }

  sample_shape output_shape() const override { return {grid_.win.out_height, grid_.win.out_width, grid_.channels}; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    depthwise_forward<T>(ctx, grid_, pixels_of(x), weight(), pixels_of(y));
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (this->trains(0))
      depthwise_grad_w<T>(ctx, grid_, pixels_of(x), pixels_of(grad_y), this->parameters_[0].gradients);
    if (grad_x.data()) depthwise_grad_x<T>(ctx, grid_, weight(), pixels_of(grad_y), pixels_of(grad_x));
  }

 private:
  matrix_view<const T, B> weight() const { return {this->parameters_[0].values.data(), grid_.taps(), grid_.channels}; }

  window_grid grid_;
};

/// y(p, c) = Σ over taps of x(pixel under the tap, c) · weight(tap, c): weight (size, size, C). Cost: one pass.
/// Source: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017.
struct depthwise_convolution {
  static constexpr std::string_view name = "depthwise_convolution";

  std::size_t size = 3, stride = 1;
  layers::padding padding = layers::padding::tensorflow_same;
  std::size_t dilation = 1;               ///< pixels from one tap to the next
  std::optional<zero_border> zeros = {};  ///< counted; in the place of `padding`
  initialiser weights = initialiser::he_normal;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("size", self.size);
    visit("stride", self.stride);
    visit("padding", self.padding);
    visit("dilation", self.dilation);
    visit("zeros", self.zeros);
    visit("weights", self.weights);
  }

  window window_on(sample_shape in) const { return window_of(in, {size, stride, padding, dilation, zeros}); }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<depthwise_convolution_layer<T, B>>(grid_of(in, window_on(in)), weights);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
