// Products with a constant right side, ended by bias, residual and activation, on the device.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/backend/cuda/gemm.hpp>
#include <softf1/backend/fused.hpp>
#include <softf1/backend/transfer.hpp>
#include <softf1/math/activation.hpp>

namespace softf1::inline SOFTF1_ABI {

/// On the device: dense rows, in the storage type T (float, double, half or bfloat16).
template <class T>
class packed_matrix<T, cuda> {
 public:
  packed_matrix() = default;
  /// Copies a (K, N) of any strides from the host, rounded to T.
  template <class U>
  packed_matrix(context<cuda>& ctx, matrix_view<U, cpu> m) : rows_(m.rows()), cols_(m.cols()) {
    std::vector<T> host;
    host.reserve(m.size());
    for (std::size_t i = 0; i < rows_; ++i)
      for (std::size_t j = 0; j < cols_; ++j) host.push_back(static_cast<T>(m(i, j)));
    data_ = upload<T>(ctx, host);
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  matrix_view<const T, cuda> view() const { return {data_.data(), rows_, cols_}; }

 private:
  std::size_t rows_ = 0, cols_ = 0;
  buffer<T, cuda> data_;
};

namespace detail {

/// y = activation(x + bias + residual), cell by cell; x may lie where y does.
template <class From, class T>
struct end_product {
  matrix_view<const From, cuda> x;
  end_of_sum<T, cuda> end;
  matrix_view<T, cuda> y;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    y(i, j) = end(static_cast<compute_type<T>>(x(i, j)), j, i * y.cols() + j);
  }
};

/// y = activation(y).
template <class T>
struct activate_in_place {
  activation act;
  T* y;
  SOFTF1_HD void operator()(std::size_t i) const {
    y[i] = static_cast<T>(math::activated(act, static_cast<compute_type<T>>(y[i])));
  }
};

/// y = activation(y) for the activations that do not clamp; the others are in the range that sums were clamped to.
template <class T>
void end_smoothly(context<cuda>& ctx, activation act, T* y, std::size_t n) {
  if (!is_clamp(act)) for_each(ctx, n, activate_in_place<T>{act, y});
}

template <class From, class T>
void end_with(context<cuda>& ctx, matrix_view<const From, cuda> x, epilogue<T, cuda> const& end,
              matrix_view<T, cuda> y) {
  for_each_cell(ctx, y.rows(), y.cols(), end_product<From, T>{x, end_of_sum<T, cuda>(end), y});
  end_smoothly(ctx, end.act, y.data(), y.size());
}

#if !defined(SOFTF1_DEVICE_CUDA)
template <class T>
matrix_view<const float, cuda> widened(context<cuda>& ctx, matrix_view<const T, cuda> m, buffer<float, cuda>& memory) {
  memory = buffer<float, cuda>(ctx, m.size());
  auto const to = memory.matrix(m.rows(), m.cols());
  for_each_cell(ctx, m.rows(), m.cols(), convert_cells<T, float, cuda>{m, to});
  return to;
}
#endif

}  // namespace detail

/// y = activation(x · w + bias + residual) for x (M, K) with unit column stride, w (K, N), dense y (M, N). T is the type
/// of storage; sums are float (double for double). Float factors are rounded as the context's `precision` says.
/// Throws shape_error for shapes that do not fit. Cost: a product and a pass over y. The bits may depend on M.
template <class T>
void fused_product(context<cuda>& ctx, matrix_view<const T, cuda> x, packed_matrix<T, cuda> const& w,
                   epilogue<std::type_identity_t<T>, cuda> const& end, std::type_identity_t<matrix_view<T, cuda>> y) {
  require_shape("fused_product", "x", {y.rows(), w.rows()}, x.shape());
  require_shape("fused_product", "y", {x.rows(), w.cols()}, y.shape());
  require_shape("fused_product", "bias", {w.cols()}, end.bias.shape());
  if (end.residual.data()) require_shape("fused_product", "residual", {y.size()}, end.residual.shape());
  if (y.size() == 0) return;
  if constexpr (std::is_floating_point_v<T>) {
    gemm<T>(ctx, T(1), x, w.view(), T(0), y);
    detail::end_with<T, T>(ctx, y, end, y);
  } else {
#if defined(SOFTF1_DEVICE_CUDA)
    // The sums are float within the product, and rounded to T once before the bias is added.
    if (!detail::cublas_half_product<T>(ctx, x, w.view(), y))
      throw shape_error("fused_product: x must have unit column stride, got one with gaps");
    detail::end_with<T, T>(ctx, y, end, y);
#else
    buffer<float, cuda> memory_x, memory_w, sums(ctx, y.size());
    auto const wide_x = detail::widened(ctx, x, memory_x), wide_w = detail::widened(ctx, w.view(), memory_w);
    gemm<float>(ctx, 1.0f, wide_x, wide_w, 0.0f, sums.matrix(y.rows(), y.cols()));
    detail::end_with<float, T>(ctx, std::as_const(sums).matrix(y.rows(), y.cols()), end, y);
#endif
  }
}

}  // namespace softf1::inline SOFTF1_ABI
