// The largest number of each window.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <softf1/backend/convolution_passes.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A max-pooling, bound to its input.
template <class T, class B>
class max_pool_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  max_pool_layer(window_grid const& grid, bool zeros) : grid_(grid), zeros_(zeros) {}

  sample_shape output_shape() const override { return {grid_.win.out_height, grid_.win.out_width, grid_.channels}; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    pool_max_forward<T>(ctx, grid_, zeros_, pixels_of(x), pixels_of(y));
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (!grad_x.data()) return;
    pool_max_backward<T>(ctx, grid_, zeros_, pixels_of(x), pixels_of(grad_y), pixels_of(grad_x));
  }

 private:
  window_grid grid_;
  bool zeros_;
};

/// y(p, c) = max over the window of x(·, c). What lies outside of the image never is the maximum, whatever the padding;
/// with `count_padding` it is 0, as where an image is padded before it is pooled, and takes its share of gradients away.
/// The gradient goes to the first maximum in the order of rows and columns: the same bits each time.
/// Cost: one pass forward, one or two backward.
struct max_pool {
  static constexpr std::string_view name = "max_pool";

  std::size_t size = 2, stride = 2;  ///< of the square window
  layers::padding padding = layers::padding::valid;
  std::optional<zero_border> zeros = {};  ///< cells beside the image, counted; in the place of `padding`
  bool count_padding = false;

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("size", self.size);
    visit("stride", self.stride);
    visit("padding", self.padding);
    visit("zeros", self.zeros);
    visit("count_padding", self.count_padding);
  }

  window window_on(sample_shape in) const { return window_of(in, {size, stride, padding, 1, zeros}, name); }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<max_pool_layer<T, B>>(grid_of(in, window_on(in)), count_padding);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
