// Counter-based random numbers: a pure function of a key and a counter, the same on every backend and thread count.
#pragma once

#include <array>
#include <cstdint>

#include <softf1/core/bits.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Four words of random bits.
struct philox_block {
  std::uint32_t word[4];
};

/// Philox4x32-10: 128 random bits for a 64-bit key and a 128-bit counter.
/// Cost: 20 multiplications; no state. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
SOFTF1_HD constexpr philox_block philox(std::uint64_t key, std::uint64_t counter_low, std::uint64_t counter_high = 0) {
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  std::uint32_t c0 = static_cast<std::uint32_t>(counter_low), c1 = static_cast<std::uint32_t>(counter_low >> 32);
  std::uint32_t c2 = static_cast<std::uint32_t>(counter_high), c3 = static_cast<std::uint32_t>(counter_high >> 32);
  for (int round = 0; round < 10; ++round) {
    std::uint64_t const p0 = std::uint64_t{0xD2511F53u} * c0;
    std::uint64_t const p1 = std::uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

/// What random numbers are for: part of the key, so that two purposes never share a stream.
enum class random_purpose : std::uint32_t {
  test = 0,
  shuffle = 1,
  split = 2,
  initialise = 3,
  dropout = 4,
  augment = 5,
  bootstrap = 6,
  synthesize = 7,
  retry = 8,
  mixup = 9,
  sample = 10
};

/// A stream of random numbers, addressed by index: the same (seed, purpose, a, b) and index give the same number
/// always.
/// `a` and `b` are the caller's coordinates, for example epoch and row id.
class random_stream {
 public:
  SOFTF1_HD constexpr explicit random_stream(std::uint64_t seed, random_purpose purpose = random_purpose::test,
                                             std::uint64_t a = 0, std::uint64_t b = 0)
      : key_(seed), high_(mix(static_cast<std::uint64_t>(purpose), a, b)) {}

  /// 32 random bits; index in [0, 2^66).
  SOFTF1_HD constexpr std::uint32_t bits(std::uint64_t index) const {
    return philox(key_, index >> 2, high_).word[index & 3];
  }

  /// 128 random bits at once: bits(4 · index) to bits(4 · index + 3).
  SOFTF1_HD constexpr philox_block block(std::uint64_t index) const { return philox(key_, index, high_); }

  /// 64 random bits, from the even and odd words of a block.
  SOFTF1_HD constexpr std::uint64_t bits64(std::uint64_t index) const {
    auto const block = philox(key_, index >> 1, ~high_);
    return block.word[2 * (index & 1)] | (std::uint64_t{block.word[2 * (index & 1) + 1]} << 32);
  }

  /// Uniform in [0, 1): 24 random bits for float, 53 for double.
  template <class T = double>
  SOFTF1_HD constexpr T uniform(std::uint64_t index) const {
    if constexpr (sizeof(T) == 4)
      return static_cast<T>(bits(index) >> 8) * static_cast<T>(0x1p-24);
    else
      return static_cast<T>(bits64(index) >> 11) * static_cast<T>(0x1p-53);
  }

  /// Uniform integer in [0, n), n > 0; bias below n / 2^64.
  SOFTF1_HD constexpr std::uint64_t below(std::uint64_t index, std::uint64_t n) const {
    std::uint64_t const x = bits64(index);
    std::uint64_t const low = (x & 0xffffffffu) * (n & 0xffffffffu);
    std::uint64_t const mid1 = (x >> 32) * (n & 0xffffffffu) + (low >> 32);
    std::uint64_t const mid2 = (x & 0xffffffffu) * (n >> 32) + (mid1 & 0xffffffffu);
    return (x >> 32) * (n >> 32) + (mid1 >> 32) + (mid2 >> 32);
  }

 private:
  static SOFTF1_HD constexpr std::uint64_t mix(std::uint64_t purpose, std::uint64_t a, std::uint64_t b) {
    auto const first = philox(a, b, purpose);
    return first.word[0] | (std::uint64_t{first.word[1]} << 32);
  }

  std::uint64_t key_;
  std::uint64_t high_;
};

}  // namespace softf1::inline SOFTF1_ABI
