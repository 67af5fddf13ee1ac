// One body, compiled for several instruction sets, chosen at run time.
#pragma once

#include <cstddef>
#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Instruction sets for which the CPU drivers exist: all of them know the first two, products and convolutions all.
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
                                      : !__builtin_cpu_supports("avx512f") ? instruction_set::avx2
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

/// f() compiled for `set`, or for AVX2 where the set is wider.
template <class F>
void run_for(instruction_set set, F const& f) {
#if defined(__x86_64__) && defined(__GNUC__)
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
