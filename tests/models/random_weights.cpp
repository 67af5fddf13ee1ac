#include <softf1/models/random_weights.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"

namespace random_weights_tests {

using softf1::layers::network;
using context = softf1::context<softf1::cpu>;

template <class T>
std::vector<T> values_of(network<T>& net) {
  std::vector<T> all(net.parameters().data(), net.parameters().data() + net.parameters().size());
  all.insert(all.end(), net.state().data(), net.state().data() + net.state().size());
  return all;
}

network<double> drawn(std::uint64_t seed, std::size_t size = 96, int threads = 1) {
  using namespace softf1::layers;
  context ctx({.threads = threads});
  network<double> net(ctx, {size, size, 3},
                      {{convolution({.out = 4, .size = 3, .stride = 2}), "c1"},
                       {batch_norm{}, "n1"},
                       {relu6{}, "r"},
                       {convolution({.out = 5, .size = 1}), "c2"},
                       {batch_norm{}, "n2"}},
                      std::nullopt);
  softf1::models::draw_random_weights(ctx, net, seed);
  return net;
}

TEST_CASE("random weights are a function of the seed, not of threads nor of the size of images") {
  auto one = drawn(1);
  auto const first = values_of(one);
  auto same = drawn(1), small = drawn(1, 32), threaded = drawn(1, 96, 3), other = drawn(2);
  for (auto* again : {&same, &small, &threaded}) CHECK(values_of(*again) == first);
  CHECK(values_of(other) != first);
}

TEST_CASE("normalised maps of a network with random weights have mean 0 and variance 1 on coloured waves") {
  auto net = drawn(7);
  context ctx;
  auto const pixels = softf1::models::detail::wave_images(8, 96, 7);
  std::vector<double> const x(pixels.begin(), pixels.end());
  auto const y = softf1::layers::elements_of(net.forward(ctx, {}, {x.data(), {8, 96, 96, 3}}));
  constexpr std::size_t channels = 5;
  std::size_t const n = y.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double const v = y(i * channels + c);
      sum += v;
      squares += v * v;
    }
    double const mean = sum / static_cast<double>(n);
    CHECK(std::abs(mean) < 1e-4);
    CHECK(squares / static_cast<double>(n) - mean * mean == Approx(1).epsilon(1e-2));
  }
}

TEST_CASE("coloured waves lie in [-1, 1], differ between images and channels, and hold more than one tone") {
  auto const pixels = softf1::models::detail::wave_images(3, 16, 5);
  REQUIRE(pixels.size() == 3 * 16 * 16 * 3);
  CHECK(pixels == softf1::models::detail::wave_images(3, 16, 5));
  CHECK(pixels != softf1::models::detail::wave_images(3, 16, 6));
  for (float v : pixels) CHECK((v >= -1 && v <= 1));
  for (std::size_t k = 0; k < 9; ++k) {
    double sum = 0, squares = 0, difference = 0;
    for (std::size_t p = 0; p < 256; ++p) {
      double const v = pixels[(k / 3 * 256 + p) * 3 + k % 3];
      sum += v;
      squares += v * v;
      difference += std::abs(v - pixels[((k / 3 + 1) % 3 * 256 + p) * 3 + k % 3]);
    }
    CHECK(squares / 256 - sum / 256 * sum / 256 > 0.01);
    CHECK(difference / 256 > 0.1);
  }
}

}  // namespace random_weights_tests
