// The range of values that a network was trained on.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// What becomes of the pixel values x in 0..255.
enum class pixel_range : unsigned char {
  minus_one_one,  ///< x / 127.5 - 1: networks of TensorFlow, such as MobileNetV2 and ResNetV2
  zero_one,       ///< x / 255
  imagenet        ///< (x / 255 - mean) / deviation of ImageNet's channels: networks of torchvision
};

namespace detail {

template <>
struct names_of<pixel_range> {
  static constexpr std::string_view what = "pixel range";
  static constexpr std::array<std::string_view, 3> names = {"minus_one_one", "zero_one", "imagenet"};
};

}  // namespace detail

/// A pixel range as numbers: the value x of channel c becomes (x - shift[c]) / scale[c].
struct pixel_scaling {
  float shift[3], scale[3];

  SOFTF1_HD float operator()(float x, std::size_t c) const { return (x - shift[c]) / scale[c]; }
};

/// Shift and scale of a range. Mean and deviation of ImageNet are .485 .456 .406 and .229 .224 .225, of 255.
constexpr pixel_scaling scaling_of(pixel_range range) {
  if (range == pixel_range::minus_one_one) return {{127.5f, 127.5f, 127.5f}, {127.5f, 127.5f, 127.5f}};
  if (range == pixel_range::zero_one) return {{0, 0, 0}, {255, 255, 255}};
  return {{0.485f * 255, 0.456f * 255, 0.406f * 255}, {0.229f * 255, 0.224f * 255, 0.225f * 255}};
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::pixel_range;
}
