// Crops that show little of an image are told of.
#pragma once

#include <fmt/format.h>

#include <softf1/image/crop_note.hpp>

namespace program {

/// One line on the standard error where `crops`, an augmentation or a list of crops, show less than a quarter.
template <class Crops>
void warn_of_small_crops(Crops const& crops, softf1::preprocessing const& how) {
  if (auto const note = softf1::image::crop_note(crops, how); !note.empty()) fmt::print(stderr, "note: {}\n", note);
}

}  // namespace program
