// File names of images.
#pragma once

#include <string>
#include <string_view>

#include <softf1/data/detail/names.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Whether a path ends as image files do: .jpg, .jpeg, .png, .bmp or .gif, in letters of either case.
inline bool names_an_image(std::string_view path) {
  auto const lower = detail::lower_case(path);
  for (std::string_view const end : {".jpg", ".jpeg", ".png", ".bmp", ".gif"})
    if (lower.ends_with(end)) return true;
  return false;
}

/// The file of an image that goes by `id`: that itself where it names an image, else with .jpg behind it.
inline std::string image_name(std::string_view id) { return std::string(id) + (names_an_image(id) ? "" : ".jpg"); }

}  // namespace softf1::inline SOFTF1_ABI::data
