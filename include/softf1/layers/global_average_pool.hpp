// The mean over all pixels.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/backend/inference.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/module.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// grad_x(p, c) = grad_y(image of p, c) / pixels.
template <class T, class B>
struct pool_backward {
  matrix_view<const T, B> grad_y;
  matrix_view<T, B> grad_x;
  std::size_t pixels;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    grad_x(p, c) = grad_y(p / pixels, c) / static_cast<T>(pixels);
  }
};

/// The pooling, bound to its input.
template <class T, class B>
class global_average_pool_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  explicit global_average_pool_layer(sample_shape in) : in_(in) {}

  sample_shape output_shape() const override { return {1, 1, in_.channels}; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    mean_of_pixels<T>(ctx, x, pixels_of(y));
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    if (!grad_x.data()) return;
    for_each_cell(ctx, x.extent(0) * in_.pixels(), in_.channels,
                  pool_backward<T, B>{pixels_of(grad_y), pixels_of(grad_x), in_.pixels()});
  }

 private:
  sample_shape in_;
};

/// (H, W, C) to (1, 1, C), the mean over the pixels. Source: Lin et al., "Network in network", 2013.
struct global_average_pool {
  static constexpr std::string_view name = "global_average_pool";

  /// It has no options.
  template <class Self, class Visit>
  static void each_option(Self&, Visit&&) {}

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    return std::make_unique<global_average_pool_layer<T, B>>(in);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
