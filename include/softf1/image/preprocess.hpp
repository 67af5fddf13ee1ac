// What a network is fed: an image in its size and its range of values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/detail/resample.hpp>
#include <softf1/image/image.hpp>
#include <softf1/image/pixel_range.hpp>
#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// How an image becomes a square.
enum class resize_mode : unsigned char {
  stretch,  ///< each axis by its own scale: nothing is lost, shapes are distorted
  crop      ///< the shorter side to `resize_to`, then the middle: the evaluation of ImageNet
};

namespace detail {

template <>
struct names_of<resize_mode> {
  static constexpr std::string_view what = "resize mode";
  static constexpr std::array<std::string_view, 2> names = {"stretch", "crop"};
};

}  // namespace detail

/// How an image becomes the input of a network: part of a model, since a network only knows what it was trained on.
struct preprocessing {
  std::size_t image_size = 224;  ///< S: pixels of a side
  resize_mode resize = resize_mode::stretch;
  resize_filter filter = resize_filter::antialiased;
  pixel_range pixels = pixel_range::minus_one_one;
  std::size_t resize_to = 0;  ///< `crop`: the shorter side before it, at least S; 0: round(S * 256 / 224)

  friend bool operator==(preprocessing const&, preprocessing const&) = default;
};

namespace detail {

/// The nearest of the levels 0..255; x may lie outside of them.
struct nearest_level {
  SOFTF1_HD std::uint8_t operator()(float x, std::size_t) const {
    // Whole numbers are clipped: compilers vectorise that, and not the same with floats.
    int const level = static_cast<int>(x + 0.5f), low = level > 0 ? level : 0;
    return static_cast<std::uint8_t>(low < 255 ? low : 255);
  }
};

/// Contiguous pixels, converted.
SOFTF1_HD void convert_pixels(float const* from, std::size_t pixels, nearest_level const& convert, std::uint8_t* to) {
  for (std::size_t i = 0; i < 3 * pixels; ++i) to[i] = convert(from[i], 0);
}
SOFTF1_HD void convert_pixels(float const* from, std::size_t pixels, pixel_scaling const& convert, float* to) {
  // Eight pixels at once: a whole number of vectors.
  constexpr std::size_t block = 24;
  float shift[block], scale[block];
  for (std::size_t i = 0; i < block; ++i) {
    shift[i] = convert.shift[i % 3];
    scale[i] = convert.scale[i % 3];
  }
  std::size_t i = 0;
  for (; i + block <= 3 * pixels; i += block)
    for (std::size_t j = 0; j < block; ++j) to[i + j] = (from[i + j] - shift[j]) / scale[j];
  for (; i < 3 * pixels; ++i) to[i] = convert(from[i], i % 3);
}

/// Writes rows of floats as `convert(value, channel)` into a view of any strides.
template <class To, class Convert>
struct converted_rows {
  tensor_view<To, 3> to;
  Convert convert;

  SOFTF1_HD void operator()(std::size_t y, float const* row) const {
    To* const start = to.data() + static_cast<std::ptrdiff_t>(y) * to.stride(0);
    if (to.stride(2) == 1 && to.stride(1) == 3) return convert_pixels(row, to.extent(1), convert, start);
    for (std::size_t x = 0; x < to.extent(1); ++x)
      for (std::size_t c = 0; c < 3; ++c)
        start[static_cast<std::ptrdiff_t>(x) * to.stride(1) + static_cast<std::ptrdiff_t>(c) * to.stride(2)] =
            convert(row[3 * x + c], c);
  }
};

/// The sizes of an image after a resize.
struct frame_size {
  std::size_t height, width;
};

/// The sizes before crops are taken: R × R where the mode is stretch, else the shorter side is R. R is `resize_to`, or
/// where that is 0 what the preprocessing says. Throws value_error where it is smaller than the crop.
inline frame_size find_frame(std::size_t height, std::size_t width, preprocessing const& how, std::size_t resize_to,
                             std::string_view who) {
  std::size_t const size = how.image_size;
  std::size_t shorter = resize_to > 0 ? resize_to : how.resize_to;
  if (shorter == 0) shorter = (size * 256 + 112) / 224;
  if (shorter < size)
    throw value_error(std::string(who) + ": images must be resized to at least the size of their crops, " +
                      std::to_string(size) + ", got " + std::to_string(shorter));
  if (how.resize == resize_mode::stretch) return {shorter, shorter};
  std::size_t const longer = shorter * std::max(height, width) / std::min(height, width);
  return height >= width ? frame_size{longer, shorter} : frame_size{shorter, longer};
}

/// Where the middle begins. torchvision rounds halves to even.
inline std::size_t middle_of(std::size_t length, std::size_t size) {
  return static_cast<std::size_t>(std::nearbyint(static_cast<double>(length - size) / 2));
}

/// The sizes of an image after its resize, and the square that is taken out of it.
struct square_in {
  std::size_t height, width, top, left;
};

inline square_in find_square(std::size_t height, std::size_t width, preprocessing const& how) {
  std::size_t const size = how.image_size;
  if (how.resize == resize_mode::stretch) return {size, size, 0, 0};
  auto const frame = find_frame(height, width, how, 0, "preprocess");
  return {frame.height, frame.width, middle_of(frame.height, size), middle_of(frame.width, size)};
}

template <class To, class Convert>
void make_square(rgb_view const& image, preprocessing const& how, tensor_view<To, 3> out, Convert const& convert) {
  std::size_t const size = how.image_size;
  require_image(image, "preprocess");
  require_value(size > 0, "preprocess", "image_size must be at least 1, got 0");
  require_shape("preprocess", "the result", {size, size, 3}, out.shape());
  auto const square = find_square(image.height, image.width, how);
  resample(image.view(), make_taps(image.height, square.height, square.top, size, how.filter),
           make_taps(image.width, square.width, square.left, size, how.filter),
           converted_rows<To, Convert>{out, convert});
}

}  // namespace detail

/// Writes the image into `out`, (S, S, 3) with S = how.image_size, any strides: resized (and cropped) as `how.resize`
/// and `how.filter` say, then scaled as `how.pixels` says. Only the pixels of the crop are made.
///
/// Throws shape_error for an image without pixels or another shape of `out`, value_error for a resize_to between 1 and
/// S - 1. One thread; the same bits always on one
/// machine. Values after a resize are not rounded to whole levels; torchvision, which resizes bytes by Pillow, does.
inline void preprocess(rgb_view const& image, preprocessing const& how, tensor_view<float, 3> out) {
  detail::make_square(image, how, out, scaling_of(how.pixels));
}

/// The same, rounded to the nearest whole levels 0..255 and not scaled: what travels to a device, which scales by
/// `scaling_of(how.pixels)`, at a quarter of the bytes.
inline void preprocess(rgb_view const& image, preprocessing const& how, tensor_view<std::uint8_t, 3> out) {
  detail::make_square(image, how, out, detail::nearest_level{});
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::preprocess;
using image::preprocessing;
using image::resize_mode;
}  // namespace softf1::inline SOFTF1_ABI
