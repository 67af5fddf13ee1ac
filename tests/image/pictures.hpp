// Pictures and EXIF blocks for the tests of images.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/image/image.hpp>

namespace softf1_image_test {

using bytes = std::vector<std::byte>;

/// Four quarters of plain colours, no two alike in any channel; blocks of JPEG fit where the sides are multiples of 32.
inline softf1::rgb_image quarters(std::size_t height, std::size_t width) {
  std::uint8_t const colours[4][3] = {{200, 40, 60}, {50, 180, 90}, {90, 80, 220}, {140, 130, 20}};
  softf1::rgb_image image(height, width);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      std::copy_n(colours[(2 * y >= height) * 2 + (2 * x >= width)], 3, image.at(y, x));
  return image;
}

/// Random pixels.
inline softf1::rgb_image noise(std::size_t height, std::size_t width, std::uint64_t seed) {
  softf1::random_stream const random(seed);
  softf1::rgb_image image(height, width);
  for (std::size_t k = 0; k < image.pixels.size(); ++k)
    image.pixels[k] = static_cast<std::uint8_t>(random.bits(k) & 0xff);
  return image;
}

inline int largest_difference(softf1::rgb_image const& a, softf1::rgb_image const& b) {
  int worst = a.pixels.size() == b.pixels.size() ? 0 : 256;
  for (std::size_t k = 0; worst < 256 && k < a.pixels.size(); ++k)
    worst = std::max(worst, std::abs(int{a.pixels[k]} - int{b.pixels[k]}));
  return worst;
}

/// The largest difference off the middle lines, where the halved chroma of JPEG blends the quarters.
inline int difference_off_middle(softf1::rgb_image const& a, softf1::rgb_image const& b) {
  if (a.height != b.height || a.width != b.width) return 256;
  int worst = 0;
  auto const is_far = [](std::size_t at, std::size_t size) { return at + 2 < size / 2 || at > size / 2 + 1; };
  for (std::size_t y = 0; y < a.height; ++y)
    for (std::size_t x = 0; x < a.width; ++x)
      for (std::size_t c = 0; c < 3 && is_far(y, a.height) && is_far(x, a.width); ++c)
        worst = std::max(worst, std::abs(int{a.at(y, x)[c]} - int{b.at(y, x)[c]}));
  return worst;
}

/// What a camera stores for a picture to be seen as `seen`. Orientation names the sides of the seen picture that row 0
/// and column 0 of the stored one are: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top,
/// 7 right bottom, 8 left bottom.
inline softf1::rgb_image stored_as(softf1::rgb_image const& seen, int orientation) {
  std::string const row_0 = " ttbblrrl", col_0 = " lrrlttbb";
  auto const k = static_cast<std::size_t>(orientation);
  bool const turned = k >= 5;
  softf1::rgb_image stored(turned ? seen.width : seen.height, turned ? seen.height : seen.width);
  for (std::size_t row = 0; row < stored.height; ++row)
    for (std::size_t col = 0; col < stored.width; ++col) {
      std::size_t y = 0, x = 0;
      for (auto const& [side, at] : {std::pair(row_0[k], row), std::pair(col_0[k], col)}) {
        if (side == 't') y = at;
        if (side == 'b') y = seen.height - 1 - at;
        if (side == 'l') x = at;
        if (side == 'r') x = seen.width - 1 - at;
      }
      std::copy_n(seen.at(y, x), 3, stored.at(row, col));
    }
  return stored;
}

/// "Exif", two zeros and a TIFF block of two entries, the second of which is the orientation: a SHORT (type 3) or a
/// LONG (type 4).
inline bytes orientation_block(int orientation, bool big_endian, unsigned type = 3) {
  bytes block;
  auto const put = [&](unsigned value, int size) {
    for (int k = 0; k < size; ++k)
      block.push_back(static_cast<std::byte>(value >> 8 * (big_endian ? size - 1 - k : k) & 0xff));
  };
  for (char c : {'E', 'x', 'i', 'f', '\0', '\0'}) block.push_back(static_cast<std::byte>(c));
  for (int k = 0; k < 2; ++k) block.push_back(static_cast<std::byte>(big_endian ? 'M' : 'I'));
  put(42, 2);
  put(8, 4);
  put(2, 2);
  for (unsigned const tag : {0x0100u, 0x0112u}) {
    put(tag, 2);
    put(type, 2);
    put(1, 4);
    put(static_cast<unsigned>(orientation), type == 4 ? 4 : 2);
    if (type == 3) put(0, 2);
  }
  put(0, 4);
  return block;
}

/// The JPEG file with a block in an APP1 segment behind its start.
inline bytes with_exif(bytes const& jpeg, bytes const& block) {
  auto const size = block.size() + 2;
  bytes out(jpeg.begin(), jpeg.begin() + 2);
  for (auto const b : {std::size_t{0xff}, std::size_t{0xe1}, size >> 8, size & 0xff})
    out.push_back(static_cast<std::byte>(b));
  out.insert(out.end(), block.begin(), block.end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

}  // namespace softf1_image_test
