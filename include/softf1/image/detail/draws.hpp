// The random numbers of one image's augmentation.
#pragma once

#include <cstdint>

#include <softf1/core/random.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// Numbers of a stream one after the other, from a place of its own for each step: adding a step changes no other.
class draws {
 public:
  draws(random_stream const& random, std::uint64_t step) : random_(random), at_(step << 16) {}

  /// In [low, high).
  double between(double low, double high) { return low + (high - low) * random_.uniform<double>(at_++); }
  bool happens(double probability) { return random_.uniform<double>(at_++) < probability; }
  /// In [0, n).
  std::uint64_t below(std::uint64_t n) { return random_.below(at_++, n); }

 private:
  random_stream random_;
  std::uint64_t at_;
};

}  // namespace softf1::inline SOFTF1_ABI::image::detail
