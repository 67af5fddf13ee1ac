// Products of pixels under the taps of windows with packed weights, without laying windows side by side.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/backend/cpu/fused_product.hpp>
#include <softf1/core/window.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// Where a tap looks, from a target's place, and which weights it has.
struct tap_place {
  std::size_t y, x;  // wrap around above and to the left
  std::size_t weights;
};

/// Targets of a lattice of pixels, (images, rows, cols), each of which looks at source pixels.
struct tap_lattice {
  std::size_t rows, cols;
  std::size_t target_height, target_width, target_step, first_y, first_x;  // of the maps that targets lie in
  std::size_t source_height, source_width, source_step;
  tap_place const* taps;
  std::size_t count;
};

// The lattice of output pixels, each of which looks at the input pixels of its window.
inline tap_lattice forward_lattice(window_grid const& on, buffer<tap_place>& taps) {
  auto const& w = on.win;
  for (std::size_t t = 0; t < on.taps(); ++t)
    taps.data()[t] = {t / w.size * w.dilation - w.top, t % w.size * w.dilation - w.left, t};
  return {w.out_height, w.out_width, w.out_height, w.out_width, 1,        0, 0,
          on.height,    on.width,    w.stride,     taps.data(), on.taps()};
}

// The lattice of every stride-th input pixel from (y, x) on, each of which looks at the output pixels whose windows see
// it: of all these, under the same taps.
inline tap_lattice backward_lattice(window_grid const& on, std::size_t y, std::size_t x, buffer<tap_place>& taps) {
  auto const& w = on.win;
  auto const stride = static_cast<std::ptrdiff_t>(w.stride);
  std::size_t count = 0;
  for (std::size_t t = 0; t < on.taps(); ++t) {
    auto const a = static_cast<std::ptrdiff_t>(y + w.top - t / w.size * w.dilation);
    auto const b = static_cast<std::ptrdiff_t>(x + w.left - t % w.size * w.dilation);
    if (a % stride == 0 && b % stride == 0)
      taps.data()[count++] = {static_cast<std::size_t>(a / stride), static_cast<std::size_t>(b / stride), t};
  }
  return {(on.height - y + w.stride - 1) / w.stride,
          (on.width - x + w.stride - 1) / w.stride,
          on.height,
          on.width,
          w.stride,
          y,
          x,
          w.out_height,
          w.out_width,
          1,
          taps.data(),
          count};
}

/// True where taps have so few channels that windows are better laid side by side.
inline bool is_narrow(window_grid const& on) { return on.channels < 8 && !on.win.is_pointwise(); }

/// What ends a sum: bias, residual (null: none) and a range; the residual lies as the result does.
template <class T>
struct tap_end {
  T const* bias;
  T const* residual = nullptr;
  bool is_bounded = false;
  clamp_range<T> range = range_of<T>(activation::none);
};

/// MR targets by NV vectors of columns of one panel, in registers over all taps and their depth.
template <class T, std::size_t W, std::size_t MR, std::size_t NV>
struct tap_tile {
  using V = typename vector_of<T, W>::type;
  static constexpr std::size_t lanes = vector_of<T, W>::size;
  using product = product_tile<T, W, MR, NV>;

  // to[r] = from + Σ over taps. at: MR pointers a tap; panel: of the first tap, the others follow.
  [[gnu::always_inline]] static void run(T const* const* at, tap_place const* taps, std::size_t count,
                                         std::size_t depth, T const* panel, T const* from, T* const* to) {
    run(at, taps, count, depth, panel, from, to, std::make_index_sequence<MR>{}, std::make_index_sequence<NV>{});
  }

 private:
  template <std::size_t... r, std::size_t... v>
  [[gnu::always_inline]] static void run(T const* const* at, tap_place const* taps, std::size_t count,
                                         std::size_t depth, T const* panel, T const* from, T* const* to,
                                         std::index_sequence<r...>, std::index_sequence<v...> every) {
    constexpr std::size_t panel_cols = packed_matrix<T, cpu>::panel_cols;
    V sum[MR][NV];
    (begin(sum[r], from, every), ...);
    for (std::size_t t = 0; t < count; ++t, at += MR) {
      T const* const w = panel + taps[t].weights * depth * panel_cols;
      T const* const x[MR] = {at[r]...};
      for (std::size_t k = 0; k < depth; ++k) {
        V weight[NV];
        (load_vector(weight[v], w + k * panel_cols + v * lanes), ...);
        (product::accumulate(sum[r], x[r][k], weight, every), ...);
      }
    }
    (store(to[r], sum[r], every), ...);
  }

  template <std::size_t... v>
  [[gnu::always_inline]] static void begin(V (&sum)[NV], T const* from, std::index_sequence<v...>) {
    (load_vector(sum[v], from + v * lanes), ...);
  }
  template <std::size_t... v>
  [[gnu::always_inline]] static void store(T* to, V const (&sum)[NV], std::index_sequence<v...>) {
    (store_vector(to + v * lanes, sum[v]), ...);
  }
};

/// How many targets a tile has, and a task.
template <std::size_t W>
inline constexpr std::size_t tap_rows = W == 64 ? 12 : 6;
inline constexpr std::size_t tap_block = 96;

/// One group of a convolution: y(target, :) = bias + Σ over taps of x(pixel) · w(tap).
template <class T>
struct tap_product {
  instruction_set set;
  tap_lattice on;
  T const* x;
  std::size_t x_stride;  // elements from pixel to pixel
  std::size_t depth;
  T const* w;  // panels of `weights` rows each: those of a tap after those of another
  std::size_t weights, cols;
  T const* zeros;  // `depth` of them
  tap_end<T> end;
  T* y;
  std::size_t y_stride;

  // at: room for tap_block · taps pointers.
  template <std::size_t W>
  [[gnu::always_inline]] void block(std::size_t first, std::size_t targets, T const** at) const {
    constexpr std::size_t MR = tap_rows<W>, panel_cols = packed_matrix<T, cpu>::panel_cols;
    T* to[tap_block];
    std::size_t const of_image = on.rows * on.cols, place = first % of_image;
    position here{first / of_image, place / on.cols, place % on.cols};
    for (std::size_t k = 0; k < targets; k += MR)
      look<MR>(here, targets - k < MR ? targets - k : MR, at + k * on.count, to + k);
    for (std::size_t col = 0; col < cols; col += panel_cols)
      for (std::size_t k = 0; k < targets; k += MR)
        for (std::size_t j = 0; j < panel_cols && col + j < cols; j += 2 * vector_of<T, W>::size)
          tile<W, MR>(at + k * on.count, to + k, targets - k, col, j);
  }

 private:
  template <std::size_t W, std::size_t MR>
  [[gnu::always_inline]] void tile(T const* const* at, T* const* to, std::size_t rows, std::size_t col,
                                   std::size_t j) const {
    std::size_t const left = cols - col - j;
    T const* const panel = w + col * weights + j;
    if (left > vector_of<T, W>::size)
      tile<W, MR, 2>(at, to, rows < MR ? rows : MR, col + j, panel, left);
    else
      tile<W, MR, 1>(at, to, rows < MR ? rows : MR, col + j, panel, left);
  }

  // Sums go to their place, or to memory beside it where they are to be ended. A function of its own holds the loop, for
  // which compilers then keep the registers.
  template <std::size_t W, std::size_t MR, std::size_t NV>
  [[gnu::always_inline]] void tile(T const* const* at, T* const* to, std::size_t rows, std::size_t col, T const* panel,
                                   std::size_t left) const {
    constexpr std::size_t row = NV * vector_of<T, W>::size;
    bool const is_direct = !end.residual && !end.is_bounded && left >= row;
    T raw[MR * row], nothing[row] = {};
    T* sums[MR];
    for (std::size_t r = 0; r < MR; ++r) sums[r] = is_direct && r < rows ? to[r] + col : raw + r * row;
    T const* const from = is_direct ? end.bias + col : nothing;
    run_wide(set, [&]<std::size_t V>(vector_bytes<V>) {
      if constexpr (V == W) tap_tile<T, W, MR, NV>::run(at, on.taps, on.count, depth, panel, from, sums);
    });
    if (is_direct) return;
    std::size_t const some = left < row ? left : row;
    for (std::size_t r = 0; r < rows; ++r) finish(raw + r * row, to[r] + col, col, some);
  }

  [[gnu::always_inline]] void finish(T* sums, T* to, std::size_t col, std::size_t count) const {
    T const *const bias = end.bias + col, *const residual = end.residual ? end.residual + (to - y) : nullptr;
    vector_loop(count, [&](std::size_t j) { sums[j] += bias[j]; });
    if (residual) vector_loop(count, [&](std::size_t j) { sums[j] += residual[j]; });
    vector_loop(count, [&](std::size_t j) { to[j] = end.range(sums[j]); });
  }

  struct position {
    std::size_t image, i, j;  // of a target in the lattice
  };

  // The pointers of MR targets from `here` on; those that are missing look at zeros.
  template <std::size_t MR>
  [[gnu::always_inline]] void look(position& here, std::size_t targets, T const** at, T** to) const {
    for (std::size_t r = 0; r < MR; ++r) {
      if (r >= targets) {
        for (std::size_t t = 0; t < on.count; ++t) at[t * MR + r] = zeros;
        continue;
      }
      auto const [image, i, j] = here;
      to[r] = y + ((image * on.target_height + i * on.target_step + on.first_y) * on.target_width + j * on.target_step +
                   on.first_x) *
                      y_stride;
      T const* const source = x + image * on.source_height * on.source_width * x_stride;
      for (std::size_t t = 0; t < on.count; ++t) {
        std::size_t const a = i * on.source_step + on.taps[t].y, b = j * on.source_step + on.taps[t].x;
        bool const inside = a < on.source_height && b < on.source_width;
        at[t * MR + r] = inside ? source + (a * on.source_width + b) * x_stride : zeros;
      }
      if (++here.j == on.cols) here.j = 0, ++here.i;
      if (here.i == on.rows) here.i = 0, ++here.image;
    }
  }
};

/// All targets of `images` images.
template <class T>
void run_tap_product(context<cpu>& ctx, tap_product<T> const& p, std::size_t images) {
  std::size_t const targets = images * p.on.rows * p.on.cols, blocks = (targets + tap_block - 1) / tap_block;
  int const threads = threads_for(ctx, targets * p.cols * p.depth * (p.on.count + 1));
  std::size_t const room = tap_block * p.on.count;
  buffer<T const*> at(ctx, static_cast<std::size_t>(threads) * room);
  parallel_workers(threads, blocks, [&](std::size_t worker, std::size_t b) {
    std::size_t const first = b * tap_block, count = targets - first < tap_block ? targets - first : tap_block;
    run_wide(ctx.set(),
             [&]<std::size_t W>(vector_bytes<W>) { p.template block<W>(first, count, at.data() + worker * room); });
  });
}

}  // namespace softf1::inline SOFTF1_ABI::detail
