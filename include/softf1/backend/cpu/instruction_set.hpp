// One body, compiled for several instruction sets, chosen at run time.
#pragma once

#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Instruction sets for which the CPU drivers exist.
enum class instruction_set { baseline, avx2 };

/// "baseline" or "avx2".
constexpr std::string_view name_of(instruction_set set) { return set == instruction_set::avx2 ? "avx2" : "baseline"; }

/// The best set of this machine.
inline instruction_set best_instruction_set() {
#if defined(__x86_64__) && defined(__GNUC__)
  static instruction_set const best = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                                          ? instruction_set::avx2
                                          : instruction_set::baseline;
  return best;
#else
  return instruction_set::baseline;
#endif
}

namespace detail {

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

/// f() compiled for `set`.
template <class F>
void run_for(instruction_set set, F const& f) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (set == instruction_set::avx2) return run_avx2(f);
#endif
  (void)set;
  run_baseline(f);
}

}  // namespace detail
}  // namespace softf1::inline SOFTF1_ABI
