// Resizing images.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/detail/resample.hpp>
#include <softf1/image/image.hpp>
#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::image {

namespace detail {

inline void require_pixels(std::size_t height, std::size_t width, std::size_t channels, std::string_view who,
                           std::string_view what) {
  if (height == 0 || width == 0 || channels != 3)
    throw shape_error(std::string(who) + ": " + std::string(what) +
                      " must have shape (height, width, 3) with pixels, got " + shape_text({height, width, channels}));
}

/// Writes rows of floats into a view of any strides.
struct float_rows {
  tensor_view<float, 3> to;

  SOFTF1_HD void operator()(std::size_t y, float const* row) const {
    float* const start = to.data() + static_cast<std::ptrdiff_t>(y) * to.stride(0);
    for (std::size_t x = 0; x < to.extent(1); ++x)
      for (std::size_t c = 0; c < 3; ++c)
        start[static_cast<std::ptrdiff_t>(x) * to.stride(1) + static_cast<std::ptrdiff_t>(c) * to.stride(2)] =
            row[3 * x + c];
  }
};

/// Writes rows of floats, rounded to nearest.
struct byte_rows {
  std::uint8_t* to;
  std::size_t size;

  SOFTF1_HD void operator()(std::size_t y, float const* row) const {
    for (std::size_t i = 0; i < size; ++i) {
      float const value = row[i] + 0.5f;
      to[y * size + i] = static_cast<std::uint8_t>(value > 255.0f ? 255.0f : value);
    }
  }
};

}  // namespace detail

/// The image `from`, (H, W, 3), in the size of `to`, (h, w, 3), as floats in 0..255; any strides. The axes are scaled
/// independently; pixel centres lie at halves (output k is centred at (k + 0.5) * H / h), and the edge continues
/// outwards.
///
/// Throws shape_error where either has no pixels or not three channels. Cost: each output row adds up 2 max(H / h, 1)
/// rows of W pixels and makes w pixels from 2 max(W / w, 1) each; scratch for two rows of floats; vectorised for what
/// the machine has. One thread; the same bits always on one machine. Values are those of tf.image.resize up to the
/// rounding of float, and of Pillow, which rounds twice, up to one level.
inline void resize(tensor_view<std::uint8_t const, 3> from, tensor_view<float, 3> to, resize_filter filter) {
  detail::require_pixels(from.extent(0), from.extent(1), from.extent(2), "resize", "the image");
  detail::require_pixels(to.extent(0), to.extent(1), to.extent(2), "resize", "the result");
  detail::resample(from, detail::make_taps(from.extent(0), to.extent(0), 0, to.extent(0), filter),
                   detail::make_taps(from.extent(1), to.extent(1), 0, to.extent(1), filter), detail::float_rows{to});
}

/// The image in another size, rounded to nearest: for thumbnails. Throws shape_error as `resize`.
inline rgb_image resized(rgb_image const& from, std::size_t height, std::size_t width,
                         resize_filter filter = resize_filter::antialiased) {
  detail::require_image(from, "resized");
  detail::require_pixels(height, width, 3, "resized", "the result");
  rgb_image to(height, width);
  detail::resample(from.view(), detail::make_taps(from.height, height, 0, height, filter),
                   detail::make_taps(from.width, width, 0, width, filter),
                   detail::byte_rows{to.pixels.data(), width * 3});
  return to;
}

/// The `height` × `width` pixels in the middle; where that lies between two, the upper or left one. Throws shape_error
/// where the image is smaller.
inline rgb_image center_crop(rgb_image const& from, std::size_t height, std::size_t width) {
  detail::require_image(from, "center_crop");
  detail::require_pixels(height, width, 3, "center_crop", "the result");
  if (height > from.height || width > from.width)
    throw shape_error("center_crop: expected an image of at least " + shape_text({height, width, 3}) + ", got " +
                      shape_text({from.height, from.width, 3}));
  rgb_image to(height, width);
  std::size_t const top = (from.height - height) / 2, left = (from.width - width) / 2;
  for (std::size_t y = 0; y < height; ++y) std::copy_n(from.at(top + y, left), width * 3, to.at(y, 0));
  return to;
}

}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::center_crop;
using image::resized;
}  // namespace softf1::inline SOFTF1_ABI
