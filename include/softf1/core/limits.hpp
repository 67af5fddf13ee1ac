// Extreme numbers, on host and device.
#pragma once

#include <type_traits>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A quiet NaN of type float or double (std::numeric_limits, callable on the device too).
template <class T>
SOFTF1_HD constexpr T quiet_nan() noexcept {
  return static_cast<T>(__builtin_nanf(""));
}

/// +infinity.
template <class T>
SOFTF1_HD constexpr T infinity() noexcept {
  return static_cast<T>(__builtin_inff());
}

/// The largest finite number.
template <class T>
SOFTF1_HD constexpr T largest() noexcept {
  return std::is_same_v<T, float> ? static_cast<T>(0x1.fffffep127f) : static_cast<T>(0x1.fffffffffffffp1023);
}

/// The smallest normal number above 0.
template <class T>
SOFTF1_HD constexpr T smallest_normal() noexcept {
  return std::is_same_v<T, float> ? static_cast<T>(0x1p-126f) : static_cast<T>(0x1p-1022);
}

}  // namespace softf1::inline SOFTF1_ABI
