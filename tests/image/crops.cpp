#include <softf1/image/crops.hpp>

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

namespace image_crops_test {

using namespace softf1_image_test;
using softf1::crop_list;
using softf1::parse_crops;
using softf1::preprocessing;
using softf1::resize_mode;
using softf1_test::error_text;

template <class T>
std::vector<T> crops_of(softf1::rgb_image const& image, crop_list const& list, preprocessing const& how) {
  std::size_t const s = how.image_size;
  std::vector<T> out(list.count() * s * s * 3, T(9));
  softf1::image::crops(image, list, how, softf1::tensor_view<T, 4>(out.data(), {list.count(), s, s, 3}));
  return out;
}

TEST_CASE("ten crops are the corners and the middle, then those of the mirror image", "[image][crops]") {
  for (auto const& [height, width] : {std::pair(40u, 25u), std::pair(25u, 41u), std::pair(30u, 30u)})
    for (auto const mode : {resize_mode::crop, resize_mode::stretch}) {
      CAPTURE(height, width);
      auto const image = noise(height, width, height);
      preprocessing const how{.image_size = 20, .resize = mode, .pixels = softf1::pixel_range::zero_one};
      bool const stretch = mode == resize_mode::stretch;
      std::size_t const h = stretch || height <= width ? 27 : 27 * height / width;
      std::size_t const w = stretch || width <= height ? 27 : 27 * width / height;
      std::vector<float> whole(h * w * 3);
      softf1::image::resize(image.view(), {whole.data(), {h, w, 3}}, how.filter);
      auto const got = crops_of<float>(image, parse_crops("ten_crop:resize=27"), how);
      auto const middle = [](std::size_t n) { return static_cast<std::size_t>(std::nearbyint((double(n) - 20) / 2)); };
      std::size_t const top[] = {0, 0, h - 20, h - 20, middle(h)}, left[] = {0, w - 20, 0, w - 20, middle(w)};
      for (std::size_t k = 0; k < 10; ++k)
        for (std::size_t y = 0; y < 20; ++y)
          for (std::size_t x = 0; x < 20; ++x)
            for (std::size_t c = 0; c < 3; ++c) {
              std::size_t const column = left[k % 5] + x, at = k < 5 ? column : w - 1 - column;
              REQUIRE(got[((k * 20 + y) * 20 + x) * 3 + c] ==
                      Approx(whole[((y + top[k % 5]) * w + at) * 3 + c] / 255).margin(1e-6));
            }
    }
}

TEST_CASE("plain crops are the preprocessing, flipped ones its mirror image, scales follow each other",
          "[image][crops]") {
  auto const image = noise(33, 50, 2);
  for (auto const mode : {resize_mode::crop, resize_mode::stretch}) {
    preprocessing const how{.image_size = 15, .resize = mode};
    std::vector<float> plain(15 * 15 * 3);
    softf1::preprocess(image, how, {plain.data(), {15, 15, 3}});
    CHECK(crops_of<float>(image, {}, how) == plain);
    CHECK(crops_of<float>(image, parse_crops("plain"), how) == plain);
    auto const flip = crops_of<float>(image, parse_crops("flip"), how);
    CHECK(std::vector<float>(flip.begin(), flip.begin() + 675) == plain);
    for (std::size_t p = 0; p < 225; ++p)
      for (std::size_t c = 0; c < 3; ++c)
        REQUIRE(flip[675 + p * 3 + c] == plain[((p / 15) * 15 + 14 - p % 15) * 3 + c]);
    auto const both = crops_of<std::uint8_t>(image, parse_crops("flip+ten_crop:resize=18"), how);
    auto const ten = crops_of<std::uint8_t>(image, parse_crops("ten_crop:resize=18"), how);
    CHECK(both.size() == 12 * 675);
    CHECK(std::equal(ten.begin(), ten.end(), both.begin() + 2 * 675));
    auto const floats = crops_of<float>(image, parse_crops("ten_crop:resize=18"), how);
    for (std::size_t k = 0; k < ten.size(); ++k)
      REQUIRE(std::abs(ten[k] - (double(floats[k]) + 1) * 127.5) <= 0.5 + 1e-4);
  }
}

TEST_CASE("resize_to is the shorter side before a crop", "[image][crops]") {
  auto const image = noise(40, 60, 2);
  preprocessing const how{.image_size = 16, .resize = resize_mode::crop, .resize_to = 20};
  auto const got = crops_of<float>(image, {}, how);
  auto expected =
      crops_of<float>(image, parse_crops("ten_crop:resize=20"), {.image_size = 16, .resize = resize_mode::crop});
  expected = {expected.begin() + 4 * 768, expected.begin() + 5 * 768};
  CHECK(got == expected);
  CHECK(got != crops_of<float>(image, {}, {.image_size = 16, .resize = resize_mode::crop, .resize_to = 21}));
  // round(16 * 256 / 224)
  CHECK(crops_of<float>(image, {}, {.image_size = 16, .resize = resize_mode::crop, .resize_to = 18}) ==
        crops_of<float>(image, {}, {.image_size = 16, .resize = resize_mode::crop}));
}

TEST_CASE("crops are texts both ways, and what means nothing is refused", "[image][crops]") {
  for (auto const* text : {"plain", "flip", "ten_crop", "ten_crop:resize=255", "flip:resize=30+ten_crop:resize=40"})
    CHECK(to_text(parse_crops(text)) == text);
  CHECK(parse_crops("plain+flip+ten_crop").count() == 13);
  CHECK(crop_list{}.count() == 1);
  struct {
    std::string text, sentence;
  } const cases[] = {
      {"five_crop", "no set of crops is named 'five_crop', there are plain, flip, ten_crop"},
      {"flip:size=3", "flip has no option 'size', it has resize"},
      {"flip:resize=2.5", "flip: resize must be a whole number from 0 to 65535, got 2.5"},
  };
  for (auto const& one : cases) CHECK(error_text<softf1::value_error>([&] { parse_crops(one.text); }) == one.sentence);
  CHECK(error_text<softf1::value_error>([] {
          crops_of<float>(noise(9, 9, 1), parse_crops("ten_crop:resize=7"), {.image_size = 8});
        }) == "crops: images must be resized to at least the size of their crops, 8, got 7");
  std::vector<float> out(48);
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::image::crops(noise(9, 9, 1), parse_crops("flip"), {.image_size = 4},
                               softf1::tensor_view<float, 4>(out.data(), {1, 4, 4, 3}));
        }) == "crops: the result must have shape (2, 4, 4, 3), got (1, 4, 4, 3)");
}

}  // namespace image_crops_test
