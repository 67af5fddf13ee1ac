// The gradient of a convolution's weights: products of pixels under each tap with the slopes above, without laying
// windows side by side.
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

#include <softf1/backend/cpu/fused_product.hpp>
#include <softf1/core/window.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// A run of output pixels of one row, and what lies under a tap of them.
template <class T>
struct tap_run {
  T const* x;
  std::size_t slopes, count;  // the first one's row of slopes
};

/// Where tap t lies within the image, in each of `count` rows of output pixels from row `top` of all images on. Pixels
/// of x are x_stride elements apart. What continues a run joins it. Returns the number of runs.
template <class T>
std::size_t runs_under_tap(window_grid const& on, T const* x, std::size_t x_stride, std::size_t top, std::size_t count,
                           std::size_t t, tap_run<T>* runs) {
  auto const& win = on.win;
  std::size_t const across = t % win.size * win.dilation;
  std::size_t const low = across >= win.left ? 0 : (win.left - across + win.stride - 1) / win.stride;
  std::size_t const end = on.width + win.left > across ? (on.width + win.left - across - 1) / win.stride + 1 : 0;
  std::size_t const high = end < win.out_width ? end : win.out_width;
  std::size_t found = 0;
  for (std::size_t k = 0; k < count && low < high; ++k) {
    std::size_t const image = (top + k) / win.out_height, row = (top + k) % win.out_height;
    std::size_t const y = row * win.stride + t / win.size * win.dilation - win.top;
    if (y >= on.height) continue;
    std::size_t const pixel = (image * on.height + y) * on.width + low * win.stride + across - win.left;
    tap_run<T> const next{x + pixel * x_stride, k * win.out_width + low, high - low};
    tap_run<T>* const last = found > 0 ? runs + found - 1 : nullptr;
    if (last && last->x + last->count * win.stride * x_stride == next.x && last->slopes + last->count == next.slopes)
      last->count += next.count;
    else
      runs[found++] = next;
  }
  return found;
}

/// MR rows of weights by NV vectors of columns, in registers over runs of pixels.
template <class T, std::size_t W, std::size_t MR, std::size_t NV>
struct gradient_tile {
  using V = typename vector_of<T, W>::type;
  static constexpr std::size_t lanes = vector_of<T, W>::size, panel_cols = packed_matrix<T, cpu>::panel_cols;

  // to += Σ over the pixels of x[r] · slopes[v].
  [[gnu::always_inline]] static void run(tap_run<T> const* runs, std::size_t count, std::size_t offset,
                                         std::size_t x_step, T const* slopes, T* to, std::size_t to_step) {
    run(runs, count, offset, x_step, slopes, to, to_step, std::make_index_sequence<MR>{},
        std::make_index_sequence<NV>{});
  }

 private:
  template <std::size_t... r, std::size_t... v>
  [[gnu::always_inline]] static void run(tap_run<T> const* runs, std::size_t count, std::size_t offset,
                                         std::size_t x_step, T const* slopes, T* to, std::size_t to_step,
                                         std::index_sequence<r...>, std::index_sequence<v...> every) {
    V sum[MR][NV] = {};
    for (std::size_t k = 0; k < count; ++k) {
      T const* x = runs[k].x + offset;
      T const* above = slopes + runs[k].slopes * panel_cols;
      for (std::size_t p = 0; p < runs[k].count; ++p, x += x_step, above += panel_cols) {
        V slope[NV];
        (load_vector(slope[v], above + v * lanes), ...);
        (product_tile<T, W, MR, NV>::accumulate(sum[r], x[r], slope, every), ...);
      }
    }
    (add(to + r * to_step, sum[r], every), ...);
  }
  template <std::size_t... v>
  [[gnu::always_inline]] static void add(T* to, V const (&sum)[NV], std::index_sequence<v...>) {
    (add_one(to + v * lanes, sum[v]), ...);
  }
  [[gnu::always_inline]] static void add_one(T* to, V const& sum) {
    V value;
    load_vector(value, to);
    value += sum;
    store_vector(to, value);
  }
};

/// One group: partial sums of grad_w(t · depth + c, f) over blocks of rows of output pixels.
template <class T>
struct tap_gradient {
  static constexpr std::size_t panel_cols = packed_matrix<T, cpu>::panel_cols;

  window_grid on;  // channels: of the group
  T const* x;
  std::size_t x_stride;
  T const* slopes;
  std::size_t slopes_stride, cols;
  std::size_t rows, block_rows;  // rows of output pixels, of all images; those of a block

  std::size_t panels() const { return (cols + panel_cols - 1) / panel_cols; }
  std::size_t width() const { return panels() * panel_cols; }
  std::size_t blocks() const { return (rows + block_rows - 1) / block_rows; }
  /// Units of work that a block falls into: some channels under a tap.
  static constexpr std::size_t unit_channels = 64;
  std::size_t units_a_tap() const { return (on.channels + unit_channels - 1) / unit_channels; }
  std::size_t units() const { return on.taps() * units_a_tap(); }
  /// The first row of weights that unit u has.
  std::size_t row_of(std::size_t u) const {
    return u / units_a_tap() * on.channels + u % units_a_tap() * unit_channels;
  }
  std::size_t scratch() const { return block_rows * on.win.out_width * width(); }

  /// to (taps · depth, width()) += the share of block b, of the units [first, last). panel: `scratch()` elements; runs:
  /// block_rows of them.
  template <std::size_t W>
  [[gnu::always_inline]] void block(std::size_t b, std::size_t first, std::size_t last, T* panel, tap_run<T>* runs,
                                    T* to) const {
    std::size_t const top = b * block_rows, count = rows - top < block_rows ? rows - top : block_rows;
    lay_out(top, count, panel);
    std::size_t const of_panel = count * on.win.out_width * panel_cols;
    for (std::size_t u = first; u < last; ++u) {
      std::size_t const found = runs_under_tap(on, x, x_stride, top, count, u / units_a_tap(), runs);
      constexpr std::size_t MR = W == 64 ? 8 : 4;
      std::size_t const begin = u % units_a_tap() * unit_channels;
      std::size_t const end = begin + unit_channels < on.channels ? begin + unit_channels : on.channels;
      T* mine = to + row_of(u) * width();
      std::size_t c = begin;
      for (; c + MR <= end; c += MR, mine += MR * width()) tiles<W, MR>(runs, found, c, panel, of_panel, mine);
      for (; c < end; ++c, mine += width()) tiles<W, 1>(runs, found, c, panel, of_panel, mine);
    }
  }

 private:
  template <std::size_t W, std::size_t MR>
  [[gnu::always_inline]] void tiles(tap_run<T> const* runs, std::size_t count, std::size_t c, T const* panel,
                                    std::size_t of_panel, T* to) const {
    constexpr std::size_t lanes = vector_of<T, W>::size;
    std::size_t const step = on.win.stride * x_stride;
    for (std::size_t f = 0; f < cols; f += panel_cols, panel += of_panel)
      for (std::size_t j = 0; j < panel_cols && f + j < cols; j += 2 * lanes) {
        if (cols - f - j > lanes)
          gradient_tile<T, W, MR, 2>::run(runs, count, c, step, panel + j, to + f + j, width());
        else
          gradient_tile<T, W, MR, 1>::run(runs, count, c, step, panel + j, to + f + j, width());
      }
  }

  // The slopes of the block's pixels, in panels of columns, filled up with 0.
  void lay_out(std::size_t top, std::size_t count, T* to) const {
    std::size_t const pixels = count * on.win.out_width;
    T const* const from = slopes + top * on.win.out_width * slopes_stride;
    for (std::size_t f = 0; f < cols; f += panel_cols) {
      std::size_t const some = cols - f < panel_cols ? cols - f : panel_cols;
      for (std::size_t p = 0; p < pixels; ++p, to += panel_cols) {
        std::memcpy(to, from + p * slopes_stride + f, some * sizeof(T));
        if (some < panel_cols) std::memset(to + some, 0, (panel_cols - some) * sizeof(T));
      }
    }
  }
};

/// grad_w(t · depth + c, f) += all of it. Partial sums are over numbers of blocks that follow from the shapes, and are
/// added up in order.
template <class T>
void run_tap_gradient(context<cpu>& ctx, tap_gradient<T> const& g, matrix_view<T> grad_w) {
  std::size_t const depth = grad_w.rows(), size = depth * g.width(), blocks = g.blocks();
  if (blocks == 0) return;
  std::size_t const fitting = (std::size_t{1} << 21) / size, most = fitting < 1 ? 1 : fitting < 16 ? fitting : 16;
  std::size_t const chunks = blocks < most ? blocks : most;
  std::size_t const wanted = 16 / chunks, parts = wanted < g.units() ? wanted : g.units();
  int const threads = threads_for(ctx, g.rows * g.on.win.out_width * depth * g.cols);
  auto const workers = static_cast<std::size_t>(threads);
  buffer<T> sums(ctx, chunks * size), panels(ctx, workers * g.scratch());
  buffer<tap_run<T>> runs(ctx, workers * g.block_rows);
  parallel_workers(threads, chunks * parts, [&](std::size_t worker, std::size_t task) {
    std::size_t const chunk = task / parts, part = task % parts;
    std::size_t const first = part * g.units() / parts, last = (part + 1) * g.units() / parts;
    T* const mine = sums.data() + chunk * size;
    std::size_t const begin = g.row_of(first), end = part + 1 < parts ? g.row_of(last) : depth;
    std::memset(mine + begin * g.width(), 0, (end - begin) * g.width() * sizeof(T));
    run_wide(ctx.set(), [&]<std::size_t W>(vector_bytes<W>) {
      for (std::size_t b = chunk * blocks / chunks; b < (chunk + 1) * blocks / chunks; ++b)
        g.template block<W>(b, first, last, panels.data() + worker * g.scratch(), runs.data() + worker * g.block_rows,
                            mine);
    });
  });
  T const* const from = sums.data();
  std::size_t const width = g.width();
  for_each_row(ctx, depth, chunks * width, [=](std::size_t i) {
    T* const to = &grad_w(i, 0);
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
      T const* const part = from + chunk * size + i * width;
      vector_loop(grad_w.cols(), [&](std::size_t f) { to[f] += part[f]; });
    }
  });
}

}  // namespace softf1::inline SOFTF1_ABI::detail
