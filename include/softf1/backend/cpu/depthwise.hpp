// The passes of a depthwise convolution in training, on the host.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include <softf1/backend/cpu/convolution_passes.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

/// y(target, c) = Σ over taps of x(pixel, c) · w(tap, c).
template <class T>
struct depthwise_taps {
  tap_lattice on;
  std::size_t channels;
  T const *x, *w;  // of each tap of the lattice, one after the other
  T const* zeros;  // `channels` of them
  T* y;

  // Row r of the lattice, of all images. at: room for a pointer a tap.
  template <std::size_t W>
  [[gnu::always_inline]] void row(std::size_t r, T const** at) const {
    std::size_t const image = r / on.rows, i = r % on.rows;
    T const* const source = x + image * on.source_height * on.source_width * channels;
    T* const to = y + (image * on.target_height + i * on.target_step + on.first_y) * on.target_width * channels;
    clamp_range<T> const all = range_of<T>(activation::none);
    for (std::size_t j = 0; j < on.cols; ++j) {
      for (std::size_t t = 0; t < on.count; ++t) {
        std::size_t const a = i * on.source_step + on.taps[t].y, b = j * on.source_step + on.taps[t].x;
        bool const inside = a < on.source_height && b < on.source_width;
        at[t] = inside ? source + (a * on.source_width + b) * channels : zeros;
      }
      T* const here = to + (j * on.target_step + on.first_x) * channels;
      if (on.count == 9)
        depthwise_pixel<W, T>(at, 9, channels, w, zeros, nullptr, all, here);
      else
        depthwise_pixel<W, T>(at, on.count, channels, w, zeros, nullptr, all, here);
    }
  }
};

template <class T>
void run_depthwise(context<cpu>& ctx, tap_lattice const& on, std::size_t images, matrix_view<const T> x,
                   matrix_view<const T> w, matrix_view<T> y) {
  std::size_t const channels = w.cols();
  buffer<T> memory(ctx, (on.count + 1) * channels);
  T* const zeros = memory.data() + on.count * channels;
  for (std::size_t t = 0; t < on.count; ++t)
    std::memcpy(memory.data() + t * channels, &w(on.taps[t].weights, 0), channels * sizeof(T));
  std::memset(zeros, 0, channels * sizeof(T));
  depthwise_taps<T> const product{on, channels, x.data(), memory.data(), zeros, y.data()};
  int const threads = threads_for(ctx, y.size());
  buffer<T const*> at(ctx, static_cast<std::size_t>(threads) * on.count);
  parallel_workers(threads, images * on.rows, [&](std::size_t worker, std::size_t r) {
    run_wide(ctx.set(),
             [&]<std::size_t W>(vector_bytes<W>) { product.template row<W>(r, at.data() + worker * on.count); });
  });
}

// One vector of channels: sum += x · slopes.
template <class V, class T>
[[gnu::always_inline]] inline void add_product(V& sum, T const* x, T const* slopes) {
  V value, slope;
  load_vector(value, x);
  load_vector(slope, slopes);
  sum += value * slope;
}
template <class V, class T>
[[gnu::always_inline]] inline void add_vector(T* to, V const& sum) {
  V value;
  load_vector(value, to);
  value += sum;
  store_vector(to, value);
}

// to[c] += Σ over runs of pixels of x · slopes, for some vectors of channels from c on.
template <std::size_t W, class T, std::size_t... v>
[[gnu::always_inline]] inline void depthwise_slopes(tap_run<T> const* runs, std::size_t count, std::size_t c,
                                                    std::size_t x_step, T const* slopes, std::size_t channels, T* to,
                                                    std::index_sequence<v...>) {
  using V = typename vector_of<T, W>::type;
  constexpr std::size_t lanes = vector_of<T, W>::size;
  V sum[sizeof...(v)] = {};
  for (std::size_t k = 0; k < count; ++k) {
    T const* x = runs[k].x + c;
    T const* above = slopes + runs[k].slopes * channels + c;
    for (std::size_t p = 0; p < runs[k].count; ++p, x += x_step, above += channels)
      (add_product(sum[v], x + v * lanes, above + v * lanes), ...);
  }
  (add_vector(to + c + v * lanes, sum[v]), ...);
}

// The channels of one tap.
template <std::size_t W, class T>
[[gnu::always_inline]] inline void depthwise_tap(tap_run<T> const* runs, std::size_t count, std::size_t x_step,
                                                 T const* slopes, std::size_t channels, T* to) {
  constexpr std::size_t lanes = vector_of<T, W>::size;
  std::size_t c = 0;
  for (; c + 4 * lanes <= channels; c += 4 * lanes)
    depthwise_slopes<W>(runs, count, c, x_step, slopes, channels, to, std::make_index_sequence<4>{});
  for (; c + lanes <= channels; c += lanes)
    depthwise_slopes<W>(runs, count, c, x_step, slopes, channels, to, std::make_index_sequence<1>{});
  for (; c < channels; ++c) {
    T sum = 0;
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t p = 0; p < runs[k].count; ++p)
        sum += runs[k].x[p * x_step + c] * slopes[(runs[k].slopes + p) * channels + c];
    to[c] += sum;
  }
}

}  // namespace detail

/// y(p, c) = Σ over taps of x(pixel under the tap, c) · w(t, c): x (N · H · W, C), w (size · size, C) and
/// y (N · out_height · out_width, C), dense. Cost: one pass. The same bits for any number of threads.
template <class T>
void depthwise_forward(context<cpu>& ctx, window_grid const& on, matrix_view<const T> x,
                       std::type_identity_t<matrix_view<const T>> w, std::type_identity_t<matrix_view<T>> y) {
  if (y.size() == 0) return;
  buffer<detail::tap_place> taps(ctx, on.taps());
  detail::run_depthwise<T>(ctx, detail::forward_lattice(on, taps), x.rows() / on.pixels(), x, w, y);
}

/// grad_x(p, c) = Σ over taps of grad_y(output pixel that has p under the tap, c) · w(t, c); shapes as in
/// depthwise_forward. Cost: one pass. The same bits for any number of threads.
template <class T>
void depthwise_grad_x(context<cpu>& ctx, window_grid const& on, matrix_view<const T> w,
                      std::type_identity_t<matrix_view<const T>> grad_y, std::type_identity_t<matrix_view<T>> grad_x) {
  if (grad_x.size() == 0) return;
  buffer<detail::tap_place> taps(ctx, on.taps());
  for (std::size_t y = 0; y < on.win.stride && y < on.height; ++y)
    for (std::size_t x = 0; x < on.win.stride && x < on.width; ++x)
      detail::run_depthwise<T>(ctx, detail::backward_lattice(on, y, x, taps), grad_x.rows() / on.pixels(), grad_y, w,
                               grad_x);
}

/// grad_w(t · C + c) += Σ over output pixels of x(pixel under the tap, c) · grad_y(p, c); shapes as in depthwise_forward.
/// Cost: one pass. Partial sums are over rows of output pixels, as many as follow from the shapes, and are added up in
/// order: the same bits for any number of threads.
template <class T>
void depthwise_grad_w(context<cpu>& ctx, window_grid const& on, matrix_view<const T> x,
                      std::type_identity_t<matrix_view<const T>> grad_y, std::type_identity_t<vector_view<T>> grad_w) {
  if (grad_y.size() == 0) return;
  std::size_t const channels = on.channels, taps = on.taps(), size = taps * channels;
  std::size_t const rows = x.rows() / on.pixels() * on.win.out_height, most = 64, few = 4;
  std::size_t const at_least = (rows + most - 1) / most, chunk = at_least < few ? few : at_least;
  std::size_t const chunks = (rows + chunk - 1) / chunk;
  int const threads = detail::threads_for(ctx, grad_y.size());
  buffer<T> sums(ctx, chunks * size);
  buffer<detail::tap_run<T>> runs(ctx, static_cast<std::size_t>(threads) * few);
  detail::parallel_workers(threads, chunks, [&](std::size_t worker, std::size_t k) {
    T* const mine = sums.data() + k * size;
    std::memset(mine, 0, size * sizeof(T));
    std::size_t const end = (k + 1) * chunk < rows ? (k + 1) * chunk : rows;
    auto* const found = runs.data() + worker * few;
    // A few rows at a time, which stay in the cache while the taps pass.
    for (std::size_t top = k * chunk; top < end; top += few) {
      T const* const slopes = grad_y.data() + top * on.win.out_width * channels;
      for (std::size_t t = 0; t < taps; ++t) {
        std::size_t const count =
            detail::runs_under_tap(on, x.data(), channels, top, end - top < few ? end - top : few, t, found);
        detail::run_wide(ctx.set(), [&]<std::size_t W>(detail::vector_bytes<W>) {
          detail::depthwise_tap<W, T>(found, count, on.win.stride * channels, slopes, channels, mine + t * channels);
        });
      }
    }
  });
  T const* const from = sums.data();
  for_each_row(ctx, taps, chunks * channels, [=](std::size_t t) {
    T* const to = grad_w.data() + t * channels;
    for (std::size_t k = 0; k < chunks; ++k) {
      T const* const part = from + k * size + t * channels;
      detail::vector_loop(channels, [&](std::size_t c) { to[c] += part[c]; });
    }
  });
}

}  // namespace softf1::inline SOFTF1_ABI
