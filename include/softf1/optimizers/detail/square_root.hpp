// A square root that loops vectorise.
#pragma once

#include <cstdint>
#include <type_traits>

#include <softf1/core/bits.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers::detail {

/// √x for x >= 0, off by at most 2 units in the last place for normal x; 0, infinity and NaN come through, and a
/// subnormal x gives a number between 0 and its root. std::sqrt sets errno, so that no loop with it is vectorised.
/// Newton's method on 1/√x from a first guess made of the exponent's half.
template <class T>
SOFTF1_HD T square_root(T x) {
  constexpr bool is_float = sizeof(T) == 4;
  using bits = std::conditional_t<is_float, std::uint32_t, std::uint64_t>;
  constexpr bits guess = static_cast<bits>(is_float ? 0x5f375a86u : 0x5fe6eb50c7b537a9u);
  T const half_x = T(0.5) * x;
  T y = bit_cast<T>(static_cast<bits>(guess - (bit_cast<bits>(x) >> 1)));
  y = y * (T(1.5) - half_x * y * y);
  y = y * (T(1.5) - half_x * y * y);
  y = y * (T(1.5) - half_x * y * y);
  if constexpr (!is_float) y = y * (T(1.5) - half_x * y * y);
  T const root = x * y;
  return select(x * T(0) == T(0), root + T(0.5) * y * (x - root * root), x);
}

}  // namespace softf1::inline SOFTF1_ABI::optimizers::detail
