// What tests of fused products and convolutions share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/core/activation.hpp>
#include <softf1/core/random.hpp>

#include "support/backends.hpp"
#include "support/catch.hpp"

namespace softf1_test {

inline constexpr softf1::activation activations[] = {softf1::activation::none, softf1::activation::relu,
                                                     softf1::activation::relu6};

/// The instruction sets of this machine.
inline std::vector<softf1::instruction_set> instruction_sets() {
  std::vector<softf1::instruction_set> sets;
  for (auto set : {softf1::instruction_set::baseline, softf1::instruction_set::avx2, softf1::instruction_set::avx512})
    if (set <= softf1::best_instruction_set()) sets.push_back(set);
  return sets;
}

/// use(context) for each way of the backend: the host has one for each of the instruction sets of this machine.
template <class B, class Use>
void for_each_context(Use const& use) {
  if constexpr (std::is_same_v<B, softf1::cpu>) {
    for (auto set : instruction_sets()) {
      INFO(name_of(set));
      softf1::context<B> ctx({.set = set});
      use(ctx);
    }
  } else {
    softf1::context<B> ctx;
    use(ctx);
  }
}

/// use.operator()<T>() for each type T of storage that inference on backend B knows.
template <class B, class Use>
void for_each_storage(Use const& use) {
  use.template operator()<float>();
  use.template operator()<double>();
  if constexpr (!std::is_same_v<B, softf1::cpu>) {
    use.template operator()<softf1::half>();
    use.template operator()<softf1::bfloat16>();
  }
}

/// The distance from 1 to the next number of T.
template <class T>
constexpr double epsilon_of() {
  if constexpr (std::is_same_v<T, softf1::half>)
    return 0x1p-10;
  else if constexpr (std::is_same_v<T, softf1::bfloat16>)
    return 0x1p-7;
  else
    return static_cast<double>(std::numeric_limits<T>::epsilon());
}

/// Uniform in ±spread.
inline std::vector<double> uniform_numbers(std::size_t n, std::uint64_t seed, double spread) {
  softf1::random_stream const random(seed);
  std::vector<double> numbers(n);
  for (std::size_t k = 0; k < n; ++k) numbers[k] = spread * (2 * random.uniform(k) - 1);
  return numbers;
}

template <class T>
std::vector<T> stored_numbers(std::size_t n, std::uint64_t seed, double spread) {
  std::vector<T> numbers;
  for (double x : uniform_numbers(n, seed, spread)) numbers.push_back(stored<T>(x));
  return numbers;
}

/// The residual of a test case, or none.
template <class T, class B>
softf1::vector_view<const T, B> residual_of(softf1::buffer<T, B> const& residual, bool given) {
  return given ? residual.view() : softf1::vector_view<const T, B>();
}

inline double clamped(double x, softf1::activation act) {
  if (act == softf1::activation::none) return x;
  return x < 0 ? 0 : act == softf1::activation::relu6 && x > 6 ? 6 : x;
}

}  // namespace softf1_test
