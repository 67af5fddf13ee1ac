// Reinterpreting bits, on host and device.
#pragma once

#include <cstdint>
#include <type_traits>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// The value of type To with the bits of `from` (std::bit_cast, callable on the device too).
template <class To, class From>
SOFTF1_HD constexpr To bit_cast(From const& from) noexcept {
  static_assert(sizeof(To) == sizeof(From), "bit_cast: both types must have the same size");
  return __builtin_bit_cast(To, from);
}

/// condition ? a : b for float and double, on bits: never a branch, which would keep a loop from being vectorised.
template <class T>
SOFTF1_HD constexpr T select(bool condition, T a, T b) noexcept {
  using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  bits const mask = bits{0} - static_cast<bits>(condition);
  return bit_cast<T>(static_cast<bits>((bit_cast<bits>(a) & mask) | (bit_cast<bits>(b) & ~mask)));
}

}  // namespace softf1::inline SOFTF1_ABI
