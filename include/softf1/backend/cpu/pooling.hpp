// Pooling forward and back, on the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/backend/pooled_windows.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

inline constexpr std::size_t pool_channels = 256;

/// first_maximum for some channels of an output pixel at once: their values and taps.
template <class T>
struct maxima_of_pixel {
  first_maximum<T, cpu> of;

  void find(window_grid::corner const& corner, std::size_t first, std::size_t count, T* best,
            std::uint32_t* taps) const {
    auto const& grid = of.grid;
    std::size_t const last = grid.win.dilation * (grid.win.size - 1);
    bool const is_inside = grid.pixel_at(corner, 0, 0) != window_grid::none && corner.y + last < grid.height &&
                           corner.x + last < grid.width;
    T const* const x = of.x.data() + first;
    if (is_inside && grid.win.size == 2) return find_inside<2>(corner, x, count, best, taps);
    if (is_inside && grid.win.size == 3) return find_inside<3>(corner, x, count, best, taps);
    bool is_first = true;
    std::uint32_t t = 0;
    auto const take = [&](auto const& value) {
      vector_loop(count, [&](std::size_t c) {
        T const v = value(c);
        bool const replaces = is_first | first_maximum<T, cpu>::replaces(v, best[c]);
        best[c] = replaces ? v : best[c];
        taps[c] = replaces ? t : taps[c];
      });
      is_first = false;
    };
    for (std::size_t a = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b, ++t) {
        std::size_t const from = grid.pixel_at(corner, a, b);
        if (from != window_grid::none)
          take([x, at = from * grid.channels](std::size_t c) { return x[at + c]; });
        else if (of.zeros)
          take([](std::size_t) { return T(0); });
      }
    if (is_first) vector_loop(count, [&](std::size_t c) { best[c] = 0, taps[c] = ~std::uint32_t{0}; });
  }

 private:
  // All of a small window at once.
  template <std::size_t size>
  void find_inside(window_grid::corner const& corner, T const* x, std::size_t count, T* best,
                   std::uint32_t* taps) const {
    T const* at[size * size];
    for (std::size_t t = 0; t < size * size; ++t)
      at[t] = x + of.grid.pixel_at(corner, t / size, t % size) * of.grid.channels;
    vector_loop(count, [&](std::size_t c) {
      T most = at[0][c];
      std::uint32_t tap = 0;
      for (std::uint32_t t = 1; t < size * size; ++t) {
        T const v = at[t][c];
        bool const replaces = first_maximum<T, cpu>::replaces(v, most);
        most = replaces ? v : most;
        tap = replaces ? t : tap;
      }
      best[c] = most;
      taps[c] = tap;
    });
  }
};

// f(first channel, how many of them) for all channels.
template <class F>
void in_channel_blocks(std::size_t channels, F const& f) {
  for (std::size_t first = 0; first < channels; first += pool_channels)
    f(first, channels - first < pool_channels ? channels - first : pool_channels);
}

template <class T>
struct pool_max_pixel {
  maxima_of_pixel<T> maxima;
  T* y;
  void operator()(std::size_t p) const {
    std::size_t const channels = maxima.of.grid.channels;
    in_channel_blocks(channels, [&](std::size_t first, std::size_t count) {
      std::uint32_t taps[pool_channels];
      maxima.find(maxima.of.grid.corner_of(p), first, count, y + p * channels + first, taps);
    });
  }
};

// Writes to the windows of an image, from its last output pixel to its first: a cell takes its slopes in in the order of
// the taps.
template <class T>
struct pool_max_image {
  maxima_of_pixel<T> maxima;
  T const* grad_y;
  T* grad_x;
  void operator()(std::size_t image) const {
    auto const& grid = maxima.of.grid;
    std::size_t const channels = grid.channels, of_image = grid.pixels() * channels;
    std::memset(grad_x + image * of_image, 0, of_image * sizeof(T));
    for (std::size_t k = grid.out_pixels(), p = (image + 1) * k; k-- > 0;) {
      auto const corner = grid.corner_of(--p);
      in_channel_blocks(channels, [&](std::size_t first, std::size_t count) {
        T best[pool_channels];
        std::uint32_t taps[pool_channels], t = 0;
        maxima.find(corner, first, count, best, taps);
        T const* const above = grad_y + p * channels + first;
        for (std::size_t a = 0; a < grid.win.size; ++a)
          for (std::size_t b = 0; b < grid.win.size; ++b, ++t) {
            std::size_t const to = grid.pixel_at(corner, a, b);
            if (to == window_grid::none) continue;
            T* const x = grad_x + to * channels + first;
            vector_loop(count, [&](std::size_t c) { x[c] += taps[c] == t ? above[c] : T(0); });
          }
      });
    }
  }
};

template <class T>
struct pool_mean_pixel {
  cells_of_window cells;
  T const* x;
  T* y;
  void operator()(std::size_t p) const {
    auto const& grid = cells.grid;
    auto const corner = grid.corner_of(p);
    T* const to = y + p * grid.channels;
    T const count = static_cast<T>(cells(p));
    vector_loop(grid.channels, [&](std::size_t c) { to[c] = 0; });
    for (std::size_t a = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b) {
        std::size_t const at = grid.pixel_at(corner, a, b);
        if (at == window_grid::none) continue;
        T const* const from = x + at * grid.channels;
        vector_loop(grid.channels, [&](std::size_t c) { to[c] += from[c]; });
      }
    vector_loop(grid.channels, [&](std::size_t c) { to[c] /= count; });
  }
};

// As pool_max_image.
template <class T>
struct pool_mean_image {
  cells_of_window cells;
  T const* grad_y;
  T* grad_x;
  void operator()(std::size_t image) const {
    auto const& grid = cells.grid;
    std::size_t const channels = grid.channels, of_image = grid.pixels() * channels;
    std::memset(grad_x + image * of_image, 0, of_image * sizeof(T));
    for (std::size_t k = grid.out_pixels(), p = (image + 1) * k; k-- > 0;) {
      auto const corner = grid.corner_of(--p);
      T const* const above = grad_y + p * channels;
      T const count = static_cast<T>(cells(p));
      for (std::size_t a = 0; a < grid.win.size; ++a)
        for (std::size_t b = 0; b < grid.win.size; ++b) {
          std::size_t const to = grid.pixel_at(corner, a, b);
          if (to == window_grid::none) continue;
          T* const x = grad_x + to * channels;
          vector_loop(channels, [&](std::size_t c) { x[c] += above[c] / count; });
        }
    }
  }
};

}  // namespace detail

/// y(p, c) = the first maximum of the window of output pixel p, as first_maximum finds it: x (N · H · W, C) and
/// y (N · out_height · out_width, C), dense. Cost: one pass.
template <class T>
void pool_max_forward(context<cpu>& ctx, window_grid const& on, bool zeros, matrix_view<const T> x,
                      std::type_identity_t<matrix_view<T>> y) {
  for_each_row(ctx, y.rows(), on.taps() * on.channels, detail::pool_max_pixel<T>{{{on, x, zeros}}, y.data()});
}

/// grad_x(p, c) = Σ of grad_y over the windows that have their maximum at p. Cost: one pass, an image a thread.
template <class T>
void pool_max_backward(context<cpu>& ctx, window_grid const& on, bool zeros, matrix_view<const T> x,
                       std::type_identity_t<matrix_view<const T>> grad_y, std::type_identity_t<matrix_view<T>> grad_x) {
  for_each_row(ctx, grad_x.rows() / on.pixels(), on.out_pixels() * on.taps() * on.channels,
               detail::pool_max_image<T>{{{on, x, zeros}}, grad_y.data(), grad_x.data()});
}

/// y(p, c) = Σ over the window of x(·, c) / cells: x (N · H · W, C) and y (N · out_height · out_width, C), dense.
/// Cost: one pass.
template <class T>
void pool_mean_forward(context<cpu>& ctx, cells_of_window const& cells, matrix_view<const T> x,
                       std::type_identity_t<matrix_view<T>> y) {
  for_each_row(ctx, y.rows(), cells.grid.taps() * cells.grid.channels,
               detail::pool_mean_pixel<T>{cells, x.data(), y.data()});
}

/// grad_x(p, c) = Σ over the windows that see p of grad_y / cells. Cost: one pass, an image a thread.
template <class T>
void pool_mean_backward(context<cpu>& ctx, cells_of_window const& cells, matrix_view<const T> grad_y,
                        std::type_identity_t<matrix_view<T>> grad_x) {
  auto const& on = cells.grid;
  for_each_row(ctx, grad_x.rows() / on.pixels(), on.out_pixels() * on.taps() * on.channels,
               detail::pool_mean_image<T>{cells, grad_y.data(), grad_x.data()});
}

}  // namespace softf1::inline SOFTF1_ABI
