// Image files of every format: what this library does around the codecs.
// needs: stb libturbojpeg
#define SOFTF1_TURBOJPEG 1
#include <cstdlib>
#include <span>

#include <softf1/image/decode.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  try {
    auto const image = softf1::image::decode(std::as_bytes(std::span(data, size)), "fuzz", {.max_pixels = 1 << 16});
    if (image.empty() || image.pixels.size() != image.height * image.width * 3) std::abort();
  } catch (softf1::error const&) {
  }
  return 0;
}
