// A network with random weights whose activations are normalised: a stand-in where no trained weights are at hand.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/random.hpp>
#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

/// A wave across an image, and what it adds to each colour.
struct colour_wave {
  double frequency, right, down, phase;
  double amplitude[3];
  double at(std::size_t x, std::size_t y) const {
    return std::sin(frequency * (right * static_cast<double>(x) + down * static_cast<double>(y)) + phase);
  }
};

/// Wave `index` of a picture: from one length to a sixteenth of the picture.
inline colour_wave draw_wave(random_stream const& random, std::size_t index, std::size_t size) {
  constexpr double turn = 6.283185307179586;
  std::size_t const at = 8 * index;
  double const angle = turn * random.uniform(at + 1);
  colour_wave wave{std::exp2(4 * random.uniform(at)) * turn / static_cast<double>(size),
                   std::cos(angle),
                   std::sin(angle),
                   turn * random.uniform(at + 5),
                   {}};
  for (std::size_t c = 0; c < 3; ++c) wave.amplitude[c] = 2 * random.uniform(at + 2 + c) - 1;
  return wave;
}

/// Pictures of coloured waves, (count, size, size, 3) in [−1, 1]: what statistics are measured on.
inline std::vector<float> wave_images(std::size_t count, std::size_t size, std::uint64_t seed) {
  std::vector<float> pixels;
  pixels.reserve(count * size * size * 3);
  for (std::size_t i = 0; i < count; ++i) {
    random_stream const random(seed, random_purpose::initialise, ~std::uint64_t{0}, i);
    std::array<colour_wave, 6> waves;
    for (std::size_t w = 0; w < waves.size(); ++w) waves[w] = draw_wave(random, w, size);
    for (std::size_t y = 0; y < size; ++y)
      for (std::size_t x = 0; x < size; ++x) {
        double sum[3] = {};
        for (auto const& wave : waves) {
          double const height = wave.at(x, y);
          for (std::size_t c = 0; c < 3; ++c) sum[c] += wave.amplitude[c] * height;
        }
        for (double of_colour : sum) pixels.push_back(static_cast<float>(std::tanh(of_colour)));
      }
  }
  return pixels;
}

/// Four weights at once, uniform in ±bound: a block of random bits is four numbers.
template <class T>
struct draw_four {
  random_stream random;
  T bound;
  vector_view<T> values;
  SOFTF1_HD void operator()(std::size_t i) const {
    auto const block = random.block(i);
    for (std::size_t k = 0; k < 4 && 4 * i + k < values.size(); ++k)
      values(4 * i + k) = bound * (static_cast<T>(block.word[k] >> 8) * static_cast<T>(0x1p-23) - T(1));
  }
};

/// Weights uniform, of variance 2 / fan_in, and all else as its layer begins: batch-norm leaves nothing of a finer choice.
template <class T>
void draw_weights(context<cpu>& ctx, layers::network<T, cpu>& net, std::uint64_t seed) {
  for (std::size_t k = 0; k < net.named().size(); ++k) {
    auto const& p = net.named()[k];
    if (p.initial == layers::initialiser::zeros || p.initial == layers::initialiser::ones)
      layers::initialise<T>(p.initial, p.fan_in, p.fan_out, seed, k, p.values);
    else
      for_each(ctx, (p.size() + 3) / 4,
               draw_four<T>{random_stream(seed, random_purpose::initialise, k),
                            static_cast<T>(std::sqrt(6 / static_cast<double>(p.fan_in))), p.values});
  }
}

}  // namespace detail

/// Draws all weights of a network with batch-norm anew, a pure function of the seed, and sets its running statistics so
/// that on pictures of coloured waves every normalised map has mean 0 and variance 1.
/// Cost: a random number a weight, and one pass over 8 images of 96 × 96. The same bits for any number of threads.
template <class T>
void draw_random_weights(context<cpu>& ctx, layers::network<T, cpu>& net, std::uint64_t seed) {
  constexpr std::size_t count = 8, size = 96;
  auto blocks = net.blocks();
  for (auto& b : blocks)
    if (auto* norm = std::get_if<layers::batch_norm>(&b.layer))
      norm->momentum = 1, norm->policy = layers::norm_policy::batch;
  layers::network<T, cpu> measured(ctx, {size, size, 3}, std::move(blocks), std::nullopt);
  detail::draw_weights(ctx, measured, seed);
  auto const pixels = detail::wave_images(count, size, seed);
  std::vector<T> const x(pixels.begin(), pixels.end());
  measured.forward(ctx, {.mode = layers::pass_mode::training}, {x.data(), {count, size, size, 3}});
  copy(ctx, std::as_const(measured).parameters(), net.parameters());
  copy(ctx, std::as_const(measured).state(), net.state());
}

/// The same on another backend: drawn on the host, so that all backends get the same.
template <class T, class B>
void draw_random_weights(context<B>& ctx, layers::network<T, B>& net, std::uint64_t seed) {
  context<cpu> host;
  layers::network<T, cpu> drawn(host, net.input_shape(), net.blocks(), std::nullopt);
  draw_random_weights(host, drawn, seed);
  copy(ctx, std::as_const(drawn).parameters(), net.parameters());
  copy(ctx, std::as_const(drawn).state(), net.state());
}

}  // namespace softf1::inline SOFTF1_ABI::models
