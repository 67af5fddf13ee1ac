// An image in memory: rows of RGB pixels, and a view of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::image {

/// An 8-bit RGB image: `height` rows of `width` pixels, row-major, three bytes (red, green, blue) a pixel.
struct rgb_image {
  std::size_t height = 0, width = 0;
  std::vector<std::uint8_t> pixels;  ///< height * width * 3

  rgb_image() = default;

  /// A black image of `rows` × `cols` pixels.
  rgb_image(std::size_t rows, std::size_t cols) : height(rows), width(cols), pixels(rows * cols * 3) {}

  bool empty() const { return height == 0 || width == 0; }

  /// (height, width, 3).
  tensor_view<std::uint8_t const, 3> view() const { return {pixels.data(), {height, width, 3}}; }
  tensor_view<std::uint8_t, 3> view() { return {pixels.data(), {height, width, 3}}; }

  /// The three bytes of the pixel in row y, column x.
  std::uint8_t const* at(std::size_t y, std::size_t x) const { return pixels.data() + (y * width + x) * 3; }
  std::uint8_t* at(std::size_t y, std::size_t x) { return pixels.data() + (y * width + x) * 3; }

  friend bool operator==(rgb_image const&, rgb_image const&) = default;
};

/// The pixels of an image that are held elsewhere, laid out as those of an `rgb_image`, which converts to one.
struct rgb_view {
  std::size_t height = 0, width = 0;
  std::span<std::uint8_t const> pixels;  ///< height * width * 3

  rgb_view() = default;
  rgb_view(std::size_t rows, std::size_t cols, std::span<std::uint8_t const> all)
      : height(rows), width(cols), pixels(all) {}
  rgb_view(rgb_image const& image) : rgb_view(image.height, image.width, image.pixels) {}

  bool empty() const { return height == 0 || width == 0; }

  /// (height, width, 3).
  tensor_view<std::uint8_t const, 3> view() const { return {pixels.data(), {height, width, 3}}; }

  /// The three bytes of the pixel in row y, column x.
  std::uint8_t const* at(std::size_t y, std::size_t x) const { return pixels.data() + (y * width + x) * 3; }
};

namespace detail {

/// Throws shape_error unless the image has pixels, and as many as it says.
inline void require_image(rgb_view const& image, std::string_view who) {
  if (image.empty())
    throw shape_error(std::string(who) + ": the image must have pixels, got shape " +
                      shape_text({image.height, image.width, 3}));
  if (image.pixels.size() != image.height * image.width * 3)
    throw shape_error(std::string(who) + ": an image of shape " + shape_text({image.height, image.width, 3}) +
                      " must hold " + std::to_string(image.height * image.width * 3) + " bytes, got " +
                      std::to_string(image.pixels.size()));
}

}  // namespace detail
}  // namespace softf1::inline SOFTF1_ABI::image

namespace softf1::inline SOFTF1_ABI {
using image::rgb_image;
using image::rgb_view;
}  // namespace softf1::inline SOFTF1_ABI
