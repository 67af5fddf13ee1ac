// Integer keys that sort like the numbers they stand for.
#pragma once

#include <cstdint>
#include <type_traits>

#include <softf1/core/bits.hpp>

namespace softf1::inline SOFTF1_ABI {

/// The key of a float or double: a < b in numbers exactly where key(a) < key(b), and −0.0 has the key of +0.0.
/// Domain: everything but NaN; infinities sort at the ends.
template <class T>
struct ordered_key {
  using type = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static constexpr type sign = type{1} << (8 * sizeof(type) - 1);

  SOFTF1_HD static constexpr type from(T value) {
    type const bits = bit_cast<type>(value + T(0));  // −0.0 + 0.0 = +0.0
    return bits & sign ? ~bits : bits | sign;
  }
  SOFTF1_HD static constexpr T to(type key) { return bit_cast<T>(key & sign ? key & ~sign : ~key); }
};

}  // namespace softf1::inline SOFTF1_ABI
