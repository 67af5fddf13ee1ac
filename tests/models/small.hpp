// Extractors, weights and images that are quick to make.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/image/encode.hpp>
#include <softf1/io/make_array.hpp>
#include <softf1/models/extractor.hpp>

namespace small_models {

using namespace softf1::models;
using softf1::io::named_array;
using context = softf1::context<softf1::cpu>;
using network = softf1::layers::network<float>;
using metadata = std::map<std::string, std::string>;

/// The narrowest MobileNetV2 with random weights, on images of 32 × 32.
inline extractor_identity small_identity(std::uint64_t seed = 1) {
  extractor_identity id;
  id.width = 0.05;
  id.input.image_size = 32;
  id.weights = "random:seed=" + std::to_string(seed);
  return id;
}

inline extractor small_extractor(std::uint64_t seed = 1) {
  context ctx({.threads = 1});
  return extractor::restore(ctx, small_identity(seed), {});
}

/// An array in torchvision's order.
inline softf1::io::array torch_order(softf1::layers::parameter<float, softf1::cpu> const& p) {
  auto const& s = p.shape;
  if (s.size() == 1)
    return softf1::io::make_array(std::vector<float>(p.values.data(), p.values.data() + p.size()), {s[0]});
  bool const depthwise = s.size() == 3;
  std::size_t const taps = s[0] * s[1], in = depthwise ? 1 : s[2], out = depthwise ? s[2] : s[3];
  std::vector<float> values;
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t t = 0; t < taps; ++t) values.push_back(p.values((t * in + i) * out + o));
  return softf1::io::make_array(std::move(values), {out, in, s[0], s[1]});
}

/// Weights of a MobileNetV2 of this width, with torchvision's names.
inline std::vector<named_array> torch_weights(double width, std::uint64_t seed) {
  context ctx({.threads = 1});
  network net(ctx, {32, 32, 3}, mobilenet_v2({.width = width}).blocks, std::nullopt);
  draw_random_weights(ctx, net, seed);
  std::vector<named_array> arrays;
  for (auto const& p : net.named()) arrays.push_back({p.name, torch_order(p)});
  return arrays;
}

/// A picture that `kind` tells apart from others.
inline softf1::rgb_image picture(std::size_t kind, std::size_t height = 40, std::size_t width = 30) {
  softf1::rgb_image image(height, width);
  std::size_t k = 0;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        image.pixels[k++] = static_cast<std::uint8_t>((x * (kind + 3) + y * (c + kind) + 50 * c * kind) % 256);
  return image;
}

inline void put_bytes(std::string const& path, std::string const& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string bytes_of(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put_picture(std::string const& path, softf1::rgb_image const& image) {
  auto const png = softf1::image::encode_png(image);
  put_bytes(path, {reinterpret_cast<char const*>(png.data()), png.size()});
}

inline std::vector<std::string> names_in(std::filesystem::path const& folder) {
  std::vector<std::string> names;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace small_models
