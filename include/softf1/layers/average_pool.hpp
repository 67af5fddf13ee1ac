// The mean of each window.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <softf1/backend/convolution_passes.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// An average-pooling, bound to its input.
template <class T, class B>
class average_pool_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  explicit average_pool_layer(cells_of_window const& cells) : cells_(cells) {}

  sample_shape output_shape() const override {
    return {cells_.grid.win.out_height, cells_.grid.win.out_width, cells_.grid.channels};
  }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    pool_mean_forward<T>(ctx, cells_, pixels_of(x), pixels_of(y));
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (grad_x.data()) pool_mean_backward<T>(ctx, cells_, pixels_of(grad_y), pixels_of(grad_x));
  }

 private:
  cells_of_window cells_;
};

/// y(p, c) = Σ over the cells of the window within the image of x(·, c) / cells. Divides by the cells that lie within the
/// image, as TensorFlow does; with `count_padding` by all of the window, as torch.nn.AvgPool2d does unless told
/// otherwise. Cost: one pass.
struct average_pool {
  static constexpr std::string_view name = "average_pool";

  std::size_t size = 2, stride = 2;  ///< of the square window
  layers::padding padding = layers::padding::valid;
  bool count_padding = false;
  std::optional<zero_border> zeros = {};  ///< cells beside the image, counted; in the place of `padding`

  /// visit(name, value) for each option.
  template <class Self, class Visit>
  static void each_option(Self& self, Visit&& visit) {
    visit("size", self.size);
    visit("stride", self.stride);
    visit("padding", self.padding);
    visit("count_padding", self.count_padding);
    visit("zeros", self.zeros);
  }

  window window_on(sample_shape in) const { return window_of(in, {size, stride, padding, 1, zeros}, name); }

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<average_pool_layer<T, B>>(cells_of_window{grid_of(in, window_on(in)), count_padding});
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
