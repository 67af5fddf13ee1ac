// Products by cuBLAS.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <cublas_v2.h>

#include <softf1/backend/blas_layout.hpp>
#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/core/half.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

inline void check_cublas(cublasStatus_t status, std::string_view call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw backend_error("cuda: " + std::string(call) + " failed: " + cublasGetStatusString(status) + " (" +
                        cublasGetStatusName(status) + ")");
}

/// A handle on the context's stream, with scratch memory of its own, so that its work can be recorded.
class cublas_products {
 public:
  explicit cublas_products(context<cuda>& ctx) : device_(ctx.device()), scratch_(ctx, std::size_t{32} << 20) {
    auto const here = ctx.stream().use();
    check_cublas(cublasCreate(&handle_), "cublasCreate");
  }
  ~cublas_products() {
    if (!handle_) return;
    try {
      device_guard const here(device_);
      cublasDestroy(handle_);
    } catch (backend_error const&) {
      // A device that is lost has nothing to give back.
    }
  }
  cublas_products(cublas_products const&) = delete;
  cublas_products& operator=(cublas_products const&) = delete;

  /// The handle, on the stream that work goes to now.
  static cublasHandle_t of(context<cuda>& ctx) {
    if (!ctx.products()) ctx.products() = std::make_shared<cublas_products>(ctx);
    auto& mine = *static_cast<cublas_products*>(ctx.products().get());
    if (cudaStream_t const stream = ctx.stream().get(); stream != mine.stream_) {
      check_cublas(cublasSetStream(mine.handle_, stream), "cublasSetStream");
      // A new stream takes the handle's own scratch memory away.
      check_cublas(cublasSetWorkspace(mine.handle_, mine.scratch_.data(), mine.scratch_.size()), "cublasSetWorkspace");
      mine.stream_ = stream;
    }
    return mine.handle_;
  }

 private:
  int device_;
  buffer<unsigned char, cuda> scratch_;
  cublasHandle_t handle_ = nullptr;
  cudaStream_t stream_ = nullptr;
};

template <class T>
constexpr cudaDataType_t cuda_type =
    std::is_same_v<T, double> ? CUDA_R_64F : std::is_same_v<T, float> ? CUDA_R_32F
                                         : std::is_same_v<T, half>    ? CUDA_R_16F
                                                                      : CUDA_R_16BF;

/// c = alpha · a · b + beta · c with factors of T, and c of C, summed in the type of alpha. False where cuBLAS cannot
/// read the strides.
template <class T, class C, class S>
bool cublas_product_of(context<cuda>& ctx, S alpha, matrix_view<const T, cuda> a, matrix_view<const T, cuda> b, S beta,
                       matrix_view<C, cuda> c, cublasComputeType_t sums) {
  auto const la = blas_layout_of(a), lb = blas_layout_of(b), lc = blas_layout_of(c);
  if (!la.readable || !lb.readable || !lc.readable || lc.transposed || a.cols() == 0) return false;
  auto const read = [](blas_layout const& l) { return l.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  auto const here = ctx.stream().use();
  auto const handle = cublas_products::of(ctx);
  // Row-major c = a · b is column-major c' = b' · a'.
  check_cublas(cublasGemmEx(handle, read(lb), read(la), static_cast<int>(c.cols()), static_cast<int>(c.rows()),
                            static_cast<int>(a.cols()), &alpha, b.data(), cuda_type<T>, static_cast<int>(lb.leading), a.data(),
                            cuda_type<T>, static_cast<int>(la.leading), &beta, c.data(), cuda_type<C>,
                            static_cast<int>(lc.leading), sums,
                            CUBLAS_GEMM_DEFAULT),
               "cublasGemmEx");
  return true;
}

template <class To>
matrix_view<const To, cuda> rounded(context<cuda>& ctx, matrix_view<const float, cuda> m, buffer<To, cuda>& memory);

template <class To>
bool cublas_rounded_product(context<cuda>& ctx, float alpha, matrix_view<const float, cuda> a,
                            matrix_view<const float, cuda> b, float beta, matrix_view<float, cuda> c) {
  buffer<To, cuda> memory_a, memory_b;
  auto const rounded_a = rounded(ctx, a, memory_a), rounded_b = rounded(ctx, b, memory_b);
  return cublas_product_of<To>(ctx, alpha, rounded_a, rounded_b, beta, c, CUBLAS_COMPUTE_32F);
}

/// c = a · b, all stored as half or bfloat16.
template <class T>
bool cublas_half_product(context<cuda>& ctx, matrix_view<const T, cuda> a, matrix_view<const T, cuda> b,
                         matrix_view<T, cuda> c) {
  return cublas_product_of<T>(ctx, 1.0f, a, b, 0.0f, c, CUBLAS_COMPUTE_32F);
}

template <class T>
bool cublas_product(context<cuda>& ctx, T alpha, matrix_view<const T, cuda> a, matrix_view<const T, cuda> b, T beta,
                    matrix_view<T, cuda> c) {
  if constexpr (std::is_same_v<T, double>) {
    return cublas_product_of<T>(ctx, alpha, a, b, beta, c, CUBLAS_COMPUTE_64F);
  } else {
    switch (ctx.precision()) {
      case product_precision::bf16:
        return cublas_rounded_product<bfloat16>(ctx, alpha, a, b, beta, c);
      case product_precision::fp16:
        return cublas_rounded_product<half>(ctx, alpha, a, b, beta, c);
      case product_precision::tf32:
        return cublas_product_of<T>(ctx, alpha, a, b, beta, c, CUBLAS_COMPUTE_32F_FAST_TF32);
      default:
        return cublas_product_of<T>(ctx, alpha, a, b, beta, c, CUBLAS_COMPUTE_32F);
    }
  }
}

}  // namespace softf1::inline SOFTF1_ABI::detail
