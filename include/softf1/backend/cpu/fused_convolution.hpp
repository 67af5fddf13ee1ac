// Fused convolutions of images (N, H, W, C), and means of pixels, as inference needs them: packed filters, forward only.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

#include <softf1/backend/cpu/detail/tap_product.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

// Copies the windows of one row of output pixels side by side: (out_width, size · size · channels), where pixels of x
// are `stride` elements apart.
template <class T>
void window_rows(tensor_view<const T, 3> x, std::size_t stride, window const& w, std::size_t out_y, T* to) {
  std::size_t const height = x.extent(0), width = x.extent(1), channels = x.extent(2);
  // Taps of a row that lie side by side in memory are copied at once where all are inside.
  bool const is_dense = stride == channels && w.dilation == 1;
  for (std::size_t out_x = 0; out_x < w.out_width; ++out_x)
    for (std::size_t a = 0; a < w.size; ++a) {
      // Above and to the left of the image the subtraction wraps around.
      std::size_t const y = out_y * w.stride + a * w.dilation - w.top, left = out_x * w.stride - w.left;
      T const* const row = x.data() + (y < height ? y * width * stride : 0);
      if (is_dense && y < height && left < width && left + w.size <= width) {
        std::memcpy(to, row + left * stride, w.size * channels * sizeof(T));
        to += w.size * channels;
        continue;
      }
      for (std::size_t b = 0; b < w.size; ++b, to += channels) {
        std::size_t const column = left + b * w.dilation;
        if (y < height && column < width)
          std::memcpy(to, row + column * stride, channels * sizeof(T));
        else
          std::memset(to, 0, channels * sizeof(T));
      }
    }
}

// One output pixel: sum over the taps of x[tap][c] · w[tap · C + c], for vectors of channels.
template <std::size_t W, class T>
[[gnu::always_inline]] inline void depthwise_pixel(T const* const* taps, std::size_t count, std::size_t channels,
                                                   T const* w, T const* bias, T const* residual, clamp_range<T> range,
                                                   T* y) {
  using V = typename vector_of<T, W>::type;
  constexpr std::size_t lanes = vector_of<T, W>::size;
  V const low = V{} + range.low, high = V{} + range.high;
  std::size_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    V sum, x, weight;
    load_vector(sum, bias + c);
    for (std::size_t t = 0; t < count; ++t) {
      load_vector(x, taps[t] + c);
      load_vector(weight, w + t * channels + c);
      sum += x * weight;
    }
    if (residual) {
      load_vector(x, residual + c);
      sum += x;
    }
    sum = sum < low ? low : sum;
    sum = sum > high ? high : sum;
    store_vector(y + c, sum);
  }
  for (; c < channels; ++c) {
    T sum = bias[c];
    for (std::size_t t = 0; t < count; ++t) sum += taps[t][c] * w[t * channels + c];
    y[c] = range(residual ? sum + residual[c] : sum);
  }
}

// One row of output pixels. `size` is a template parameter, so that the loop over 3 × 3 taps is unrolled.
template <std::size_t W, std::size_t fixed, class T>
[[gnu::always_inline]] inline void depthwise_row(tensor_view<const T, 3> x, window const& w, T const* weights,
                                                 epilogue<T> const& end, T const* zeros, std::size_t out_y, T* y) {
  constexpr std::size_t most = 7 * 7;
  std::size_t const height = x.extent(0), width = x.extent(1), channels = x.extent(2);
  std::size_t const size = fixed ? fixed : w.size, first = out_y * w.out_width * channels;
  clamp_range<T> const range = range_of<T>(end.act);
  T const* taps[fixed ? fixed * fixed : most];
  for (std::size_t out_x = 0; out_x < w.out_width; ++out_x) {
    for (std::size_t a = 0; a < size; ++a)
      for (std::size_t b = 0; b < size; ++b) {
        std::size_t const row = out_y * w.stride + a * w.dilation - w.top;
        std::size_t const column = out_x * w.stride + b * w.dilation - w.left;
        taps[a * size + b] = row < height && column < width ? x.data() + (row * width + column) * channels : zeros;
      }
    std::size_t const at = first + out_x * channels;
    depthwise_pixel<W>(taps, fixed ? fixed * fixed : size * size, channels, weights, end.bias.data(),
                       end.residual.data() ? end.residual.data() + at : nullptr, range, y + at);
  }
}

/// A part of the residual, where there is one.
template <class T>
epilogue<T> part_of(epilogue<T> end, std::size_t first, std::size_t count) {
  if (end.residual.data()) end.residual = {end.residual.data() + first, count};
  return end;
}

// Without laying windows side by side.
template <class T>
void convolve_wide(context<cpu>& ctx, window_grid const& on, std::size_t images, T const* x,
                   packed_matrix<T, cpu> const& w, epilogue<T> const& end, T* y) {
  require_shape("convolve", "bias", {w.cols()}, end.bias.shape());
  std::size_t const of_image = on.out_pixels() * w.cols();
  if (images * of_image == 0) return;
  buffer<tap_place> taps(ctx, on.taps());
  buffer<T> zeros(ctx, on.channels);
  std::memset(zeros.data(), 0, on.channels * sizeof(T));
  run_tap_product(ctx,
                  tap_product<T>{ctx.set(),
                                 forward_lattice(on, taps),
                                 x,
                                 on.channels,
                                 on.channels,
                                 w.panel(0),
                                 w.rows(),
                                 w.cols(),
                                 zeros.data(),
                                 {end.bias.data(), end.residual.data(),
                                  end.act == activation::relu || end.act == activation::relu6, range_of<T>(end.act)},
                                 y,
                                 w.cols()},
                  images);
  parallel_tasks(threads_for(ctx, images * of_image), images,
                 [&](std::size_t i) { end_smoothly(ctx.set(), end.act, y + i * of_image, of_image); });
}

}  // namespace detail

/// How many elements of scratch `convolve` takes for `images` images of `channels` channels.
template <class T>
std::size_t convolution_scratch(context<cpu> const&, window const& w, std::size_t channels, std::size_t /*images*/) {
  return detail::is_narrow({1, 1, channels, w}) ? w.out_width * w.size * w.size * channels : 0;
}

/// y = activation(x * w + bias + residual): x (N, H, W, C), w (size · size · C, F) packed from HWIO order, y (N,
/// out_height, out_width, F); all dense. Cost: a product, and a copy of each window where there are fewer than 8 channels. The same
/// bits for any number of threads.
template <class T>
void convolve(context<cpu>& ctx, tensor_view<const T, 4> x, packed_matrix<T, cpu> const& w, window const& win,
              epilogue<std::type_identity_t<T>> const& end, std::type_identity_t<vector_view<T>> scratch,
              std::type_identity_t<tensor_view<T, 4>> y) {
  std::size_t const images = x.extent(0), channels = x.extent(3);
  require_shape("convolve", "w", {win.size * win.size * channels, y.extent(3)},
                std::array<std::size_t, 2>{w.rows(), w.cols()});
  require_shape("convolve", "y", {images, win.out_height, win.out_width, w.cols()}, y.shape());
  if (win.is_pointwise()) {
    std::size_t const pixels = images * x.extent(1) * x.extent(2);
    return fused_product<T>(ctx, {x.data(), pixels, channels}, w, end, {y.data(), pixels, w.cols()});
  }
  require_shape("convolve", "scratch", {convolution_scratch<T>(ctx, win, channels, images)}, scratch.shape());
  window_grid const on{x.extent(1), x.extent(2), channels, win};
  if (!detail::is_narrow(on)) return detail::convolve_wide<T>(ctx, on, images, x.data(), w, end, y.data());
  std::size_t const image = x.extent(1) * x.extent(2) * channels, row = win.out_width * w.cols();
  for (std::size_t r = 0; r < images * win.out_height; ++r) {
    tensor_view<const T, 3> const from{x.data() + r / win.out_height * image, {x.extent(1), x.extent(2), channels}};
    detail::window_rows(from, channels, win, r % win.out_height, scratch.data());
    fused_product<T>(ctx, {scratch.data(), win.out_width, w.rows()}, w, detail::part_of<T>(end, r * row, row),
                     {y.data() + r * row, win.out_width, w.cols()});
  }
}

/// y(·, c) = activation(Σ over taps x(·, c) · w(tap, c) + bias(c) + residual(·, c)): x (N, H, W, C), w (size · size, C),
/// y (N, out_height, out_width, C); all dense; size at most 7. Cost: one pass; the same bits for any number of threads.
template <class T>
void convolve_depthwise(context<cpu>& ctx, tensor_view<const T, 4> x, std::type_identity_t<matrix_view<const T>> w,
                        window const& win, epilogue<std::type_identity_t<T>> const& end,
                        std::type_identity_t<tensor_view<T, 4>> y) {
  std::size_t const images = x.extent(0), channels = x.extent(3), out = win.out_height * win.out_width * channels;
  require_shape("convolve_depthwise", "w", {win.size * win.size, channels}, w.shape());
  require_shape("convolve_depthwise", "y", {images, win.out_height, win.out_width, channels}, y.shape());
  if (win.size > 7)
    throw value_error("convolve_depthwise: the window must be at most 7 wide, got " + std::to_string(win.size));
  buffer<T> zeros(ctx, channels);
  std::memset(zeros.data(), 0, channels * sizeof(T));
  detail::parallel_tasks(detail::threads_for(ctx, y.size()), images * win.out_height, [&](std::size_t r) {
    detail::run_wide(ctx.set(), [&]<std::size_t W>(detail::vector_bytes<W>) {
      std::size_t const image = r / win.out_height;
      tensor_view<const T, 3> const from{x.data() + image * x.extent(1) * x.extent(2) * channels,
                                         {x.extent(1), x.extent(2), channels}};
      auto const here = detail::part_of<T>(end, image * out, out);
      T* const to = y.data() + image * out;
      if (win.size == 3)
        detail::depthwise_row<W, 3>(from, win, w.data(), here, zeros.data(), r % win.out_height, to);
      else
        detail::depthwise_row<W, 0>(from, win, w.data(), here, zeros.data(), r % win.out_height, to);
    });
    std::size_t const row = win.out_width * channels;
    detail::end_smoothly(ctx.set(), end.act, y.data() + r * row, row);
  });
}

/// The mean over the pixels of each channel: x (N, H, W, C) dense, mean (N, C). Sums run over the pixels in order.
template <class T>
void mean_of_pixels(context<cpu>& ctx, tensor_view<const T, 4> x, std::type_identity_t<matrix_view<T>> mean) {
  std::size_t const pixels = x.extent(1) * x.extent(2), channels = x.extent(3);
  require_shape("mean_of_pixels", "mean", {x.extent(0), channels}, mean.shape());
  for_each_row(ctx, x.extent(0), pixels * channels, [=](std::size_t i) {
    T const* from = x.data() + i * pixels * channels;
    T* const to = &mean(i, 0);
    detail::vector_loop(channels, [&](std::size_t c) { to[c] = 0; });
    for (std::size_t p = 0; p < pixels; ++p, from += channels)
      detail::vector_loop(channels, [&](std::size_t c) { to[c] += from[c]; });
    detail::vector_loop(channels, [&](std::size_t c) { to[c] /= static_cast<T>(pixels); });
  });
}

}  // namespace softf1::inline SOFTF1_ABI
