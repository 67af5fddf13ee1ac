// The convolution over all channels.
#pragma once

#include <memory>
#include <string_view>

#include <softf1/backend/products.hpp>
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

  convolution_layer(window_grid const& grid, std::size_t out, bool biased, initialiser weights)
      : grid_(grid),
        out_{grid.win.out_height, grid.win.out_width, out},
        depth_(grid.taps() * grid.channels),
        biased_(biased) {
    this->parameters_.push_back({.name = "weight",
                                 .shape = {grid.win.size, grid.win.size, grid.channels, out},
                                 .initial = weights,
                                 .fan_in = depth_,
                                 .fan_out = grid.taps() * out});
    if (biased) this->parameters_.push_back({.name = "bias", .shape = {out}, .fan_in = depth_});
  }

  sample_shape output_shape() const override { return out_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    auto const& w = this->parameters_[0];
    in_pieces(ctx, x, [&](std::size_t first, std::size_t count, matrix_view<const T, B> rows) {
      auto const to = rows_of(pixels_of(y), first, count);
      if (biased_) for_each_cell(ctx, to.rows(), to.cols(), row_broadcast<T, B>{to, this->parameters_[1].values});
      gemm<T>(ctx, T(1), rows, {w.values.data(), depth_, out_.channels}, biased_ ? T(1) : T(0), to);
    });
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const& w = this->parameters_[0];
    auto const slopes = pixels_of(grad_y);
    if (biased_)
      reduce_columns(ctx, slopes.rows(), slopes.cols(), column_sum<T, B>(slopes), this->parameters_[1].gradients);
    matrix_view<const T, B> const weight{w.values.data(), depth_, out_.channels};
    in_pieces(ctx, x, [&](std::size_t first, std::size_t count, matrix_view<T, B> rows) {
      auto const here = rows_of(slopes, first, count);
      gemm<T>(ctx, T(1), transposed(matrix_view<const T, B>(rows)), here, T(1),
              {w.gradients.data(), depth_, out_.channels});
      if (!grad_x.data()) return;
      gemm<T>(ctx, T(1), here, transposed(weight), T(0), rows);
      std::size_t const pixels = grid_.pixels();
      matrix_view<T, B> const to{grad_x.data() + first * grid_.pixels() * grid_.channels, count * pixels, grid_.channels};
      for_each_cell(ctx, to.rows(), to.cols(), fold<T, B>{grid_, rows, to});
    });
  }

 private:
  // use(first image, images, their windows as rows) for pieces of the batch of a bounded size, so that the windows of a
  // large batch need no more memory than those of a small one.
  template <class Use>
  void in_pieces(context<B>& ctx, in_maps x, Use const& use) {
    constexpr std::size_t most = std::size_t{1} << 22;
    std::size_t const images = x.extent(0), of_image = grid_.out_pixels() * depth_;
    std::size_t const piece = of_image >= most ? 1 : most / of_image;
    buffer<T, B> windows(ctx, (images < piece ? images : piece) * of_image);
    for (std::size_t first = 0; first < images; first += piece) {
      std::size_t const count = images - first < piece ? images - first : piece;
      auto const rows = windows.matrix(count * grid_.out_pixels(), depth_);
      matrix_view<const T, B> const from{x.data() + first * grid_.pixels() * grid_.channels, count * grid_.pixels(),
                                         grid_.channels};
      for_each_cell(ctx, rows.rows(), rows.cols(), unfold<T, B>{grid_, from, rows});
      use(first, count, rows);
    }
  }

  template <class U>
  matrix_view<U, B> rows_of(matrix_view<U, B> pixels, std::size_t first, std::size_t count) const {
    return {pixels.data() + first * out_.size(), count * out_.pixels(), out_.channels};
  }

  window_grid grid_;
  sample_shape out_;
  std::size_t depth_;
  bool biased_;
};

/// y(p, f) = Σ over taps and channels of x(pixel under the tap, c) · weight(tap, c, f) + bias(f): weight (size, size, C,
/// out), bias (out,). Cost: the windows are laid side by side (in pieces of 2²² elements), then products as for dense.
struct convolution {
  static constexpr std::string_view name = "convolution";

  std::size_t out = 1;
  std::size_t size = 1, stride = 1;  ///< of the square window
  layers::padding padding = layers::padding::tensorflow_same;
  bool bias = false;
  initialiser weights = initialiser::he_normal;

  template <class T, class B>
  std::unique_ptr<module<T, B>> make(sample_shape in) const {
    require_value(out > 0, name, "out must be at least 1, got 0");
    return std::make_unique<convolution_layer<T, B>>(grid_of(in, window_of(in, size, stride, padding)), out, bias,
                                                     weights);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
