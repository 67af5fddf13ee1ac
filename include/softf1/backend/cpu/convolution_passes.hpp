// The passes of a convolution in training, on the host.
#pragma once

#include <cstddef>
#include <type_traits>

#include <softf1/backend/cpu/fused_convolution.hpp>
#include <softf1/backend/cpu/detail/tap_gradient.hpp>
#include <softf1/backend/cpu/detail/tap_product.hpp>
#include <softf1/backend/windows.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

// A window over all of the image is a product with all of its values.
inline convolution_grid simplified(convolution_grid g) {
  auto const& w = g.on.win;
  bool const is_whole = w.size == g.on.height && w.size == g.on.width && g.on.out_pixels() == 1 && w.dilation == 1;
  if (is_whole && w.top == 0 && w.left == 0 && g.groups == 1) g.on = {1, 1, g.on.taps() * g.on.channels, {}};
  return g;
}

// The weights of a group as a packed matrix has them, and what a product reads beside them. Transposed: from slopes to x.
template <class T>
class packed_taps {
 public:
  packed_taps(context<cpu>& ctx, convolution_grid const& g, std::size_t group, matrix_view<const T> w,
              vector_view<const T> bias, bool is_transposed)
      : set_(ctx.set()),
        depth_(is_transposed ? g.out / g.groups : g.on.channels),
        cols_(is_transposed ? g.on.channels : g.out / g.groups),
        taps_(g.on.taps()),
        panels_(packed_matrix<T, cpu>::packed_size(taps_ * depth_, cols_)),
        memory_(ctx, panels_ + cols_ + depth_) {
    std::ptrdiff_t const down = w.stride(is_transposed), across = w.stride(!is_transposed);
    parallel_tasks(threads_for(ctx, panels_), taps_, [&](std::size_t t) {
      T const* const from = &w(t * g.on.channels, group * (g.out / g.groups));
      for (std::size_t j = 0; j < cols_; j += panel_cols)
        packed_matrix<T, cpu>::pack({from + static_cast<std::ptrdiff_t>(j) * across, depth_,
                                     cols_ - j < panel_cols ? cols_ - j : panel_cols, down, across},
                                    memory_.data() + (j * taps_ + t * panel_cols) * depth_);
    });
    T* const rest = memory_.data() + panels_;
    for (std::size_t k = 0; k < cols_ + depth_; ++k) rest[k] = T(0);
    if (bias.data())
      for (std::size_t j = 0; j < cols_; ++j) rest[j] = bias(group * cols_ + j);
  }

  tap_product<T> product(tap_lattice const& on, T const* x, std::size_t x_stride, T* y, std::size_t y_stride) const {
    T const* const bias = memory_.data() + panels_;
    return {set_, on, x, x_stride, depth_, memory_.data(), taps_ * depth_, cols_, bias + cols_, {bias}, y, y_stride};
  }

 private:
  static constexpr std::size_t panel_cols = packed_matrix<T, cpu>::panel_cols;
  instruction_set set_;
  std::size_t depth_, cols_, taps_, panels_;
  buffer<T> memory_;
};

// The windows of a piece of the batch laid side by side, where a tap has few channels: use(the grid of the windows as
// pixels, first output pixel, the windows).
template <class T, class Use>
void in_windows(context<cpu>& ctx, convolution_grid const& g, std::size_t group, matrix_view<const T> x,
                Use const& use) {
  auto const& on = g.on;
  std::size_t const images = x.rows() / on.pixels(), depth = g.depth(), row = on.win.out_width * depth;
  std::size_t const of_image = on.win.out_height * row, most = std::size_t{1} << 20;
  std::size_t const fitting = of_image < most ? most / of_image : 1, at_once = images < fitting ? images : fitting;
  buffer<T> memory(ctx, at_once * of_image);
  for (std::size_t first = 0; first < images; first += at_once) {
    std::size_t const count = images - first < at_once ? images - first : at_once;
    std::size_t const rows = count * on.win.out_height;
    parallel_tasks(threads_for(ctx, rows * row), rows, [&](std::size_t r) {
      std::size_t const image = first + r / on.win.out_height;
      T const* const from = x.data() + image * on.pixels() * x.cols() + group * on.channels;
      window_rows<T>({from, {on.height, on.width, on.channels}}, x.cols(), on.win, r % on.win.out_height,
                     memory.data() + r * row);
    });
    use(convolution_grid{{on.win.out_height, on.win.out_width, depth, pointwise_on(on.win)}, g.groups, g.out},
        first * on.out_pixels(), matrix_view<const T>(memory.data(), count * on.out_pixels(), depth));
  }
}

// Group `group` of y = x * w + bias, whose channels lie at x, with the weights of the group's columns.
template <class T>
void forward_of_group(context<cpu>& ctx, window_grid const& on, packed_taps<T> const& w, std::size_t images, T const* x,
                      std::size_t x_stride, T* y, std::size_t y_stride) {
  buffer<tap_place> taps(ctx, on.taps());
  run_tap_product(ctx, w.product(forward_lattice(on, taps), x, x_stride, y, y_stride), images);
}

template <class T>
void grad_w_of_group(context<cpu>& ctx, convolution_grid const& g, T const* x, std::size_t x_stride, T const* grad_y,
                     std::size_t images, matrix_view<T> grad_w) {
  // So many output pixels that what they see stays in the second level of the cache, and a panel in the first.
  std::size_t const row = g.on.win.out_width * (g.on.channels * g.on.win.stride * g.on.win.stride + g.out / g.groups);
  std::size_t const most = std::size_t{1} << 17, of_cache = row < most ? most / row : 1;
  std::size_t const pixels = 256, of_panel = g.on.win.out_width < pixels ? pixels / g.on.win.out_width : 1;
  std::size_t const fitting = of_cache < of_panel ? of_cache : of_panel, rows = images * g.on.win.out_height;
  run_tap_gradient(
      ctx, tap_gradient<T>{g.on, x, x_stride, grad_y, g.out, g.out / g.groups, rows, rows < fitting ? rows : fitting},
      grad_w);
}

template <class T>
matrix_view<T> columns_of_group(matrix_view<T> m, std::size_t group, std::size_t count) {
  return {m.data() + group * count, m.rows(), count, m.stride(0), m.stride(1)};
}

}  // namespace detail

/// y(p, f) = bias(f) + Σ over taps and the channels of f's group of x(pixel under the tap, c) · w(t · C / groups + c, f):
/// x (N · H · W, C) and y (N · out_height · out_width, F) dense; w (taps · C / groups, F); bias (F,) or empty.
/// Cost: the weights are packed; a product; windows are laid side by side where a group has fewer than 8 channels.
/// The same bits for any number of threads.
template <class T>
void convolve_forward(context<cpu>& ctx, convolution_grid const& whole, matrix_view<const T> x,
                      std::type_identity_t<matrix_view<const T>> w, std::type_identity_t<vector_view<const T>> bias,
                      std::type_identity_t<matrix_view<T>> y) {
  if (y.size() == 0) return;
  auto const g = detail::simplified(whole);
  std::size_t const of_group = g.out / g.groups;
  for (std::size_t k = 0; k < g.groups; ++k) {
    if (detail::is_narrow(g.on)) {
      convolution_grid const rows{{1, 1, g.depth(), {}}, g.groups, g.out};
      detail::packed_taps<T> const weights(ctx, rows, k, w, bias, false);
      detail::in_windows<T>(ctx, g, k, x, [&](auto const& on, std::size_t first, matrix_view<const T> windows) {
        detail::forward_of_group<T>(ctx, on.on, weights, windows.rows() / on.on.pixels(), windows.data(),
                                    windows.cols(), &y(first, k * of_group), g.out);
      });
      continue;
    }
    detail::packed_taps<T> const weights(ctx, g, k, w, bias, false);
    detail::forward_of_group<T>(ctx, g.on, weights, y.rows() / g.on.out_pixels(), x.data() + k * g.on.channels,
                                g.on.channels * g.groups, y.data() + k * of_group, g.out);
  }
}

/// grad_x(p, c) = Σ over the output pixels that have p under a tap of grad_y(·, f) · w(t · C / groups + c, f); shapes as
/// in convolve_forward. Cost: the weights are packed, a product. The same bits for any number of threads.
template <class T>
void convolve_grad_x(context<cpu>& ctx, convolution_grid const& whole, matrix_view<const T> w,
                     std::type_identity_t<matrix_view<const T>> grad_y, std::type_identity_t<matrix_view<T>> grad_x) {
  if (grad_x.size() == 0) return;
  auto const g = detail::simplified(whole);
  std::size_t const stride = g.on.win.stride, of_group = g.out / g.groups, channels = g.on.channels * g.groups;
  buffer<detail::tap_place> taps(ctx, g.on.taps());
  for (std::size_t k = 0; k < g.groups; ++k) {
    detail::packed_taps<T> const weights(ctx, g, k, w, {}, true);
    for (std::size_t y = 0; y < stride && y < g.on.height; ++y)
      for (std::size_t x = 0; x < stride && x < g.on.width; ++x)
        detail::run_tap_product(
            ctx,
            weights.product(detail::backward_lattice(g.on, y, x, taps), grad_y.data() + k * of_group, g.out,
                            grad_x.data() + k * g.on.channels, channels),
            grad_y.rows() / g.on.out_pixels());
  }
}

/// grad_w(t · C / groups + c, f) += Σ over output pixels of x(pixel under the tap, c) · grad_y(p, f); shapes as in
/// convolve_forward. Cost: a product; scratch at most 8 MB, or as much as grad_w. The same bits for any number of threads.
template <class T>
void convolve_grad_w(context<cpu>& ctx, convolution_grid const& whole, matrix_view<const T> x,
                     std::type_identity_t<matrix_view<const T>> grad_y, std::type_identity_t<matrix_view<T>> grad_w) {
  if (grad_y.size() == 0) return;
  auto const g = detail::simplified(whole);
  std::size_t const of_group = g.out / g.groups;
  for (std::size_t k = 0; k < g.groups; ++k) {
    auto const to = detail::columns_of_group(grad_w, k, of_group);
    if (detail::is_narrow(g.on)) {
      detail::in_windows<T>(ctx, g, k, x, [&](auto const& on, std::size_t first, matrix_view<const T> windows) {
        detail::grad_w_of_group<T>(ctx, on, windows.data(), windows.cols(), &grad_y(first, k * of_group),
                                   windows.rows() / on.on.pixels(), to);
      });
      continue;
    }
    detail::grad_w_of_group<T>(ctx, g, x.data() + k * g.on.channels, g.on.channels * g.groups,
                               grad_y.data() + k * of_group, grad_y.rows() / g.on.out_pixels(), to);
  }
}

}  // namespace softf1::inline SOFTF1_ABI
