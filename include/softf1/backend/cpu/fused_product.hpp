// Products with a constant right side, ended by bias, residual and activation: what pointwise convolutions and dense
// layers are at inference.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <softf1/backend/cpu/detail/vector.hpp>
#include <softf1/backend/cpu/elementwise.hpp>
#include <softf1/backend/fused.hpp>
#include <softf1/math/activation.hpp>

namespace softf1::inline SOFTF1_ABI {

/// On the host: panels of 128 bytes of columns, each with its K rows one after the other; the last one is filled with 0.
template <class T>
class packed_matrix<T, cpu> {
 public:
  static constexpr std::size_t panel_cols = 128 / sizeof(T);

  packed_matrix() = default;
  /// Copies a (K, N) of any strides.
  packed_matrix(context<cpu>& ctx, matrix_view<const T> m)
      : rows_(m.rows()), cols_(m.cols()), data_(ctx, packed_size(m.rows(), m.cols())) {
    pack(m, data_.data());
  }

  static constexpr std::size_t packed_size(std::size_t rows, std::size_t cols) {
    return (cols + panel_cols - 1) / panel_cols * panel_cols * rows;
  }
  /// Writes the panels of m, packed_size elements.
  static void pack(matrix_view<const T> m, T* out) {
    for (std::size_t first = 0; first < m.cols(); first += panel_cols)
      for (std::size_t k = 0; k < m.rows(); ++k)
        for (std::size_t j = first; j < first + panel_cols; ++j) *out++ = j < m.cols() ? m(k, j) : T(0);
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t panels() const { return (cols_ + panel_cols - 1) / panel_cols; }
  T const* panel(std::size_t p) const { return data_.data() + p * panel_cols * rows_; }

 private:
  std::size_t rows_ = 0, cols_ = 0;
  buffer<T> data_;
};

namespace detail {

// MR rows by NV vectors of columns of one panel, in registers over the whole depth.
template <class T, std::size_t W, std::size_t MR, std::size_t NV>
struct product_tile {
  using V = typename vector_of<T, W>::type;
  static constexpr std::size_t lanes = vector_of<T, W>::size, cols = NV * lanes;

  struct target {
    T* y;
    std::size_t rows, cols, stride;  // of y; rows and cols that exist
    T const *bias, *residual;        // at the tile; bias has `cols` elements
    clamp_range<T> range;
  };

  template <std::size_t... r, std::size_t... v>
  [[gnu::always_inline]] static void run(std::size_t depth, T const* x, std::size_t x_stride, std::size_t rows,
                                         T const* panel, target const& to, std::index_sequence<r...>,
                                         std::index_sequence<v...>) {
    // A missing row reads the last one that exists, and is not written.
    T const* const at[MR] = {(x + (r < rows ? r : rows - 1) * x_stride)...};
    V sum[MR][NV] = {};
    for (std::size_t k = 0; k < depth; ++k) {
      V w[NV];
      (load_vector(w[v], panel + k * packed_matrix<T, cpu>::panel_cols + v * lanes), ...);
      (accumulate(sum[r], at[r][k], w, std::index_sequence<v...>{}), ...);
    }
    if (to.rows >= MR && to.cols >= cols) {
      (store(to.y + r * to.stride, sum[r], to, r * to.stride, std::index_sequence<v...>{}), ...);
    } else {
      for (std::size_t i = 0; i < to.rows && i < MR; ++i)
        for (std::size_t j = 0; j < to.cols && j < cols; ++j) {
          T value = sum[i][j / lanes][j % lanes] + to.bias[j];
          if (to.residual) value += to.residual[i * to.stride + j];
          to.y[i * to.stride + j] = to.range(value);
        }
    }
  }

  template <std::size_t... v>
  [[gnu::always_inline]] static void accumulate(V (&sum)[NV], T x, V const (&w)[NV], std::index_sequence<v...>) {
    ((sum[v] += x * w[v]), ...);
  }

  template <std::size_t... v>
  [[gnu::always_inline]] static void store(T* y, V const (&sum)[NV], target const& to, std::size_t offset,
                                           std::index_sequence<v...>) {
    (store_one(y + v * lanes, sum[v], to.bias + v * lanes, to.residual ? to.residual + offset + v * lanes : nullptr,
               to.range),
     ...);
  }
  [[gnu::always_inline]] static void store_one(T* y, V const& sum, T const* bias, T const* residual,
                                               clamp_range<T> const& range) {
    V value, more;
    load_vector(value, bias);
    value += sum;
    if (residual) {
      load_vector(more, residual);
      value += more;
    }
    V const low = V{} + range.low, high = V{} + range.high;
    value = value < low ? low : value;
    value = value > high ? high : value;
    store_vector(y, value);
  }
};

// Rows [0, rows) of x by all panels of w.
template <std::size_t W, class T>
[[gnu::always_inline]] inline void product_block(T const* x, std::size_t x_stride, std::size_t rows,
                                                 packed_matrix<T, cpu> const& w, T const* bias, T const* residual,
                                                 clamp_range<T> range, T* y) {
  // 24 of the 32 registers of AVX-512 hold sums, 12 of the 16 of the others.
  constexpr std::size_t tile_rows = W == 64 ? 12 : 6;
  using tile = product_tile<T, W, tile_rows, 2>;
  constexpr std::size_t panel_cols = packed_matrix<T, cpu>::panel_cols;
  std::size_t const n = w.cols();
  for (std::size_t p = 0; p < w.panels(); ++p)
    for (std::size_t i = 0; i < rows; i += tile_rows)
      for (std::size_t j = 0; j < panel_cols && p * panel_cols + j < n; j += tile::cols) {
        std::size_t const col = p * panel_cols + j;
        typename tile::target const to{
            y + i * n + col, rows - i, n - col, n, bias + col, residual ? residual + i * n + col : nullptr, range};
        tile::run(w.rows(), x + i * x_stride, x_stride, rows - i, w.panel(p) + j, to,
                  std::make_index_sequence<tile_rows>{}, std::make_index_sequence<2>{});
      }
}

template <class Curve, class T>
[[gnu::noinline]] void bend(instruction_set set, T* y, std::size_t n) {
  run_for(set, [=] { vector_loop(n, [=](std::size_t k) { y[k] = Curve::value(y[k]); }); });
}

// y = activation(y) for the activations that do not clamp; the others are in the range that sums were clamped to.
template <class T>
void end_smoothly(instruction_set set, activation act, T* y, std::size_t n) {
  if (act == activation::swish) bend<math::swish_curve>(set, y, n);
  if (act == activation::hard_swish) bend<math::hard_swish_curve>(set, y, n);
  if (act == activation::sigmoid) bend<math::sigmoid_curve>(set, y, n);
  if (act == activation::hard_sigmoid) bend<math::hard_sigmoid_curve>(set, y, n);
}

}  // namespace detail

/// y = activation(x · w + bias + residual) for x (M, K) with unit column stride, w (K, N), dense y (M, N).
/// Throws shape_error for shapes that do not fit. Cost: one pass, no scratch. An element's sum runs over k in order, so
/// its bits depend neither on M nor on the number of threads.
template <class T>
void fused_product(context<cpu>& ctx, matrix_view<const T> x, packed_matrix<T, cpu> const& w,
                   epilogue<std::type_identity_t<T>> const& end, std::type_identity_t<matrix_view<T>> y) {
  require_shape("fused_product", "x", {y.rows(), w.rows()}, x.shape());
  require_shape("fused_product", "y", {x.rows(), w.cols()}, y.shape());
  require_shape("fused_product", "bias", {w.cols()}, end.bias.shape());
  if (end.residual.data()) require_shape("fused_product", "residual", {y.size()}, end.residual.shape());
  // So many rows that they stay in the second level of the cache while the panels pass.
  constexpr std::size_t block = 96;
  std::size_t const blocks = (x.rows() + block - 1) / block;
  auto const stride = static_cast<std::size_t>(x.stride(0));
  detail::parallel_tasks(detail::threads_for(ctx, y.size() * w.rows()), blocks, [&](std::size_t b) {
    std::size_t const first = b * block, rows = x.rows() - first < block ? x.rows() - first : block;
    detail::run_wide(ctx.set(), [&]<std::size_t W>(detail::vector_bytes<W>) {
      detail::product_block<W, T>(x.data() + first * stride, stride, rows, w, end.bias.data(),
                                  end.residual.data() ? end.residual.data() + first * w.cols() : nullptr,
                                  range_of<T>(end.act), y.data() + first * w.cols());
    });
    detail::end_smoothly(ctx.set(), end.act, y.data() + first * w.cols(), rows * w.cols());
  });
}

}  // namespace softf1::inline SOFTF1_ABI
