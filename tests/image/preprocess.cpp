#include <softf1/image/preprocess.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <softf1/image/resize.hpp>

#include "image/pictures.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace image_preprocess_test {

using namespace softf1_image_test;
using softf1::pixel_range;
using softf1::preprocessing;
using softf1::resize_filter;
using softf1::resize_mode;
using softf1::rgb_image;
using softf1_test::error_text;

std::vector<float> input_of(rgb_image const& image, preprocessing const& how) {
  std::vector<float> out(how.image_size * how.image_size * 3, -9.0f);
  softf1::preprocess(image, how, {out.data(), {how.image_size, how.image_size, 3}});
  return out;
}

TEST_CASE("pixels are scaled as networks expect", "[image][preprocess]") {
  rgb_image image(1, 1);
  image.pixels = {255, 0, 102};
  struct {
    pixel_range range;
    double expected[3];
  } const cases[] = {
      {pixel_range::minus_one_one, {1, -1, -0.2}},
      {pixel_range::zero_one, {1, 0, 0.4}},
      {pixel_range::imagenet, {2.2489082969, -2.0357142857, -0.0266666667}},
  };
  for (auto const& one : cases) {
    auto const got = input_of(image, {.image_size = 1, .pixels = one.range});
    for (std::size_t c = 0; c < 3; ++c) CHECK(got[c] == Approx(one.expected[c]).margin(1e-6));
  }
}

TEST_CASE("crop is a resize of the shorter side and the middle of it", "[image][preprocess]") {
  for (auto const& [height, width] :
       {std::pair(40u, 25u), std::pair(25u, 40u), std::pair(30u, 30u), std::pair(9u, 90u)})
    for (auto const filter : {resize_filter::bilinear, resize_filter::antialiased}) {
      CAPTURE(height, width);
      auto const image = noise(height, width, height);
      // round(28 * 256 / 224) = 32
      bool const tall = height >= width;
      std::size_t const longer = 32 * std::max(height, width) / std::min(height, width);
      std::size_t const h = tall ? longer : 32, w = tall ? 32 : longer;
      std::vector<float> whole(h * w * 3);
      softf1::image::resize(image.view(), {whole.data(), {h, w, 3}}, filter);
      auto const got = input_of(
          image, {.image_size = 28, .resize = resize_mode::crop, .filter = filter, .pixels = pixel_range::zero_one});
      auto const margin = [](std::size_t n) { return static_cast<std::size_t>(std::nearbyint((double(n) - 28) / 2)); };
      for (std::size_t y = 0; y < 28; ++y)
        for (std::size_t x = 0; x < 28; ++x)
          for (std::size_t c = 0; c < 3; ++c)
            REQUIRE(got[(y * 28 + x) * 3 + c] ==
                    Approx(whole[((y + margin(h)) * w + x + margin(w)) * 3 + c] / 255).margin(1e-6));
    }
}

TEST_CASE("stretch is a plain resize", "[image][preprocess]") {
  auto const image = noise(20, 33, 7);
  auto const got = input_of(image, {.image_size = 8, .pixels = pixel_range::zero_one});
  std::vector<float> whole(8 * 8 * 3);
  softf1::image::resize(image.view(), {whole.data(), {8, 8, 3}}, resize_filter::antialiased);
  for (std::size_t k = 0; k < whole.size(); ++k) CHECK(got[k] == Approx(whole[k] / 255).margin(1e-6));
}

TEST_CASE("as bytes an image is what it is as floats, rounded to whole levels", "[image][preprocess]") {
  for (auto const range : {pixel_range::minus_one_one, pixel_range::zero_one, pixel_range::imagenet})
    for (auto const mode : {resize_mode::stretch, resize_mode::crop}) {
      preprocessing const how{.image_size = 28, .resize = mode, .pixels = range};
      auto const image = noise(50, 33, 3);
      auto const floats = input_of(image, how);
      std::vector<std::uint8_t> bytes(28 * 28 * 3);
      softf1::preprocess(image, how, softf1::tensor_view<std::uint8_t, 3>(bytes.data(), {28, 28, 3}));
      auto const scaling = softf1::image::scaling_of(range);
      double largest = 0;
      for (std::size_t k = 0; k < bytes.size(); ++k) {
        auto const level = static_cast<double>(floats[k]) * scaling.scale[k % 3] + scaling.shift[k % 3];
        largest = std::max(largest, std::abs(bytes[k] - level));
      }
      CHECK(largest <= 0.5 + 1e-4);
      CHECK(largest > 0.4);
    }
}

TEST_CASE("an image of the right size stays as it is as bytes, in a view of any strides", "[image][preprocess]") {
  auto const image = noise(9, 9, 1);
  std::vector<std::uint8_t> planes(9 * 9 * 3, 77);
  softf1::preprocess(image, {.image_size = 9},
                     softf1::tensor_view<std::uint8_t, 3>(planes.data(), {9, 9, 3}, {9, 1, 81}));
  for (std::size_t p = 0; p < 81; ++p)
    for (std::size_t c = 0; c < 3; ++c) REQUIRE(planes[c * 81 + p] == image.pixels[p * 3 + c]);
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::preprocess(image, {.image_size = 8}, softf1::tensor_view<std::uint8_t, 3>(planes.data(), {9, 9, 3}));
        }) == "preprocess: the result must have shape (8, 8, 3), got (9, 9, 3)");
}

TEST_CASE("choices are texts both ways", "[image][preprocess]") {
  using softf1::image::name_of;
  using softf1::image::parse;
  for (auto const x : {pixel_range::minus_one_one, pixel_range::zero_one, pixel_range::imagenet})
    CHECK(parse<pixel_range>(name_of(x)) == x);
  for (auto const x : {resize_mode::stretch, resize_mode::crop}) CHECK(parse<resize_mode>(name_of(x)) == x);
  for (auto const x : {resize_filter::bilinear, resize_filter::antialiased})
    CHECK(parse<resize_filter>(name_of(x)) == x);
  CHECK(name_of(pixel_range::imagenet) == "imagenet");
  CHECK(name_of(resize_mode::crop) == "crop");
  CHECK(name_of(resize_filter::bilinear) == "bilinear");
  CHECK(error_text<softf1::value_error>([] { parse<resize_mode>("fit"); }) ==
        "no resize mode is named 'fit', there are stretch, crop");
}

TEST_CASE("wrong shapes are refused", "[image][preprocess]") {
  std::vector<float> out(4 * 4 * 3);
  auto const image = quarters(4, 4);
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::preprocess(image, {.image_size = 5}, {out.data(), {4, 4, 3}});
        }) == "preprocess: the result must have shape (5, 5, 3), got (4, 4, 3)");
  CHECK(error_text<softf1::value_error>([&] {
          softf1::preprocess(image, {.image_size = 0}, {out.data(), {4, 4, 3}});
        }) == "preprocess: image_size must be at least 1, got 0");
  CHECK(error_text<softf1::shape_error>([&] { softf1::preprocess({}, {.image_size = 4}, {out.data(), {4, 4, 3}}); }) ==
        "preprocess: the image must have pixels, got shape (0, 0, 3)");
}

}  // namespace image_preprocess_test
