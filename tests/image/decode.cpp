#include <softf1/image/decode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <softf1/image/encode.hpp>
#include <softf1/io/atomic_writer.hpp>

#include "image/pictures.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace image_decode_test {

using namespace softf1_image_test;
using softf1::rgb_image;
using softf1::image::decode;
using softf1_test::error_text;

bytes from_hex(std::string const& hex) {
  bytes out;
  for (std::size_t k = 0; k + 1 < hex.size(); k += 2)
    out.push_back(static_cast<std::byte>(std::stoi(hex.substr(k, 2), nullptr, 16)));
  return out;
}

std::string why_not(bytes const& file, softf1::decode_options const& options = {}) {
  return error_text<softf1::io_error>([&] { decode(file, "x", options); });
}

TEST_CASE("depths, palettes, alpha and formats become RGB as Pillow makes it", "[image][decode]") {
  struct {
    std::string what, hex;
    std::vector<std::uint8_t> pixels;
  } const cases[] = {
      {"gray, 16 bits",
       "89504e470d0a1a0a0000000d494844520000000200000001100000000081d9fc150000000d4944415478da6310fabf9a0100"
       "04a001bd8c280ed00000000049454e44ae426082",
       {0x12, 0x12, 0x12, 0xab, 0xab, 0xab}},
      {"RGB, 16 bits",
       "89504e470d0a1a0a0000000d49484452000000020000000110020000002bd0349e000000154944415478da63603cc194c26c"
       "f48bf137d31f6600198d045c1ae95f5b0000000049454e44ae426082",
       {1, 2, 3, 250, 251, 252}},
      {"gray and alpha",
       "89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb7010000000d4944415478da63e06238d10000"
       "023d0153ae95a78a0000000049454e44ae426082",
       {10, 10, 10, 200, 200, 200}},
      {"RGB and alpha",
       "89504e470d0a1a0a0000000d4948445200000002000000010806000000f4227f8a000000114944415478da63e01291633891"
       "62d4000006c9021b4d33ef540000000049454e44ae426082",
       {10, 20, 30, 200, 100, 50}},
      {"palette",
       "89504e470d0a1a0a0000000d4948445200000002000000010203000000894c971900000009504c54450000000a141e28323c"
       "f31fe4e60000000a4944415478da63480000006200611c10037f0000000049454e44ae426082",
       {10, 20, 30, 40, 50, 60}},
      {"palette and alpha",
       "89504e470d0a1a0a0000000d4948445200000002000000010203000000894c971900000009504c54450000000a141e28323c"
       "f31fe4e60000000374524e5300008017ce47fe0000000a4944415478da63480000006200611c10037f0000000049454e44ae"
       "426082",
       {10, 20, 30, 40, 50, 60}},
      {"one bit",
       "89504e470d0a1a0a0000000d4948445200000002000000010100000000dc5942270000000a4944415478da63700000004200"
       "4184bf8e620000000049454e44ae426082",
       {0, 0, 0, 255, 255, 255}},
      {"BMP",
       "424d3e0000000000000036000000280000000200000001000000010018000000000008000000c40e0000c40e000000000000"
       "00000000030201fcfbfa0000",
       {1, 2, 3, 250, 251, 252}},
      {"GIF, first of two frames",
       "47494638376102000100810000010203fafbfc0000000000002c000000000200010000080500010408080021f90401000002"
       "002c000000000200010081010203fafbfc00000000000008050003000808003b",
       {1, 2, 3, 250, 251, 252}},
  };
  for (auto const& one : cases) {
    CAPTURE(one.what);
    auto const image = decode(from_hex(one.hex), one.what);
    CHECK(image.height == 1);
    CHECK(image.width == 2);
    CHECK(image.pixels == one.pixels);
    // No beginning of a file is read as a whole one, and none goes beyond its bytes.
    auto const file = from_hex(one.hex);
    for (std::size_t size = 0; size < file.size(); ++size) {
      bytes const part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
      std::size_t got = 6;
      try {
        got = decode(part, "part").pixels.size();
      } catch (softf1::io_error const&) {
      }
      CHECK(got == 6);
    }
  }
}

TEST_CASE("what JPEG keeps comes back", "[image][decode][encode]") {
  auto const image = quarters(16, 32);
  auto const back = decode(softf1::encode_jpeg(image, 95), "quarters");
  REQUIRE(back.height == 16);
  REQUIRE(back.width == 32);
  CHECK(difference_off_middle(image, back) <= 4);
}

TEST_CASE("EXIF orientation turns and mirrors", "[image][decode][exif]") {
  // The corners of the picture as it is to be seen: A B / C D. Stored: what each orientation says (EXIF 2.32, p. 39).
  auto const seen = quarters(32, 64);
  for (bool const big : {false, true})
    for (int orientation = 1; orientation <= 8; ++orientation) {
      CAPTURE(big, orientation);
      auto const jpeg = softf1::encode_jpeg(stored_as(seen, orientation), 95);
      auto const with = with_exif(jpeg, orientation_block(orientation, big));
      auto const image = decode(with, "turned");
      REQUIRE(image.height == 32);
      REQUIRE(image.width == 64);
      CHECK(difference_off_middle(seen, image) <= 4);
      CHECK(decode(with, "as stored", {.exif_orientation = false}) == decode(jpeg, "without"));
    }
}

TEST_CASE("broken EXIF is ignored", "[image][decode][exif]") {
  auto const jpeg = softf1::encode_jpeg(quarters(16, 32));
  auto const plain = decode(jpeg, "plain");
  auto const good = orientation_block(6, true);
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(decode(with_exif(jpeg, bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))), "cut")
              .pixels.size() == plain.pixels.size());
  for (int orientation : {0, 9, 65535})
    CHECK(decode(with_exif(jpeg, orientation_block(orientation, false)), "x") == plain);
  // Some writers store the number in four bytes.
  auto const turned = decode(with_exif(jpeg, orientation_block(6, true)), "turned");
  CHECK_FALSE(turned == plain);
  for (bool const big : {false, true}) CHECK(decode(with_exif(jpeg, orientation_block(6, big, 4)), "long") == turned);
  bytes far = good;
  far[10] = std::byte{0xff};  // the directory lies beyond the end
  CHECK(decode(with_exif(jpeg, far), "far") == plain);
}

TEST_CASE("what is not an image is refused in one sentence", "[image][decode]") {
  auto const text = [](std::string const& s) {
    auto const all = std::as_bytes(std::span(s));
    return bytes(all.begin(), all.end());
  };
  CHECK(why_not({}) == "decode: x: expected a JPEG, PNG, BMP or GIF file, got an empty file");
  CHECK(why_not(text("hello, world")) == "decode: x: expected a JPEG, PNG, BMP or GIF file, got something else");
  CHECK(why_not(text("RIFF....WEBPVP8 ")) == "decode: x: expected a JPEG, PNG, BMP or GIF file, got a WebP file");
  CHECK(why_not(text("<!DOCTYPE html>")) == "decode: x: expected a JPEG, PNG, BMP or GIF file, got an HTML page");
  CHECK(why_not(text("\xff\xd8\xff\xe0 no more")).starts_with("decode: x: the "));
  CHECK(why_not(text("\x89PNG\r\n\x1a\n no more")).starts_with("decode: x: the file is broken: "));
}

TEST_CASE("a truncated JPEG is an error wherever it ends", "[image][decode]") {
  auto const jpeg = softf1::encode_jpeg(quarters(64, 64));
  for (std::size_t size = 2; size + 2 <= jpeg.size(); size += 7)
    CHECK(
        why_not(bytes(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(size))).starts_with("decode: x: the "));
  // Junk before the second segment gives a warning of its own, behind which the missing end must not hide.
  auto odd = jpeg;
  odd.insert(odd.begin() + 20, 2, std::byte{0});
  CHECK(decode(odd, "odd") == decode(jpeg, "x"));
  odd.resize(odd.size() - 10);
  CHECK(why_not(odd).starts_with("decode: x: the JPEG file is truncated at byte "));
  auto longer = jpeg;
  longer.resize(longer.size() + 10);
  CHECK(decode(longer, "longer") == decode(jpeg, "x"));
}

TEST_CASE("no image is larger than it may be", "[image][decode]") {
  softf1::decode_options const small{.max_pixels = 16 * 32 - 1}, enough{.max_pixels = 16 * 32};
  auto const image = quarters(16, 32);
  for (auto const& file : {softf1::encode_jpeg(image), softf1::encode_png(image)}) {
    CHECK(why_not(file, small) == "decode: x: expected at most 511 pixels, got 32 x 16");
    CHECK(decode(file, "x", enough).width == 32);
  }
  // 65,535 x 65,535 pixels in the header of a file of a few bytes.
  auto bomb = softf1::encode_png(image);
  for (std::size_t k : {18u, 19u, 22u, 23u}) bomb[k] = std::byte{0xff};
  CHECK(why_not(bomb) == "decode: x: expected at most 178956970 pixels, got 65535 x 65535");
}

TEST_CASE("read_image names the file", "[image][decode]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "a picture.png").string();
  auto const image = quarters(4, 6);
  softf1::write_atomically(path, softf1::encode_png(image));
  CHECK(softf1::read_image(path) == image);
  CHECK(error_text<softf1::io_error>([&] { softf1::read_image(folder.path().string()); }) ==
        "read_image: cannot read " + folder.path().string() + ": is a directory");
  auto const missing = (folder / "none.jpg").string();
  CHECK(error_text<softf1::io_error>([&] { softf1::read_image(missing); }) ==
        "read_image: cannot open " + missing + ": no such file or directory");
  softf1::write_atomically(path, "nothing");
  CHECK(error_text<softf1::io_error>([&] { softf1::read_image(path); }).starts_with("decode: " + path + ": expected"));
}

TEST_CASE("odd files decode as by Pillow", "[image][decode][data]") {
  auto const folder = softf1_test::data("decode_odd");
  if (!folder) SOFTF1_SKIP("no data folder decode_odd");
  struct {
    std::string name;
    std::size_t height, width;
    double mean[3];
    int first[3];
  } const cases[] = {
      {"app13-multiple.jpg", 160, 256, {119.82, 120.24, 102.86}, {142, 181, 176}},
      {"app13.jpg", 4, 4, {144.38, 19.00, 80.50}, {60, 0, 123}},
      {"broken_exif_dpi.jpg", 100, 100, {0.00, 128.00, 1.00}, {0, 128, 1}},
      {"exif_gps.jpg", 8, 8, {0.00, 0.00, 0.00}, {0, 0, 0}},
      {"flower.jpg", 360, 480, {119.30, 131.99, 94.10}, {148, 124, 98}},
      {"flower2.jpg", 225, 300, {116.45, 78.92, 77.16}, {78, 87, 20}},
      {"hopper.bmp", 128, 128, {89.71, 80.09, 95.38}, {20, 21, 67}},
      {"hopper.gif", 128, 128, {89.66, 80.08, 95.39}, {19, 20, 67}},
      {"hopper.jpg", 128, 128, {89.72, 80.08, 95.41}, {20, 21, 67}},
      {"hopper.png", 128, 128, {89.71, 80.09, 95.38}, {20, 21, 67}},
      {"hopper_16bit_qtables.jpg", 128, 128, {90.13, 80.28, 94.80}, {15, 5, 65}},
      {"hopper_bad_exif.jpg", 500, 500, {125.48, 125.48, 125.48}, {0, 0, 0}},
      {"hopper_gray.jpg", 128, 128, {84.69, 84.69, 84.69}, {26, 26, 26}},
      {"hopper_idat_after_image_end.png", 128, 128, {89.71, 80.09, 95.38}, {20, 21, 67}},
      {"hopper_orientation_2.jpg", 128, 128, {89.68, 80.05, 95.31}, {23, 19, 70}},
      {"hopper_orientation_3.jpg", 128, 128, {89.68, 80.05, 95.31}, {23, 19, 70}},
      {"hopper_orientation_6.jpg", 128, 128, {89.67, 80.08, 95.34}, {25, 21, 72}},
      {"hopper_orientation_8.jpg", 128, 128, {89.68, 80.08, 95.34}, {25, 21, 72}},
      {"icc-after-SOF.jpg", 10, 10, {0.00, 0.00, 0.00}, {0, 0, 0}},
      {"icc_profile_big.jpg", 250, 425, {57.41, 106.94, 168.48}, {2, 23, 90}},
      {"imageops_pad_h_0.jpg", 256, 512, {44.86, 40.04, 47.69}, {21, 18, 71}},
      {"invalid-exif.jpg", 200, 200, {92.09, 92.09, 92.09}, {182, 182, 182}},
      {"jpeg_ff00_header.jpg", 225, 300, {116.45, 78.92, 77.16}, {78, 87, 20}},
      {"junk_jpeg_header.jpg", 768, 1024, {117.10, 115.83, 116.81}, {164, 203, 246}},
      {"pil_sample_cmyk.jpg", 100, 100, {30.23, 5.44, 7.39}, {255, 13, 25}},
      {"pil_sample_rgb.jpg", 100, 100, {28.00, 4.49, 3.50}, {231, 32, 25}},
      {"png_named_as.jpg", 128, 128, {89.71, 80.09, 95.38}, {20, 21, 67}},
      {"rgb.jpg", 100, 100, {67.98, 31.52, 32.65}, {238, 32, 36}},
      {"sugarshack_bad_mpo_header.jpg", 480, 640, {120.55, 108.89, 99.15}, {255, 255, 255}},
      {"truncated_app14.jpg", 100, 100, {28.00, 4.49, 3.50}, {231, 32, 25}},
  };
  for (auto const& one : cases) {
    CAPTURE(one.name);
    rgb_image image;
    try {
      image = softf1::read_image((*folder / one.name).string());
    } catch (softf1::io_error const& error) {
#if defined(SOFTF1_TURBOJPEG)
      FAIL_CHECK(error.what());
#endif
      // stb refuses some files that libjpeg-turbo reads.
      continue;
    }
    CHECK(image.height == one.height);
    CHECK(image.width == one.width);
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = 0;
      for (std::size_t k = c; k < image.pixels.size(); k += 3) sum += image.pixels[k];
      double const tolerance = image.pixels.size() < 100 ? 3 : .3;
      CHECK(std::abs(sum / static_cast<double>(image.height * image.width) - one.mean[c]) <= tolerance);
      CHECK(std::abs(image.at(0, 0)[c] - one.first[c]) <= 3);
    }
  }
  auto const truncated = (*folder / "truncated_jpeg.jpg").string();
  CHECK(error_text<softf1::io_error>([&] { softf1::read_image(truncated); }) ==
        "decode: " + truncated + ": the JPEG file is truncated at byte 6698");
  // Every other file there decodes, or says why not.
  for (auto const& entry : std::filesystem::directory_iterator(*folder)) {
    auto const path = entry.path().string();
    auto const text = error_text<softf1::io_error>([&] { softf1::read_image(path); });
    CHECK((text == "nothing was thrown" || text.find(path) != std::string::npos));
  }
}

}  // namespace image_decode_test
