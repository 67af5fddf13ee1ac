// The convolution of each channel by itself.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// y(p, c) = Σ over taps of x(pixel under the tap, c) · w(t, c).
template <class T, class B>
struct depthwise_forward {
  window_grid grid;
  matrix_view<const T, B> x, w;
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    T sum = 0;
    for (std::size_t t = 0; t < grid.taps(); ++t) {
      std::size_t const from = grid.input_pixel(p, t);
      if (from != window_grid::none) sum += x(from, c) * w(t, c);
    }
    y(p, c) = sum;
  }
};

/// grad_x(p, c) = Σ over taps of grad_y(output pixel that has p under the tap, c) · w(t, c).
template <class T, class B>
struct depthwise_backward_input {
  window_grid grid;
  matrix_view<const T, B> grad_y, w;
  matrix_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    T sum = 0;
    for (std::size_t t = 0; t < grid.taps(); ++t) {
      std::size_t const from = grid.output_pixel(p, t);
      if (from != window_grid::none) sum += grad_y(from, c) * w(t, c);
    }
    grad_x(p, c) = sum;
  }
};

/// grad_w(t, c) += Σ over output pixels of x(pixel under the tap, c) · grad_y(p, c); column t · C + c.
template <class T, class B>
struct depthwise_backward_weight : summing<T> {
  window_grid grid;
  matrix_view<const T, B> x, grad_y;
  depthwise_backward_weight(window_grid const& g, matrix_view<const T, B> in, matrix_view<const T, B> slopes)
      : grid(g), x(in), grad_y(slopes) {}
  SOFTF1_HD void add(typename summing<T>::partial& to, std::size_t p, std::size_t j) const {
    std::size_t const c = j % grid.channels, from = grid.input_pixel(p, j / grid.channels);
    to.sum += from == window_grid::none ? T(0) : x(from, c) * grad_y(p, c);
  }
};

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
    auto const to = pixels_of(y);
    for_each_cell(ctx, to.rows(), to.cols(), depthwise_forward<T, B>{grid_, pixels_of(x), weight(), to});
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const slopes = pixels_of(grad_y);
    auto const& w = this->parameters_[0];
    if (this->trains(0))
      reduce_columns(ctx, slopes.rows(), grid_.taps() * grid_.channels,
                     depthwise_backward_weight<T, B>(grid_, pixels_of(x), slopes), w.gradients);
    if (!grad_x.data()) return;
    auto const to = pixels_of(grad_x);
    for_each_cell(ctx, to.rows(), to.cols(), depthwise_backward_input<T, B>{grid_, slopes, weight(), to});
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
