// Fused convolutions of images (N, H, W, C), and means of pixels, on the device, as inference needs them: packed
// filters, forward only.
#pragma once

#include <cstddef>
#include <type_traits>

#include <softf1/backend/cuda/fused_product.hpp>
#include <softf1/backend/windows.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

/// y(p, f) = activation(Σ x · w + bias + residual) by itself: for windows of few elements.
template <class T>
struct convolve_directly {
  window_grid on;
  T const* x;
  matrix_view<const T, cuda> w;
  end_of_sum<T, cuda> end;
  matrix_view<T, cuda> y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t f) const {
    using C = compute_type<T>;
    C sum = 0;
    auto const corner = on.corner_of(p);
    for (std::size_t a = 0, t = 0; a < on.win.size; ++a)
      for (std::size_t b = 0; b < on.win.size; ++b, ++t) {
        std::size_t const from = on.pixel_at(corner, a, b);
        if (from == window_grid::none) continue;
        for (std::size_t c = 0; c < on.channels; ++c)
          sum += static_cast<C>(x[from * on.channels + c]) * static_cast<C>(w(t * on.channels + c, f));
      }
    y(p, f) = end(sum, f, p * y.cols() + f);
  }
};

/// y(p, c) = activation(Σ over taps x · w + bias + residual), each channel by itself.
template <class T>
struct convolve_channels {
  window_grid on;
  T const* x;
  matrix_view<const T, cuda> w;
  end_of_sum<T, cuda> end;
  T* y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const {
    using C = compute_type<T>;
    C sum = 0;
    auto const corner = on.corner_of(p);
    for (std::size_t a = 0, t = 0; a < on.win.size; ++a)
      for (std::size_t b = 0; b < on.win.size; ++b, ++t) {
        std::size_t const from = on.pixel_at(corner, a, b);
        if (from != window_grid::none) sum += static_cast<C>(x[from * on.channels + c]) * static_cast<C>(w(t, c));
      }
    y[p * on.channels + c] = end(sum, c, p * on.channels + c);
  }
};

#if defined(SOFTF1_DEVICE_THRUST_OMP)
/// `unfold` for all taps of an output pixel, without a division an element.
template <class T>
struct unfold_pixel {
  unfold<T, cuda> by_element;
  void operator()(std::size_t p) const {
    auto const& grid = by_element.grid;
    auto const corner = grid.corner_of(p);
    T* to = &by_element.rows(p, 0);
    for (std::size_t a = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b)
        for (std::size_t c = 0, from = grid.pixel_at(corner, a, b); c < grid.channels; ++c)
          *to++ = from == window_grid::none ? static_cast<T>(0.0f) : by_element.x(from, c);
  }
};

/// convolve_channels for all channels of an output pixel, in vector loops.
template <class T>
struct convolve_pixel {
  convolve_channels<T> by_channel;
  void operator()(std::size_t p) const {
    using C = compute_type<T>;
    constexpr std::size_t most = 256;
    auto const& [on, x, w, end, y] = by_channel;
    auto const corner = on.corner_of(p);
    run_for(best_instruction_set(), [&] {
      for (std::size_t first = 0; first < on.channels; first += most) {
        std::size_t const count = on.channels - first < most ? on.channels - first : most;
        C sums[most];
        vector_loop(count, [&](std::size_t c) { sums[c] = 0; });
        for (std::size_t a = 0, t = 0; a < on.win.size; ++a)
          for (std::size_t b = 0; b < on.win.size; ++b, ++t) {
            std::size_t const from = on.pixel_at(corner, a, b);
            if (from == window_grid::none) continue;
            T const *const values = x + from * on.channels + first, *const weights = &w(t, first);
            vector_loop(count,
                        [&](std::size_t c) { sums[c] += static_cast<C>(values[c]) * static_cast<C>(weights[c]); });
          }
        std::size_t const at = p * on.channels + first;
        vector_loop(count, [&](std::size_t c) { y[at + c] = end(sums[c], first + c, at + c); });
      }
    });
  }
};
#endif

template <class T>
void lay_side_by_side(context<cuda>& ctx, unfold<T, cuda> const& windows) {
  auto const& to = windows.rows;
#if defined(SOFTF1_DEVICE_THRUST_OMP)
  for_each_row(ctx, to.rows(), to.cols(), unfold_pixel<T>{windows});
#else
  for_each_cell(ctx, to.rows(), to.cols(), windows);
#endif
}

template <class T>
struct mean_of_channel {
  T const* x;
  std::size_t pixels;
  matrix_view<T, cuda> mean;
  SOFTF1_HD void operator()(std::size_t i, std::size_t c) const {
    using C = compute_type<T>;
    C sum = 0;
    for (std::size_t p = 0; p < pixels; ++p) sum += static_cast<C>(x[(i * pixels + p) * mean.cols() + c]);
    mean(i, c) = static_cast<T>(sum / static_cast<C>(pixels));
  }
};

// Windows of at most so many elements are not worth laying side by side for a product. On hosts all are.
#if defined(SOFTF1_DEVICE_THRUST_OMP)
inline constexpr std::size_t direct_depth = 0;
#else
inline constexpr std::size_t direct_depth = 64;
#endif

template <class T>
window_grid grid_of(tensor_view<const T, 4, cuda> const& x, window const& win) {
  return {x.extent(1), x.extent(2), x.extent(3), win};
}

}  // namespace detail

/// How many elements of scratch `convolve` takes for `images` images of `channels` channels.
template <class T>
std::size_t convolution_scratch(context<cuda> const&, window const& w, std::size_t channels, std::size_t images) {
  std::size_t const depth = w.size * w.size * channels;
  return w.is_pointwise() || depth <= detail::direct_depth ? 0 : images * w.out_height * w.out_width * depth;
}

/// y = activation(x * w + bias + residual): x (N, H, W, C), w (size · size · C, F) packed from HWIO order, y (N,
/// out_height, out_width, F); all dense. Cost: a copy of each window unless it is one pixel or small, a product, and a
/// pass over y.
template <class T>
void convolve(context<cuda>& ctx, tensor_view<const T, 4, cuda> x, packed_matrix<T, cuda> const& w, window const& win,
              epilogue<std::type_identity_t<T>, cuda> const& end, std::type_identity_t<vector_view<T, cuda>> scratch,
              std::type_identity_t<tensor_view<T, 4, cuda>> y) {
  std::size_t const images = x.extent(0), channels = x.extent(3), depth = win.size * win.size * channels;
  require_shape("convolve", "w", {depth, y.extent(3)}, std::array<std::size_t, 2>{w.rows(), w.cols()});
  require_shape("convolve", "y", {images, win.out_height, win.out_width, w.cols()}, y.shape());
  require_shape("convolve", "scratch", {convolution_scratch<T>(ctx, win, channels, images)}, scratch.shape());
  std::size_t const pixels = images * win.out_height * win.out_width;
  matrix_view<T, cuda> const out{y.data(), pixels, w.cols()};
  if (win.is_pointwise()) return fused_product<T>(ctx, {x.data(), pixels, channels}, w, end, out);
  auto const on = detail::grid_of(x, win);
  if (depth <= detail::direct_depth) {
    for_each_cell(ctx, pixels, w.cols(),
                  detail::convolve_directly<T>{on, x.data(), w.view(), end_of_sum<T, cuda>(end), out});
    return detail::end_smoothly(ctx, end.act, y.data(), y.size());
  }
  matrix_view<T, cuda> const rows{scratch.data(), pixels, depth};
  matrix_view<const T, cuda> const in{x.data(), images * on.pixels(), channels};
  detail::lay_side_by_side(ctx, unfold<T, cuda>{on, in, rows});
  fused_product<T>(ctx, rows, w, end, out);
}

/// y(·, c) = activation(Σ over taps x(·, c) · w(tap, c) + bias(c) + residual(·, c)): x (N, H, W, C), w (size · size, C),
/// y (N, out_height, out_width, C); all dense. Cost: one pass.
template <class T>
void convolve_depthwise(context<cuda>& ctx, tensor_view<const T, 4, cuda> x,
                        std::type_identity_t<matrix_view<const T, cuda>> w, window const& win,
                        epilogue<std::type_identity_t<T>, cuda> const& end,
                        std::type_identity_t<tensor_view<T, 4, cuda>> y) {
  std::size_t const images = x.extent(0), channels = x.extent(3);
  require_shape("convolve_depthwise", "w", {win.size * win.size, channels}, w.shape());
  require_shape("convolve_depthwise", "y", {images, win.out_height, win.out_width, channels}, y.shape());
  std::size_t const pixels = images * win.out_height * win.out_width;
  detail::convolve_channels<T> const by_channel{detail::grid_of(x, win), x.data(), w, end_of_sum<T, cuda>(end),
                                                y.data()};
#if defined(SOFTF1_DEVICE_THRUST_OMP)
  for_each_row(ctx, pixels, channels, detail::convolve_pixel<T>{by_channel});
#else
  for_each_cell(ctx, pixels, channels, by_channel);
#endif
  detail::end_smoothly(ctx, end.act, y.data(), y.size());
}

/// The mean over the pixels of each channel: x (N, H, W, C) dense, mean (N, C). Sums run over the pixels in order.
template <class T>
void mean_of_pixels(context<cuda>& ctx, tensor_view<const T, 4, cuda> x,
                    std::type_identity_t<matrix_view<T, cuda>> mean) {
  require_shape("mean_of_pixels", "mean", {x.extent(0), x.extent(3)}, mean.shape());
  for_each_cell(ctx, mean.rows(), mean.cols(), detail::mean_of_channel<T>{x.data(), x.extent(1) * x.extent(2), mean});
}

}  // namespace softf1::inline SOFTF1_ABI
