#include <softf1/image/encode.hpp>
#include <softf1/image/extension.hpp>

#include <string>

#include <softf1/image/decode.hpp>

#include "image/pictures.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace image_encode_test {

using namespace softf1_image_test;
using softf1_test::error_text;

TEST_CASE("PNG keeps every pixel", "[image][encode]") {
  auto const image = noise(9, 13, 1);
  CHECK(softf1::image::decode(softf1::encode_png(image), "x") == image);
}

TEST_CASE("JPEG of a higher quality is nearer and larger", "[image][encode]") {
  auto image = quarters(32, 32);
  for (std::size_t y = 0; y < 32; ++y)
    for (std::size_t x = 0; x < 32; ++x) image.at(y, x)[0] = static_cast<std::uint8_t>(8 * ((x * y) % 32));
  std::size_t size = 0;
  int difference = 256;
  for (int quality : {5, 50, 100}) {
    auto const bytes = softf1::encode_jpeg(image, quality);
    int const now = largest_difference(image, softf1::image::decode(bytes, "x"));
    CHECK(bytes.size() > size);
    CHECK(now < difference);
    CHECK(bytes == softf1::encode_jpeg(image, quality));
    size = bytes.size();
    difference = now;
  }
}

TEST_CASE("bytes of an image say how its file is called", "[image][encode]") {
  auto const image = quarters(4, 4);
  CHECK(softf1::image::extension_of(softf1::encode_jpeg(image)) == ".jpg");
  CHECK(softf1::image::extension_of(softf1::encode_png(image)) == ".png");
  CHECK(softf1::image::extension_of({}).empty());
}

TEST_CASE("what cannot be encoded is refused", "[image][encode]") {
  auto const image = quarters(2, 2);
  for (int quality : {0, -1, 101})
    CHECK(error_text<softf1::value_error>([&] { softf1::encode_jpeg(image, quality); }) ==
          "encode_jpeg: quality must lie in 1..100, got " + std::to_string(quality));
  CHECK(error_text<softf1::shape_error>([] { softf1::encode_jpeg({}); }) ==
        "encode_jpeg: the image must have pixels, got shape (0, 0, 3)");
  CHECK(error_text<softf1::shape_error>([] { softf1::encode_png(softf1::rgb_image(1, 65536)); }) ==
        "encode_png: a side must have at most 65535 pixels, got shape (1, 65536, 3)");
  softf1::rgb_image wrong(2, 3);
  wrong.pixels.pop_back();
  CHECK(error_text<softf1::shape_error>([&] { softf1::encode_png(wrong); }) ==
        "encode_png: an image of shape (2, 3, 3) must hold 18 bytes, got 17");
}

}  // namespace image_encode_test
