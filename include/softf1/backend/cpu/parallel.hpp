// Threads and vector loops of the CPU backend: the only file with OpenMP pragmas.
#pragma once

#include <cstddef>

#if defined(SOFTF1_OPENMP) && defined(_OPENMP)
#include <omp.h>
#endif

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// The number of threads that OpenMP would use; 1 without it.
inline int default_threads() {
#if defined(SOFTF1_OPENMP) && defined(_OPENMP)
  return omp_get_max_threads();
#else
  return 1;
#endif
}

/// Sets that number, for the thread that calls.
inline void set_default_threads(int threads) {
#if defined(SOFTF1_OPENMP) && defined(_OPENMP)
  omp_set_num_threads(threads);
#else
  (void)threads;
#endif
}

/// task(k) for k in [0, n), on up to `threads` threads, in any order. Tasks throw nothing.
template <class Task>
void parallel_tasks(int threads, std::size_t n, Task const& task) {
#if defined(SOFTF1_OPENMP) && defined(_OPENMP)
  if (threads > 1 && n > 1) {
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (std::size_t k = 0; k < n; ++k) task(k);
    return;
  }
#endif
  (void)threads;
  for (std::size_t k = 0; k < n; ++k) task(k);
}

/// task(worker, k) for k in [0, n): as parallel_tasks, with the number of the thread, in [0, threads), for scratch that is
/// a thread's own.
template <class Task>
void parallel_workers(int threads, std::size_t n, Task const& task) {
#if defined(SOFTF1_OPENMP) && defined(_OPENMP)
  if (threads > 1 && n > 1) {
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (std::size_t k = 0; k < n; ++k) task(static_cast<std::size_t>(omp_get_thread_num()), k);
    return;
  }
#endif
  (void)threads;
  for (std::size_t k = 0; k < n; ++k) task(std::size_t{0}, k);
}

/// step(j) for j in [0, n), independent of each other: a loop that the compiler may vectorise.
template <class Step>
[[gnu::always_inline]] inline void vector_loop(std::size_t n, Step const& step) {
#if defined(__clang__)
  // clang finds the independence out by itself, and warns where a pragma asks in vain.
#elif defined(SOFTF1_OPENMP) && defined(_OPENMP)
#pragma omp simd
#elif defined(__GNUC__)
#pragma GCC ivdep
#endif
  for (std::size_t j = 0; j < n; ++j) step(j);
}

}  // namespace softf1::inline SOFTF1_ABI::detail
