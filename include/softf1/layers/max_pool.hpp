// The largest number of each window.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <softf1/core/half.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The tap of the first maximum of a window, for one channel: what lies outside of the image is not looked at, or 0 where
/// `zeros` is true; NaN is larger than all numbers.
template <class T, class B>
struct first_maximum {
  window_grid grid;
  matrix_view<const T, B> x;
  bool zeros;

  struct found {
    compute_type<T> value;
    std::uint32_t tap;
  };
  SOFTF1_HD found operator()(std::size_t p, std::size_t c) const {
    found best{0, ~std::uint32_t{0}};
    auto const corner = grid.corner_of(p);
    for (std::size_t a = 0, t = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b, ++t) {
        std::size_t const from = grid.pixel_at(corner, a, b);
        if (from == window_grid::none && !zeros) continue;
        auto const v = from == window_grid::none ? compute_type<T>(0) : static_cast<compute_type<T>>(x(from, c));
        bool const is_first = best.tap == ~std::uint32_t{0}, is_nan = v != v && best.value == best.value;
        if (is_first || v > best.value || is_nan) best = {v, static_cast<std::uint32_t>(t)};
      }
    return best;
  }
};

/// y(p, c) = the maximum over the window of output pixel p.
template <class T, class B>
struct max_pool_forward {
  first_maximum<T, B> of;
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const { y(p, c) = static_cast<T>(of(p, c).value); }
};

/// taps(p, c) = where that maximum is.
template <class T, class B>
struct max_pool_taps {
  first_maximum<T, B> of;
  matrix_view<std::uint32_t, B> taps;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const { taps(p, c) = of(p, c).tap; }
};

/// grad_x(p, c) = Σ of grad_y over the windows that have their maximum at p, in the order of the taps.
template <class T, class B>
struct max_pool_backward {
  window_grid grid;
  matrix_view<const std::uint32_t, B> taps;
  matrix_view<const T, B> grad_y;
  matrix_view<T, B> grad_x;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    T sum = 0;
    for (std::size_t t = 0; t < grid.taps(); ++t) {
      std::size_t const from = grid.output_pixel(p, t);
      if (from != window_grid::none && taps(from, c) == t) sum += grad_y(from, c);
    }
    grad_x(p, c) = sum;
  }
};

/// A max-pooling, bound to its input.
template <class T, class B>
class max_pool_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  max_pool_layer(window_grid const& grid, bool zeros) : grid_(grid), zeros_(zeros) {}

  sample_shape output_shape() const override { return {grid_.win.out_height, grid_.win.out_width, grid_.channels}; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    auto const to = pixels_of(y);
    for_each_cell(ctx, to.rows(), to.cols(), max_pool_forward<T, B>{{grid_, pixels_of(x), zeros_}, to});
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (!grad_x.data()) return;
    auto const slopes = pixels_of(grad_y);
    buffer<std::uint32_t, B> memory(ctx, slopes.size());
    auto const taps = memory.matrix(slopes.rows(), slopes.cols());
    for_each_cell(ctx, taps.rows(), taps.cols(), max_pool_taps<T, B>{{grid_, pixels_of(x), zeros_}, taps});
    auto const to = pixels_of(grad_x);
    for_each_cell(ctx, to.rows(), to.cols(), max_pool_backward<T, B>{grid_, taps, slopes, to});
  }

 private:
  window_grid grid_;
  bool zeros_;
};

/// y(p, c) = max over the window of x(·, c). What lies outside of the image never is the maximum, whatever the padding;
/// with `count_padding` it is 0, as where an image is padded before it is pooled, and takes its share of gradients away.
/// The gradient goes to the first maximum in the order of rows and columns: the same bits each time.
/// Cost: one pass forward, two backward.
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
