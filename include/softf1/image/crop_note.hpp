// Whether crops show enough of an image.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include <softf1/image/augment.hpp>
#include <softf1/image/crops.hpp>

namespace softf1::inline SOFTF1_ABI::image {

namespace detail {

inline std::string crop_note(std::size_t size, std::size_t resize) {
  auto const percent = [&](std::size_t to) { return std::to_string(100 * size * size / (to * to)) + " %"; };
  if (size == 0 || resize <= 2 * size) return {};
  std::size_t const usual = (size * 256 + 112) / 224;
  return "crops of " + std::to_string(size) + " pixels out of images resized to " + std::to_string(resize) + " show " +
         percent(resize) + " of a square image, resize=" + std::to_string(usual) + " would show " + percent(usual);
}

}  // namespace detail

/// A sentence where crops after a resize that is named ("random_crop:resize=255") show less than a quarter of a square
/// image, (S / resize)² with S = how.image_size; else an empty text. What is cut out of 255 pixels for a network of 224
/// shows 77 % to it, and 6 % to one of 64.
inline std::string crop_note(augmentation const& what, preprocessing const& how) {
  for (auto const& step : what.steps)
    if (auto const* const crop = std::get_if<random_crop>(&step))
      return detail::crop_note(how.image_size, static_cast<std::size_t>(crop->resize));
  return {};
}

/// The same for crops at evaluation.
inline std::string crop_note(crop_list const& list, preprocessing const& how) {
  std::string note;
  for (auto const& scale : list.scales)
    if (note.empty()) note = detail::crop_note(how.image_size, scale.resize);
  return note;
}

}  // namespace softf1::inline SOFTF1_ABI::image
