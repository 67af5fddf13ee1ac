// What tests of fused products and convolutions share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/core/activation.hpp>
#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>

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

/// Uniform in ±spread.
inline std::vector<double> uniform_numbers(std::size_t n, std::uint64_t seed, double spread) {
  softf1::random_stream const random(seed);
  std::vector<double> numbers(n);
  for (std::size_t k = 0; k < n; ++k) numbers[k] = spread * (2 * random.uniform(k) - 1);
  return numbers;
}

template <class T>
std::vector<T> stored_numbers(std::size_t n, std::uint64_t seed, double spread) {
  std::vector<T> stored;
  for (double x : uniform_numbers(n, seed, spread)) stored.push_back(static_cast<T>(x));
  return stored;
}

/// The residual of a test case, or none.
template <class T>
softf1::vector_view<const T> residual_of(std::vector<T> const& residual, bool given) {
  return given ? softf1::vector_view<const T>(residual.data(), residual.size()) : softf1::vector_view<const T>();
}

inline double clamped(double x, softf1::activation act) {
  if (act == softf1::activation::none) return x;
  return x < 0 ? 0 : act == softf1::activation::relu6 && x > 6 ? 6 : x;
}

}  // namespace softf1_test
