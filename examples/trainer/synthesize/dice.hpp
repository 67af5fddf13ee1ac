// Random draws of one poster, one after the other.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include <softf1/core/random.hpp>

namespace synthesize {

/// Draws in order from the stream of (seed, poster, part of its drawing): parts do not disturb each other.
class dice {
 public:
  dice(std::uint64_t seed, std::uint64_t poster, std::uint64_t part)
      : stream_(seed, softf1::random_purpose::synthesize, poster, part) {}

  /// Uniform in [low, high).
  float from(float low, float high) { return low + (high - low) * stream_.uniform<float>(next_++); }
  /// Uniform in {low, …, high}.
  int whole(int low, int high) {
    return low + static_cast<int>(stream_.below(next_++, static_cast<std::uint64_t>(high - low + 1)));
  }
  /// True with a probability.
  bool chance(double p) { return stream_.uniform(next_++) < p; }
  /// Standard normal (Box and Muller, 1958).
  double normal() {
    double const radius = std::sqrt(-2 * std::log(1 - stream_.uniform(next_++)));
    return radius * std::cos(2 * std::numbers::pi * stream_.uniform(next_++));
  }

 private:
  softf1::random_stream stream_;
  std::uint64_t next_ = 0;
};

}  // namespace synthesize
