// The convolution over all channels, or over groups of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <softf1/backend/products.hpp>
#include <softf1/layers/module.hpp>
#include <softf1/layers/padding.hpp>
#include <softf1/layers/windows.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// A convolution, bound to its input. Windows are those of one group, on whose channels products are made.
template <class T, class B>
class convolution_layer final : public module<T, B> {
 public:
  using typename module<T, B>::in_maps;
  using typename module<T, B>::out_maps;

  convolution_layer(window_grid const& grid, std::size_t groups, std::size_t out, bool biased, initialiser weights)
      : grid_(grid),
        out_{grid.win.out_height, grid.win.out_width, out},
        groups_(groups),
        in_channels_(grid.channels),
        biased_(biased) {
    grid_.channels = in_channels_ / groups;
    depth_ = grid_.taps() * grid_.channels;
    this->parameters_.push_back({.name = "weight",
                                 .shape = {grid.win.size, grid.win.size, grid_.channels, out},
                                 .initial = weights,
                                 .fan_in = depth_,
                                 .fan_out = grid.taps() * out / groups});
    if (biased) this->parameters_.push_back({.name = "bias", .shape = {out}, .fan_in = depth_});
  }

  sample_shape output_shape() const override { return out_; }

  void forward(context<B>& ctx, pass<B> const&, in_maps x, out_maps y) override {
    auto const to = pixels_of(y);
    if (biased_) for_each_cell(ctx, to.rows(), to.cols(), row_broadcast<T, B>{to, this->parameters_[1].values});
    T const keep = biased_ ? T(1) : T(0);
    for (std::size_t g = 0; g < groups_; ++g)
      in_pieces(ctx, x, g, [&](piece const& p) {
        gemm<T>(ctx, T(1), p.rows, weight_of(g), keep, columns(rows_of(to, p), g, out_.channels / groups_));
      });
  }

  void backward(context<B>& ctx, pass<B> const&, in_maps x, in_maps, in_maps grad_y, out_maps grad_x) override {
    auto const slopes = pixels_of(grad_y);
    if (biased_ && this->trains(1))
      reduce_columns(ctx, slopes.rows(), slopes.cols(), column_sum<T, B>(slopes), this->parameters_[1].gradients);
    for (std::size_t g = 0; g < groups_; ++g) {
      std::size_t const of_group = out_.channels / groups_;
      if (is_direct()) {
        auto const here = columns(slopes, g, of_group);
        add_weight_slopes(ctx, g, columns(pixels_of(x), g, grid_.channels), here);
        if (grad_x.data())
          gemm<T>(ctx, T(1), here, transposed(weight_of(g)), T(0), columns(pixels_of(grad_x), g, grid_.channels));
        continue;
      }
      in_pieces(ctx, x, g, [&](piece const& p) {
        auto const here = columns(rows_of(slopes, p), g, of_group);
        add_weight_slopes(ctx, g, p.rows, here);
        if (!grad_x.data()) return;
        gemm<T>(ctx, T(1), here, transposed(weight_of(g)), T(0), p.windows);
        auto const to = columns(images_of(pixels_of(grad_x), p), g, grid_.channels);
        for_each_cell(ctx, to.rows(), to.cols(), fold<T, B>{grid_, p.windows, to});
      });
    }
  }

 private:
  // Some images of a batch, and their windows as rows: in memory of their own, unless the pixels are the windows.
  struct piece {
    std::size_t first, images;
    matrix_view<const T, B> rows;
    matrix_view<T, B> windows;
  };

  bool is_direct() const { return grid_.win.is_pointwise(); }

  // use(piece) for pieces of the batch of a bounded size, so that the windows of a large batch need no more memory than
  // those of a small one.
  template <class Use>
  void in_pieces(context<B>& ctx, in_maps x, std::size_t group, Use const& use) {
    auto const from = columns(pixels_of(x), group, grid_.channels);
    std::size_t const images = x.extent(0), of_image = grid_.out_pixels() * depth_;
    if (is_direct()) return use(piece{0, images, from, {}});
    constexpr std::size_t most = std::size_t{1} << 22;
    std::size_t const at_once = of_image >= most ? 1 : most / of_image;
    buffer<T, B> memory(ctx, (images < at_once ? images : at_once) * of_image);
    for (std::size_t first = 0; first < images; first += at_once) {
      std::size_t const count = images - first < at_once ? images - first : at_once;
      auto const windows = memory.matrix(count * grid_.out_pixels(), depth_);
      piece const p{first, count, windows, windows};
      for_each_cell(ctx, windows.rows(), windows.cols(), unfold<T, B>{grid_, images_of(from, p), windows});
      use(p);
    }
  }

  void add_weight_slopes(context<B>& ctx, std::size_t g, matrix_view<const T, B> rows, matrix_view<const T, B> slopes) {
    if (!this->trains(0)) return;
    auto const& w = this->parameters_[0];
    matrix_view<T, B> const all{w.gradients.data(), depth_, out_.channels};
    gemm<T>(ctx, T(1), transposed(rows), slopes, T(1), columns(all, g, out_.channels / groups_));
  }

  matrix_view<const T, B> weight_of(std::size_t g) const {
    auto const& w = this->parameters_[0];
    return columns(matrix_view<const T, B>(w.values.data(), depth_, out_.channels), g, out_.channels / groups_);
  }

  // The columns of group g, which has `count` of them.
  template <class U>
  static matrix_view<U, B> columns(matrix_view<U, B> m, std::size_t g, std::size_t count) {
    return {m.data() + g * count, m.rows(), count, m.stride(0), m.stride(1)};
  }
  // The output pixels of a piece, and its input pixels.
  template <class U>
  matrix_view<U, B> rows_of(matrix_view<U, B> pixels, piece const& p) const {
    return {pixels.data() + p.first * out_.size(), p.images * out_.pixels(), out_.channels};
  }
  template <class U>
  matrix_view<U, B> images_of(matrix_view<U, B> pixels, piece const& p) const {
    return {pixels.data() + p.first * grid_.pixels() * in_channels_, p.images * grid_.pixels(), pixels.cols(),
            pixels.stride(0), pixels.stride(1)};
  }

  window_grid grid_;  // of one group
  sample_shape out_;
  std::size_t groups_, in_channels_, depth_;
  bool biased_;
};

/// y(p, f) = Σ over taps and the channels of f's group of x(pixel under the tap, c) · weight(tap, c, f) + bias(f): weight
/// (size, size, C / groups, out), bias (out,). With g groups, group k makes the k-th of g equal parts of the outputs from
/// the k-th part of the channels. Throws value_error where `groups` divides one of them not.
/// Cost: the windows are laid side by side (in pieces of 2²² elements), then products as for dense; where a window is one
/// pixel, products alone.
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
    return std::make_unique<convolution_layer<T, B>>(grid_of(in, window_on(in)), groups, out, bias, weights);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
