// The element types that files hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <softf1/core/half.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// Element type of an array that is known at run time. A boolean is one byte, 0 or 1.
enum class dtype : unsigned char { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64 };

/// Bytes of one element.
constexpr std::size_t size_of(dtype type) {
  constexpr unsigned char sizes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 2, 4, 8};
  return sizes[static_cast<std::size_t>(type)];
}

/// "bool", "u8", …, "f64": as errors name it.
constexpr std::string_view name_of(dtype type) {
  constexpr std::string_view names[] = {"bool", "u8",  "i8",  "u16",  "i16", "u32", "i32",
                                        "u64",  "i64", "f16", "bf16", "f32", "f64"};
  return names[static_cast<std::size_t>(type)];
}

namespace detail {

template <class T>
inline constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;

template <class T>
inline constexpr bool is_element = is_integer<T> || std::is_same_v<T, bool> || score_type<T>;

template <class T>
constexpr dtype element_dtype() {
  static_assert(is_element<T>, "softf1: files hold bool, integers, half, bfloat16, float and double");
  if constexpr (std::is_same_v<T, bool>) return dtype::boolean;
  if constexpr (std::is_same_v<T, half>) return dtype::f16;
  if constexpr (std::is_same_v<T, bfloat16>) return dtype::bf16;
  if constexpr (std::is_same_v<T, float>) return dtype::f32;
  if constexpr (std::is_same_v<T, double>) return dtype::f64;
  constexpr bool is_signed = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 1) return is_signed ? dtype::i8 : dtype::u8;
  if constexpr (sizeof(T) == 2) return is_signed ? dtype::i16 : dtype::u16;
  if constexpr (sizeof(T) == 4) return is_signed ? dtype::i32 : dtype::u32;
  return is_signed ? dtype::i64 : dtype::u64;
}

}  // namespace detail

/// The run-time name of an element type.
template <class T>
inline constexpr dtype dtype_of = detail::element_dtype<std::remove_cv_t<T>>();

/// Calls f(std::type_identity<T>{}) with the type that elements of `type` are read as: std::uint8_t for booleans, since
/// a `bool` that is neither 0 nor 1 must never come to exist.
template <class F>
constexpr decltype(auto) visit_dtype(dtype type, F&& f) {
  switch (type) {
    case dtype::boolean:
    case dtype::u8:
      return f(std::type_identity<std::uint8_t>{});
    case dtype::i8:
      return f(std::type_identity<std::int8_t>{});
    case dtype::u16:
      return f(std::type_identity<std::uint16_t>{});
    case dtype::i16:
      return f(std::type_identity<std::int16_t>{});
    case dtype::u32:
      return f(std::type_identity<std::uint32_t>{});
    case dtype::i32:
      return f(std::type_identity<std::int32_t>{});
    case dtype::u64:
      return f(std::type_identity<std::uint64_t>{});
    case dtype::i64:
      return f(std::type_identity<std::int64_t>{});
    case dtype::f16:
      return f(std::type_identity<half>{});
    case dtype::bf16:
      return f(std::type_identity<bfloat16>{});
    case dtype::f32:
      return f(std::type_identity<float>{});
    case dtype::f64:
      break;
  }
  return f(std::type_identity<double>{});
}

}  // namespace softf1::inline SOFTF1_ABI::io
