// Integer atomics, on host and device.
#pragma once

#include <cstdint>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// *to += by, whole, however many do it at once. Integers only: so the order does not show in the result.
SOFTF1_HD void atomic_add(std::uint64_t* to, std::uint64_t by) {
#if defined(__CUDA_ARCH__)
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(by));
#else
  __atomic_fetch_add(to, by, __ATOMIC_RELAXED);
#endif
}

}  // namespace softf1::inline SOFTF1_ABI
