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

/// *to = min(*to, value), whole, however many do it at once.
SOFTF1_HD void atomic_min(std::uint64_t* to, std::uint64_t value) {
#if defined(__CUDA_ARCH__)
  atomicMin(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(value));
#else
  std::uint64_t now = __atomic_load_n(to, __ATOMIC_RELAXED);
  while (value < now && !__atomic_compare_exchange_n(to, &now, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
#endif
}

}  // namespace softf1::inline SOFTF1_ABI
