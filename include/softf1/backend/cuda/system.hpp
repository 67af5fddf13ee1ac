// Which of Thrust's device systems the device backend stands on, and what differs between them below the algorithms.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>

#if defined(SOFTF1_DEVICE_CUDA)
#include <cuda_runtime_api.h>
#include <thrust/system/cuda/execution_policy.h>
#elif defined(SOFTF1_DEVICE_THRUST_OMP)
#include <thrust/system/omp/execution_policy.h>
#elif defined(SOFTF1_DEVICE_THRUST_CPP)
#include <thrust/system/cpp/execution_policy.h>
#else
#error "softf1: the device backend needs the target softf1::cuda, which says what it stands on"
#endif
#include <thrust/system_error.h>

namespace softf1::inline SOFTF1_ABI {

/// What the device backend stands on: "cuda", "thrust_omp" or "thrust_cpp".
inline constexpr std::string_view device_system =
#if defined(SOFTF1_DEVICE_CUDA)
    "cuda";
#elif defined(SOFTF1_DEVICE_THRUST_OMP)
    "thrust_omp";
#else
    "thrust_cpp";
#endif

namespace detail {

#if defined(SOFTF1_DEVICE_CUDA)
/// "cuda: cudaMallocAsync failed: out of memory (cudaErrorMemoryAllocation)".
inline std::string cuda_text(std::string_view call, cudaError_t code) {
  return "cuda: " + std::string(call) + " failed: " + cudaGetErrorString(code) + " (" + cudaGetErrorName(code) + ")";
}

[[noreturn]] inline void throw_cuda(std::string_view call, cudaError_t code) {
  cudaGetLastError();  // what was reported is not reported again
  throw backend_error(cuda_text(call, code));
}

/// Throws backend_error naming call, code and text.
inline void check_cuda(cudaError_t code, std::string_view call) {
  if (code != cudaSuccess) throw_cuda(call, code);
}
#endif

/// work(), with what Thrust throws as a backend_error that names the primitive.
template <class Work>
decltype(auto) guarded(std::string_view who, Work const& work) {
  try {
    return work();
  } catch (thrust::system_error const& e) {
#if defined(SOFTF1_DEVICE_CUDA)
    cudaGetLastError();
#endif
    throw backend_error(std::string(device_system) + ": " + std::string(who) + " failed: " + e.what());
  }
}

}  // namespace detail
}  // namespace softf1::inline SOFTF1_ABI
