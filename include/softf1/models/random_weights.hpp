// A network with random weights whose activations are normalised: a stand-in where no trained weights are at hand.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/layers/network.hpp>

namespace softf1::inline SOFTF1_ABI::models {

namespace detail {

/// Pictures of coloured waves, (count, size, size, 3) in [−1, 1]: what statistics are measured on.
inline std::vector<float> wave_images(std::size_t count, std::size_t size, std::uint64_t seed) {
  constexpr std::size_t waves = 6;
  std::vector<float> pixels;
  for (std::size_t i = 0; i < count; ++i) {
    random_stream const random(seed, random_purpose::initialise, ~std::uint64_t{0}, i);
    for (std::size_t y = 0; y < size; ++y)
      for (std::size_t x = 0; x < size; ++x)
        for (std::size_t c = 0; c < 3; ++c) {
          double sum = 0;
          for (std::size_t w = 0; w < waves; ++w) {
            std::size_t const at = 8 * w;
            // From one wave to a sixteenth of the image.
            double const frequency = std::exp2(4 * random.uniform(at)) * 6.283185307179586 / static_cast<double>(size);
            double const angle = 6.283185307179586 * random.uniform(at + 1);
            double const along = std::cos(angle) * static_cast<double>(x) + std::sin(angle) * static_cast<double>(y);
            sum += (2 * random.uniform(at + 2 + c) - 1) *
                   std::sin(frequency * along + 6.283185307179586 * random.uniform(at + 5));
          }
          pixels.push_back(static_cast<float>(std::tanh(sum)));
        }
  }
  return pixels;
}

}  // namespace detail

/// Draws all weights of a network with batch-norm anew, a pure function of the seed, and sets its running statistics so
/// that on pictures of coloured waves every normalised map has mean 0 and variance 1.
/// Cost: one pass over 8 images of 96 × 96.
template <class T>
void draw_random_weights(context<cpu>& ctx, layers::network<T, cpu>& net, std::uint64_t seed) {
  constexpr std::size_t count = 8, size = 96;
  auto blocks = net.blocks();
  for (auto& b : blocks)
    if (auto* norm = std::get_if<layers::batch_norm>(&b.layer))
      norm->momentum = 1, norm->policy = layers::norm_policy::batch;
  layers::network<T, cpu> measured(ctx, {size, size, 3}, std::move(blocks), seed);
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
