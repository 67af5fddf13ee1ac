// Which pixels of an image an augmented one is made of.
#pragma once

#include <cstddef>
#include <utility>

#include <softf1/core/view.hpp>
#include <softf1/image/detail/resample.hpp>
#include <softf1/image/preprocess.hpp>

namespace softf1::inline SOFTF1_ABI::image::detail {

/// A region of the image, resized as a whole to `frame`, of which the square at (from_top, from_left) is taken and, where
/// it says so, mirrored.
struct placement {
  std::size_t top, left, height, width;
  frame_size frame;
  std::size_t from_top, from_left;
  bool is_mirrored;
};

/// That of the plain preprocessing.
inline placement plain_placement(rgb_view const& image, preprocessing const& how) {
  auto const square = find_square(image.height, image.width, how);
  return {0, 0, image.height, image.width, {square.height, square.width}, square.top, square.left, false};
}

template <class Sink>
void resample_placed(rgb_view const& image, placement const& at, preprocessing const& how, Sink const& sink) {
  auto const whole = image.view();
  tensor_view<std::uint8_t const, 3> const region(image.at(at.top, at.left), {at.height, at.width, 3},
                                                  {whole.stride(0), whole.stride(1), whole.stride(2)});
  auto along = make_taps(at.width, at.frame.width, at.from_left, how.image_size, how.filter);
  if (at.is_mirrored) along = mirrored(std::move(along));
  resample(region, make_taps(at.height, at.frame.height, at.from_top, how.image_size, how.filter), along, sink);
}

}  // namespace softf1::inline SOFTF1_ABI::image::detail
