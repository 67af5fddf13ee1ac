// half and bfloat16: storage types. Arithmetic is done in float.
#pragma once

#include <cstdint>
#include <type_traits>

#include <softf1/core/bits.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

// Round to nearest, ties to even; NaN stays NaN, overflow becomes infinity.
SOFTF1_HD constexpr std::uint16_t float_to_half_bits(float value) {
#if defined(__CUDA_ARCH__)
  if (!__builtin_is_constant_evaluated()) {
    std::uint16_t converted;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(converted) : "f"(value));
    return converted;
  }
#endif
  std::uint32_t const bits = bit_cast<std::uint32_t>(value);
  std::uint32_t const sign = (bits >> 16) & 0x8000u;
  std::uint32_t const magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x47800000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x33000000u) return static_cast<std::uint16_t>(sign);
  std::uint32_t mantissa = magnitude, shift = 13, bias = 112u << 10;
  if (magnitude < 0x38800000u) {  // subnormal in half: the implicit bit becomes explicit and moves right
    shift = 126u - (magnitude >> 23);
    mantissa = (magnitude & 0x007fffffu) | 0x00800000u;
    bias = 0;
  }
  std::uint32_t const rest = mantissa & ((1u << shift) - 1u);
  std::uint32_t const middle = 1u << (shift - 1);
  std::uint32_t result = (mantissa >> shift) - bias;
  result += rest > middle || (rest == middle && (result & 1u)) ? 1u : 0u;
  return static_cast<std::uint16_t>(sign | result);
}

SOFTF1_HD constexpr float half_bits_to_float(std::uint16_t bits) {
#if defined(__CUDA_ARCH__)
  if (!__builtin_is_constant_evaluated()) {
    float converted;
    asm("cvt.f32.f16 %0, %1;" : "=f"(converted) : "h"(bits));
    return converted;
  }
#endif
  std::uint32_t const sign = (bits & 0x8000u) << 16;
  std::uint32_t const exponent = (bits >> 10) & 0x1fu;
  std::uint32_t const mantissa = bits & 0x3ffu;
  if (exponent == 31) return bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return bit_cast<float>(sign | ((exponent + 112u) << 23) | (mantissa << 13));
  float const subnormal = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -subnormal : subnormal;
}

SOFTF1_HD constexpr std::uint16_t float_to_bfloat16_bits(float value) {
  std::uint32_t const bits = bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace detail

/// IEEE 754 binary16: 11 significant bits, range ±65504. Conversion from float rounds to nearest, ties to even.
struct half {
  std::uint16_t bits = 0;

  constexpr half() = default;
  SOFTF1_HD constexpr explicit half(float value) : bits(detail::float_to_half_bits(value)) {}
  SOFTF1_HD constexpr operator float() const { return detail::half_bits_to_float(bits); }
  static constexpr half from_bits(std::uint16_t bits) {
    half h;
    h.bits = bits;
    return h;
  }
};

/// bfloat16: the upper half of a float, 8 significant bits. Conversion from float rounds to nearest, ties to even.
struct bfloat16 {
  std::uint16_t bits = 0;

  constexpr bfloat16() = default;
  SOFTF1_HD constexpr explicit bfloat16(float value) : bits(detail::float_to_bfloat16_bits(value)) {}
  SOFTF1_HD constexpr operator float() const { return bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
  static constexpr bfloat16 from_bits(std::uint16_t bits) {
    bfloat16 b;
    b.bits = bits;
    return b;
  }
};

/// The number types that scores, logits and gradients are stored in.
template <class T>
concept score_type =
    std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, half> || std::is_same_v<T, bfloat16>;

/// The type in which values stored as T are computed: double for double, float for all others.
template <class T>
using compute_type = std::conditional_t<std::is_same_v<T, double>, double, float>;

}  // namespace softf1::inline SOFTF1_ABI
