// Which bin of a sketch a score falls into: the same whatever the data, so that sketches of different files add up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <softf1/core/limits.hpp>
#include <softf1/core/ordered_key.hpp>
#include <softf1/decisions/domain.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// The largest float that is not above x: so x >= t decides like floor_to_float(x) >= t for every float t.
SOFTF1_HD constexpr float floor_to_float(float x) { return x; }
SOFTF1_HD constexpr float floor_to_float(double x) {
  double const most = static_cast<double>(largest<float>());
  if (x > most) return x == infinity<double>() ? infinity<float>() : largest<float>();
  if (x < -most) return -infinity<float>();
  float const near = static_cast<float>(x);
  if (!(static_cast<double>(near) > x)) return near;
  // The number below 0 is a denormal: its key is two below, since that of -0 stands between.
  return ordered_key<float>::to(ordered_key<float>::from(near) - (near == 0 ? 2u : 1u));
}

/// The bins of the float line: half of them on each side of the middle (logit 0, probability ½, which is an edge), and
/// one of its own for +inf, which no threshold rejects.
/// On a side, bins are even steps of the order-preserving key of d + offset, where d is the distance to 0 for logits,
/// to the nearer of 0 and 1 for probabilities. So steps are even in d below the offset and grow with d above it: no bin
/// goes to exponents of no use. d beyond the limit shares a side's last bin. Sums of floats round monotonically, so the
/// order of scores is kept; 1 − x is exact for x >= ½.
/// Logits: offset 1, limit 127. Probabilities: offset 2^-20, limit ½.
struct score_bins {
  float offset, limit, base, middle;
  std::uint32_t low, side;  ///< the key at distance 0; bins of a side
  std::uint32_t factor;     ///< bins a key, times 2^32
  bool probability;

  /// The bins of a domain, at most `most` of them. Throws value_error for `most` outside [3, 2^20].
  static score_bins of(score_domain domain, std::size_t most) {
    require_value(most >= 3 && most <= (std::size_t{1} << 20), "score_sketch",
                  "bins must lie in [3, 1048576], got " + std::to_string(most));
    score_bins b{};
    b.probability = domain != score_domain::logit;
    b.offset = b.probability ? 0x1p-20f : 1.0f;
    b.limit = b.probability ? 0.5f : 127.0f;
    b.base = b.probability ? 1.0f : 0.0f;
    b.middle = b.probability ? 0.5f : 0.0f;
    b.low = bit_cast<std::uint32_t>(b.offset);
    b.side = static_cast<std::uint32_t>((most - 1) / 2);
    std::uint32_t const keys = bit_cast<std::uint32_t>(b.limit + b.offset) - b.low + 1;
    b.factor = static_cast<std::uint32_t>((std::uint64_t{b.side} << 32) / keys);
    return b;
  }

  SOFTF1_HD constexpr std::uint32_t size() const { return 2 * side + 1; }

  /// The bin of a score: never lower for a higher score. Some bin for NaN.
  template <class S>
  SOFTF1_HD constexpr std::uint32_t operator()(S score) const {
    // On masks in place of branches, so that loops vectorise.
    float const x = floor_to_float(score);
    std::uint32_t const upper = mask(x >= middle), turned = ~(upper ^ mask(probability));
    float const raw = select(turned != 0, base - x, x);
    float const positive = select(raw > 0, raw, 0.0f);  // 0 for NaN too, which may stand where a cell is missing
    float const d = select(positive > limit, limit, positive);
    std::uint32_t const key = bit_cast<std::uint32_t>(d + offset) - low;
    auto const step = static_cast<std::uint32_t>((std::uint64_t{key} * factor) >> 32);
    std::uint32_t const bin = (upper & side) + (turned & side) + (step ^ turned);  // turned: side - 1 - step
    std::uint32_t const top = mask(x == infinity<float>());
    return (bin & ~top) | (2 * side & top);
  }

  /// Where each bin begins: the lowest float in it or above it; -inf for the first. `score >= edge` accepts exactly the
  /// bins from there on. Cost: 32 looks a bin.
  std::vector<double> edges() const {
    using key = ordered_key<float>;
    std::vector<double> all(size());
    all[0] = -infinity<double>();
    for (std::uint32_t bin = 1; bin < size(); ++bin) {
      std::uint32_t low_key = key::from(-infinity<float>()), high_key = key::from(infinity<float>());
      while (low_key < high_key) {
        std::uint32_t const at = low_key + (high_key - low_key) / 2;
        if ((*this)(key::to(at)) >= bin)
          high_key = at;
        else
          low_key = at + 1;
      }
      all[bin] = static_cast<double>(key::to(low_key)) + 0.0;  // +0 in place of -0
    }
    return all;
  }

 private:
  SOFTF1_HD static constexpr std::uint32_t mask(bool condition) { return 0u - static_cast<std::uint32_t>(condition); }
};

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
