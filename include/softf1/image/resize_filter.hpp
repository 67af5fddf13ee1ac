// The filters of resize, and names of enumerations as text.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// How pixels between pixels are made.
enum class resize_filter : unsigned char {
  bilinear,    ///< the two nearest pixels along each axis, at any scale: tf.image.resize, OpenCV's INTER_LINEAR
  antialiased  ///< all pixels below a triangle as wide as two outputs: Pillow's BILINEAR, tf.image's antialias=True
};

namespace detail {

/// The names of an enumeration, in its order. Specialised beside each enumeration.
template <class Enum>
struct names_of;

template <>
struct names_of<resize_filter> {
  static constexpr std::string_view what = "resize filter";
  static constexpr std::array<std::string_view, 2> names = {"bilinear", "antialiased"};
};

}  // namespace detail

/// The name of a value of an enumeration of this folder: "antialiased".
template <class Enum>
  requires requires { detail::names_of<Enum>::names; }
constexpr std::string_view name_of(Enum value) {
  return detail::names_of<Enum>::names[static_cast<std::size_t>(value)];
}

/// The value that a name means, `parse<resize_filter>("bilinear")`. Throws value_error listing the names.
template <class Enum>
  requires requires { detail::names_of<Enum>::names; }
Enum parse(std::string_view text) {
  using known = detail::names_of<Enum>;
  std::string list;
  for (std::size_t k = 0; k < known::names.size(); ++k) {
    if (known::names[k] == text) return static_cast<Enum>(k);
    list += (k ? ", " : "") + std::string(known::names[k]);
  }
  throw value_error("no " + std::string(known::what) + " is named '" + std::string(text) + "', there are " + list);
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::resize_filter;
}
