// The mean of each window.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <softf1/core/half.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// How many cells the mean of a window is over.
struct pooled_cells {
  window_grid grid;
  bool all;  ///< also those outside of the image

  SOFTF1_HD std::size_t operator()(std::size_t p) const {
    if (all) return grid.taps();
    auto const corner = grid.corner_of(p);
    std::size_t count = 0;
    for (std::size_t a = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b) count += grid.pixel_at(corner, a, b) != window_grid::none;
    return count;
  }
};

/// y(p, c) = Σ over the window of x(·, c) / cells.
template <class T, class B>
struct average_pool_forward {
  pooled_cells cells;
  matrix_view<const T, B> x;
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    using C = compute_type<T>;
    auto const& grid = cells.grid;
    auto const corner = grid.corner_of(p);
    C sum = 0;
    for (std::size_t a = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b) {
        std::size_t const from = grid.pixel_at(corner, a, b);
        if (from != window_grid::none) sum += static_cast<C>(x(from, c));
      }
    y(p, c) = static_cast<T>(sum / static_cast<C>(cells(p)));
  }
};

/// grad_x(p, c) = Σ over the windows that see p of grad_y / cells.
template <class T, class B>
struct average_pool_backward {
  pooled_cells cells;
  matrix_view<const T, B> grad_y;
  matrix_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    T sum = 0;
    for (std::size_t t = 0; t < cells.grid.taps(); ++t) {
      std::size_t const from = cells.grid.output_pixel(p, t);
      if (from != window_grid::none) sum += grad_y(from, c) / static_cast<T>(cells(from));
    }
    grad_x(p, c) = sum;
  }
};

/// An average-pooling, bound to its input.
template <class T, class B>
class average_pool_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  explicit average_pool_layer(pooled_cells const& cells) : cells_(cells) {}

  sample_shape output_shape() const override {
    return {cells_.grid.win.out_height, cells_.grid.win.out_width, cells_.grid.channels};
  }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    auto const to = pixels_of(y);
    for_each_cell(ctx, to.rows(), to.cols(), average_pool_forward<T, B>{cells_, pixels_of(x), to});
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (!grad_x.data()) return;
    auto const to = pixels_of(grad_x);
    for_each_cell(ctx, to.rows(), to.cols(), average_pool_backward<T, B>{cells_, pixels_of(grad_y), to});
  }

 private:
  pooled_cells cells_;
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
    return std::make_unique<average_pool_layer<T, B>>(pooled_cells{grid_of(in, window_on(in)), count_padding});
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
