// One body, compiled for several instruction sets, chosen at run time.
#pragma once

#include <cstddef>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Instruction sets for which the CPU drivers exist: all of them know the first two, products, convolutions and what is
/// bound by arithmetic (see backend/contracts.hpp) all.
enum class instruction_set { baseline, avx2, avx512 };

/// "baseline", "avx2" or "avx512".
constexpr std::string_view name_of(instruction_set set) {
  return set == instruction_set::baseline ? "baseline" : set == instruction_set::avx2 ? "avx2" : "avx512";
}

/// The best set of this machine.
inline instruction_set best_instruction_set() {
#if defined(__x86_64__) && defined(__GNUC__)
  static instruction_set const best = !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")
                                          ? instruction_set::baseline
                                      : !__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
                                              !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")
                                          ? instruction_set::avx2
                                          : instruction_set::avx512;
  return best;
#else
  return instruction_set::baseline;
#endif
}

namespace detail {

/// The width of vectors, as a type.
template <std::size_t W>
struct vector_bytes {
  static constexpr std::size_t value = W;
};

// flatten: everything that f calls is inlined here and so compiled for the target named.
template <class F>
[[gnu::flatten, gnu::noinline]] void run_baseline(F const& f) {
  f();
}

#if defined(__x86_64__) && defined(__GNUC__)
template <class F>
[[gnu::flatten, gnu::noinline, gnu::target("avx2,fma")]] void run_avx2(F const& f) {
  f();
}
#endif

#if defined(__x86_64__) && defined(__GNUC__)
template <class F>
[[gnu::flatten, gnu::noinline, gnu::target("avx512f,avx2,fma")]] void run_avx512(F const& f) {
  f(vector_bytes<64>{});
}
#endif

// Loops that the compiler vectorises; by itself it would stay with vectors of 256 bits.
#if defined(__x86_64__) && defined(__clang__)
template <class F>
[[gnu::flatten, gnu::noinline, gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"),
  clang::min_vector_width(512)]] void run_avx512_loops(F const& f) {
  f();
}
#elif defined(__x86_64__) && defined(__GNUC__)
template <class F>
[[gnu::flatten, gnu::noinline,
  gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prefer-vector-width=512")]] void
run_avx512_loops(F const& f) {
  f();
}
#endif

/// f() compiled for `set`; for AVX2 where the set is wider and f not bound by arithmetic.
template <bool bound_by_arithmetic = false, class F>
void run_for(instruction_set set, F const& f) {
#if defined(__x86_64__) && defined(__GNUC__)
  if constexpr (bound_by_arithmetic)
    if (set == instruction_set::avx512) return run_avx512_loops(f);
  if (set != instruction_set::baseline) return run_avx2(f);
#endif
  (void)set;
  run_baseline(f);
}

/// f(vector_bytes<W>) compiled for `set`, where W is the width of its vectors: for kernels that are written in vectors.
template <class F>
void run_wide(instruction_set set, F const& f) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (set == instruction_set::avx512) return run_avx512(f);
  if (set == instruction_set::avx2) return run_avx2([&f]() { f(vector_bytes<32>{}); });
#endif
  (void)set;
  run_baseline([&f]() { f(vector_bytes<16>{}); });
}

}  // namespace detail
}  // namespace softf1::inline SOFTF1_ABI
