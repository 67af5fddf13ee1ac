#include <softf1/image/resize.hpp>

#include <array>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "image/pictures.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace image_resize_test {

using namespace softf1_image_test;
using softf1::resize_filter;
using softf1::rgb_image;
using softf1_test::error_text;

std::vector<float> resized_to(rgb_image const& from, std::size_t height, std::size_t width, resize_filter filter) {
  std::vector<float> to(height * width * 3, -1.0f);
  softf1::image::resize(from.view(), {to.data(), {height, width, 3}}, filter);
  return to;
}

TEST_CASE("resizes agree with TensorFlow and Pillow", "[image][resize][conformance]") {
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "image_expectations.json");
  auto const all = nlohmann::json::parse(file);
  REQUIRE(all.at("resize").size() >= 9);
  for (auto const& one : all.at("resize")) {
    auto const before = one.at("before").get<std::array<std::size_t, 2>>();
    auto const after = one.at("after").get<std::array<std::size_t, 2>>();
    CAPTURE(before[0], before[1], after[0], after[1]);
    rgb_image image(before[0], before[1]);
    image.pixels = one.at("pixels").get<std::vector<std::uint8_t>>();
    for (auto const filter : {resize_filter::bilinear, resize_filter::antialiased}) {
      auto const got = resized_to(image, after[0], after[1], filter);
      auto const expected =
          one.at("tensorflow").at(std::string(softf1::image::name_of(filter))).get<std::vector<float>>();
      REQUIRE(got.size() == expected.size());
      float worst = 0;
      for (std::size_t k = 0; k < got.size(); ++k) worst = std::max(worst, std::abs(got[k] - expected[k]));
      CHECK(worst <= 255e-4f);
    }
    rgb_image pillow(after[0], after[1]);
    pillow.pixels = one.at("pillow").get<std::vector<std::uint8_t>>();
    CHECK(largest_difference(softf1::resized(image, after[0], after[1]), pillow) <= 1);
  }
}

TEST_CASE("a resize to the same size changes nothing", "[image][resize]") {
  auto const image = noise(11, 7, 3);
  for (auto const filter : {resize_filter::bilinear, resize_filter::antialiased})
    CHECK(softf1::resized(image, 11, 7, filter) == image);
}

TEST_CASE("a plain colour stays plain in every size", "[image][resize]") {
  rgb_image image(5, 9);
  for (std::size_t k = 0; k < image.pixels.size(); ++k)
    image.pixels[k] = static_cast<std::uint8_t>(255 - 100 * (k % 3));
  for (std::size_t const size : {1u, 2u, 5u, 8u, 40u})
    for (auto const filter : {resize_filter::bilinear, resize_filter::antialiased}) {
      auto const to = softf1::resized(image, size, size + 1, filter);
      for (std::size_t k = 0; k < to.pixels.size(); ++k) REQUIRE(to.pixels[k] == image.pixels[k % 3]);
    }
}

TEST_CASE("resizing commutes with mirroring and transposing", "[image][resize]") {
  auto const image = noise(13, 21, 4);
  rgb_image mirrored(13, 21), transposed(21, 13);
  for (std::size_t y = 0; y < 13; ++y)
    for (std::size_t x = 0; x < 21; ++x) {
      std::copy_n(image.at(y, 20 - x), 3, mirrored.at(y, x));
      std::copy_n(image.at(y, x), 3, transposed.at(x, y));
    }
  for (auto const filter : {resize_filter::bilinear, resize_filter::antialiased}) {
    auto const a = softf1::resized(image, 6, 8, filter);
    auto const b = softf1::resized(mirrored, 6, 8, filter), c = softf1::resized(transposed, 8, 6, filter);
    int worst = 0;
    for (std::size_t y = 0; y < 6; ++y)
      for (std::size_t x = 0; x < 8; ++x)
        for (std::size_t k = 0; k < 3; ++k) {
          worst = std::max(worst, std::abs(a.at(y, x)[k] - b.at(y, 7 - x)[k]));
          worst = std::max(worst, std::abs(a.at(y, x)[k] - c.at(x, y)[k]));
        }
    CHECK(worst <= 1);
  }
}

TEST_CASE("views of any strides are read and written", "[image][resize]") {
  auto const image = noise(10, 12, 5);
  // Channels first, upside down, every second column.
  std::vector<std::uint8_t> planes(3 * 10 * 24);
  for (std::size_t y = 0; y < 10; ++y)
    for (std::size_t x = 0; x < 12; ++x)
      for (std::size_t c = 0; c < 3; ++c) planes[(c * 10 + 9 - y) * 24 + 2 * x] = image.at(y, x)[c];
  std::vector<float> to(3 * 4 * 5);
  softf1::image::resize({planes.data() + 9 * 24, {10, 12, 3}, {-24, 2, 240}}, {to.data(), {4, 5, 3}, {5, 1, 20}},
                        resize_filter::antialiased);
  auto const expected = resized_to(image, 4, 5, resize_filter::antialiased);
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 5; ++x)
      for (std::size_t c = 0; c < 3; ++c) CHECK(to[(c * 4 + y) * 5 + x] == expected[(y * 5 + x) * 3 + c]);
}

TEST_CASE("the middle of an image", "[image][resize]") {
  auto const image = noise(5, 8, 6);
  auto const middle = softf1::center_crop(image, 2, 4);
  REQUIRE(middle.pixels.size() == 24);
  for (std::size_t y = 0; y < 2; ++y)
    for (std::size_t x = 0; x < 4; ++x) CHECK(middle.at(y, x)[1] == image.at(y + 1, x + 2)[1]);
  CHECK(softf1::center_crop(image, 5, 8) == image);
  CHECK(error_text<softf1::shape_error>([&] { softf1::center_crop(image, 6, 8); }) ==
        "center_crop: expected an image of at least (6, 8, 3), got (5, 8, 3)");
}

TEST_CASE("images without pixels are refused", "[image][resize]") {
  CHECK(error_text<softf1::shape_error>([] { softf1::resized({}, 2, 2); }) ==
        "resized: the image must have pixels, got shape (0, 0, 3)");
  auto const image = quarters(4, 4);
  CHECK(error_text<softf1::shape_error>([&] { softf1::resized(image, 0, 2); }) ==
        "resized: the result must have shape (height, width, 3) with pixels, got (0, 2, 3)");
  float out[16];
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::image::resize(image.view(), {out, {2, 2, 4}}, resize_filter::bilinear);
        }) == "resize: the result must have shape (height, width, 3) with pixels, got (2, 2, 4)");
}

}  // namespace image_resize_test
