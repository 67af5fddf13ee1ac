// Conversion of one element between the types that files hold, and whether it keeps the value.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <softf1/core/errors.hpp>
#include <softf1/io/dtype.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

template <class T, class S>
constexpr T convert(S value) {
  if constexpr (std::is_same_v<T, half> || std::is_same_v<T, bfloat16>)
    return T(static_cast<float>(value));
  else if constexpr (std::is_same_v<S, half> || std::is_same_v<S, bfloat16>)
    return static_cast<T>(static_cast<float>(value));
  else
    return static_cast<T>(value);
}

/// Whether `convert<T>(value)` means the same number: an integer keeps its value, a floating-point number may be
/// rounded but not become infinite. NaN and infinity fit every floating-point type and no integer.
template <class T, class S>
bool fits(S value) {
  if constexpr (std::is_same_v<T, S>) {
    return true;
  } else if constexpr (is_integer<T> && is_integer<S>) {
    return std::in_range<T>(value);
  } else if constexpr (is_integer<T>) {
    // Both bounds are powers of two (or 0), so they are exact where the largest integer itself is not.
    double const x = convert<double>(value);
    double const bound = std::ldexp(1.0, std::numeric_limits<T>::digits);
    return x >= (std::is_signed_v<T> ? -bound : 0.0) && x < bound && x == std::trunc(x);
  } else {
    return std::isfinite(convert<double>(convert<T>(value))) || !std::isfinite(convert<double>(value));
  }
}

/// The value as an error shows it.
template <class S>
std::string value_text(S value) {
  if constexpr (is_integer<S>)
    return std::to_string(value);
  else
    return number_text(convert<double>(value));
}

/// What T holds, as an error says it: "an integer from 0 to 255", "a number of f16".
template <class T>
std::string domain_text() {
  if constexpr (is_integer<T>)
    return "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
           std::to_string(std::numeric_limits<T>::max());
  else
    return "a number within the range of " + std::string(name_of(dtype_of<T>));
}

}  // namespace softf1::inline SOFTF1_ABI::io::detail
