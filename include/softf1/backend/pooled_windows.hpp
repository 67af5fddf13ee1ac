// Pooling, cell by cell: the largest number of each window, and the mean.
#pragma once

#include <cstddef>
#include <cstdint>

#include <softf1/core/half.hpp>
#include <softf1/core/view.hpp>
#include <softf1/core/window.hpp>

namespace softf1::inline SOFTF1_ABI {

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
  static SOFTF1_HD bool replaces(compute_type<T> v, compute_type<T> best) {
    return v > best || (v != v && best == best);
  }
  SOFTF1_HD found operator()(std::size_t p, std::size_t c) const {
    found best{0, ~std::uint32_t{0}};
    auto const corner = grid.corner_of(p);
    for (std::size_t a = 0, t = 0; a < grid.win.size; ++a)
      for (std::size_t b = 0; b < grid.win.size; ++b, ++t) {
        std::size_t const from = grid.pixel_at(corner, a, b);
        if (from == window_grid::none && !zeros) continue;
        auto const v = from == window_grid::none ? compute_type<T>(0) : static_cast<compute_type<T>>(x(from, c));
        bool const is_first = best.tap == ~std::uint32_t{0};
        if (is_first || replaces(v, best.value)) best = {v, static_cast<std::uint32_t>(t)};
      }
    return best;
  }
};

/// y(p, c) = the maximum over the window of output pixel p.
template <class T, class B>
struct maximum_of_window {
  first_maximum<T, B> of;
  matrix_view<T, B> y;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const { y(p, c) = static_cast<T>(of(p, c).value); }
};

/// taps(p, c) = where that maximum is.
template <class T, class B>
struct tap_of_maximum {
  first_maximum<T, B> of;
  matrix_view<std::uint32_t, B> taps;
  SOFTF1_HD void operator()(std::size_t p, std::size_t c) const { taps(p, c) = of(p, c).tap; }
};

/// grad_x(p, c) = Σ of grad_y over the windows that have their maximum at p, in the order of the taps.
template <class T, class B>
struct slopes_of_maxima {
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

/// How many cells the mean of a window is over.
struct cells_of_window {
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
struct mean_of_window {
  cells_of_window cells;
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
struct slopes_of_means {
  cells_of_window cells;
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

}  // namespace softf1::inline SOFTF1_ABI
