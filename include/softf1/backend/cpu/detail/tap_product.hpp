// Products of pixels under the taps of windows with packed weights, without laying windows side by side.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/backend/cpu/fused_product.hpp>

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

/// MR targets by NV vectors of columns of one panel, in registers over all taps and their depth.
template <class T, std::size_t W, std::size_t MR, std::size_t NV>
struct tap_tile {
  using V = typename vector_of<T, W>::type;
  static constexpr std::size_t lanes = vector_of<T, W>::size;
  using product = product_tile<T, W, MR, NV>;

  // at: MR pointers a tap; panel: of the first tap, the others follow in `tap_step` elements; bias: NV vectors.
  [[gnu::always_inline]] static void run(T const* const* at, tap_place const* taps, std::size_t count,
                                         std::size_t depth, T const* panel, std::size_t tap_step, T const* bias,
                                         T* const* to, std::size_t rows, std::size_t cols) {
    run(at, taps, count, depth, panel, tap_step, bias, to, rows, cols, std::make_index_sequence<MR>{},
        std::make_index_sequence<NV>{});
  }

 private:
  template <std::size_t... r, std::size_t... v>
  [[gnu::always_inline]] static void run(T const* const* at, tap_place const* taps, std::size_t count,
                                         std::size_t depth, T const* panel, std::size_t tap_step, T const* bias,
                                         T* const* to, std::size_t rows, std::size_t cols, std::index_sequence<r...>,
                                         std::index_sequence<v...> every) {
    V sum[MR][NV];
    (begin(sum[r], bias, every), ...);
    for (std::size_t t = 0; t < count; ++t, at += MR) {
      T const* const w = panel + taps[t].weights * tap_step;
      T const* const x[MR] = {at[r]...};
      for (std::size_t k = 0; k < depth; ++k) {
        V weight[NV];
        (load_vector(weight[v], w + k * packed_matrix<T, cpu>::panel_cols + v * lanes), ...);
        (product::accumulate(sum[r], x[r][k], weight, every), ...);
      }
    }
    if (cols >= NV * lanes)
      ((r < rows ? store(to[r], sum[r], every) : void()), ...);
    else
      ((r < rows ? store_some(to[r], sum[r], cols, every) : void()), ...);
  }

  template <std::size_t... v>
  [[gnu::always_inline]] static void begin(V (&sum)[NV], T const* bias, std::index_sequence<v...>) {
    (load_vector(sum[v], bias + v * lanes), ...);
  }
  template <std::size_t... v>
  [[gnu::always_inline]] static void store(T* to, V const (&sum)[NV], std::index_sequence<v...>) {
    (store_vector(to + v * lanes, sum[v]), ...);
  }
  template <std::size_t... v>
  [[gnu::always_inline]] static void store_some(T* to, V const (&sum)[NV], std::size_t cols,
                                                std::index_sequence<v...> every) {
    T flat[NV * lanes];
    store(flat, sum, every);
    __builtin_memcpy(to, flat, cols * sizeof(T));
  }
};

/// How many targets a tile has, and a task.
template <std::size_t W>
inline constexpr std::size_t tap_rows = W == 64 ? 12 : 6;
inline constexpr std::size_t tap_block = 96;

/// One group of a convolution: y(target, :) = bias + Σ over taps of x(pixel) · w(tap).
template <class T>
struct tap_product {
  tap_lattice on;
  T const* x;
  std::size_t x_stride;  // elements from pixel to pixel
  std::size_t depth;
  T const *w, *bias;  // panels of each tap; bias filled up to whole panels
  std::size_t tap_step, cols;
  T const* zeros;  // `depth` of them
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
    T* moved[MR];
    for (std::size_t r = 0; r < MR; ++r) moved[r] = r < rows ? to[r] + col + j : nullptr;
    T const* const panel = w + col * depth + j;
    std::size_t const left = cols - col - j;
    if (left > vector_of<T, W>::size)
      tap_tile<T, W, MR, 2>::run(at, on.taps, on.count, depth, panel, tap_step, bias + col + j, moved, rows, left);
    else
      tap_tile<T, W, MR, 1>::run(at, on.taps, on.count, depth, panel, tap_step, bias + col + j, moved, rows, left);
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
