// Matrix products of the device.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <softf1/backend/cpu/gemm.hpp>
#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/core/half.hpp>
#if defined(SOFTF1_DEVICE_CUDA)
#include <softf1/backend/cuda/cublas.cuh>
#endif

namespace softf1::inline SOFTF1_ABI {

namespace detail {

/// c(i, j) = alpha · Σ_k a(i, k) · b(k, j) + beta · c(i, j): for strides that no library of products can read.
template <class T>
struct reference_product {
  T alpha, beta;
  matrix_view<const T, cuda> a, b;
  matrix_view<T, cuda> c;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    T sum = 0;
    for (std::size_t k = 0; k < a.cols(); ++k) sum += a(i, k) * b(k, j);
    c(i, j) = beta == T(0) ? alpha * sum : alpha * sum + beta * c(i, j);
  }
};

/// The float nearest to x that has 10 bits behind the point, ties to even: what tensor cores read in tf32.
SOFTF1_HD float rounded_to_tf32(float x) {
  std::uint32_t const bits = bit_cast<std::uint32_t>(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x;
  return bit_cast<float>((bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu);
}

/// A factor as products of a precision see it.
template <class To>
struct round_factor {
  matrix_view<const float, cuda> from;
  matrix_view<To, cuda> to;
  product_precision precision;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    float const x = from(i, j);
    if constexpr (std::is_same_v<To, float>)
      to(i, j) = precision == product_precision::tf32   ? rounded_to_tf32(x)
                 : precision == product_precision::bf16 ? static_cast<float>(bfloat16(x))
                                                        : static_cast<float>(half(x));
    else
      to(i, j) = To(x);
  }
};

/// A dense copy in the order in which it is stored: what is transposed stays so.
template <class To>
matrix_view<To, cuda> like_stored(matrix_view<const float, cuda> m, To* data) {
  auto const rows = static_cast<std::ptrdiff_t>(m.rows()), cols = static_cast<std::ptrdiff_t>(m.cols());
  if (m.stride(1) == 1) return {data, m.rows(), m.cols(), cols, 1};
  return {data, m.rows(), m.cols(), 1, rows};
}

template <class To>
matrix_view<const To, cuda> rounded(context<cuda>& ctx, matrix_view<const float, cuda> m, buffer<To, cuda>& memory) {
  memory = buffer<To, cuda>(ctx, m.size());
  auto const to = like_stored<To>(m, memory.data());
  // Neighbours in memory side by side.
  if (to.stride(1) == 1)
    launch_cells(ctx, m.rows(), m.cols(), round_factor<To>{m, to, ctx.precision()});
  else
    launch_cells(ctx, m.cols(), m.rows(),
                 round_factor<To>{{m.data(), m.cols(), m.rows(), m.stride(1), m.stride(0)},
                                  {to.data(), to.cols(), to.rows(), to.stride(1), to.stride(0)},
                                  ctx.precision()});
  return to;
}

#if !defined(SOFTF1_DEVICE_CUDA)
template <class T>
matrix_view<T> on_host(matrix_view<T, cuda> m) {
  return {m.data(), m.rows(), m.cols(), m.stride(0), m.stride(1)};
}

/// Where the device is the host itself, its CBLAS stands in for cuBLAS.
template <class T>
void device_product(context<cuda>&, T alpha, matrix_view<const T, cuda> a, matrix_view<const T, cuda> b, T beta,
                    matrix_view<T, cuda> c) {
  context<cpu> host;
  gemm<T>(host, alpha, on_host(a), on_host(b), beta, on_host(c));
}
#endif

}  // namespace detail

/// c = alpha · a · b + beta · c for a (M, K), b (K, N), c (M, N); T is float or double. With beta = 0, c is not read.
/// Any strides; what a library of products cannot read is computed by a plain functor. c must not overlap a or b.
/// Float factors are rounded as the context's `precision` says; sums are float. Throws shape_error for shapes that do not
/// fit. The same bits each time.
template <class T>
void gemm(context<cuda>& ctx, std::type_identity_t<T> alpha, matrix_view<const T, cuda> a,
          std::type_identity_t<matrix_view<const T, cuda>> b, std::type_identity_t<T> beta,
          std::type_identity_t<matrix_view<T, cuda>> c) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "softf1: gemm is for float and double");
  require_shape("gemm", "b", {a.cols(), b.cols()}, b.shape());
  require_shape("gemm", "c", {a.rows(), b.cols()}, c.shape());
  if (c.size() == 0) return;
#if defined(SOFTF1_DEVICE_CUDA)
  if (detail::cublas_product(ctx, alpha, a, b, beta, c)) return;
  for_each_cell(ctx, c.rows(), c.cols(), detail::reference_product<T>{alpha, beta, a, b, c});
#else
  if constexpr (std::is_same_v<T, float>)
    if (ctx.precision() != product_precision::full) {
      buffer<float, cuda> memory_a, memory_b;
      auto const rounded_a = detail::rounded(ctx, a, memory_a), rounded_b = detail::rounded(ctx, b, memory_b);
      return detail::device_product<T>(ctx, alpha, rounded_a, rounded_b, beta, c);
    }
  detail::device_product<T>(ctx, alpha, a, b, beta, c);
#endif
}

}  // namespace softf1::inline SOFTF1_ABI
