#include <cmath>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/layer_cases.hpp"

TEMPLATE_TEST_CASE("squeeze and excitation scales channels by gates from their means", "[layers][squeeze_excite]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace softf1_test;
  using namespace softf1::layers;
  softf1::context<TestType> ctx;
  constexpr std::size_t channels = 3, reduced = 2, pixels = 4;
  bound_layer<double, TestType> layer(
      {"",
       squeeze_excite(
           {.reduced = reduced, .inner = softf1::activation::swish, .gate = softf1::activation::hard_sigmoid}),
       {2, 2, channels}});
  auto const x = layer_numbers<double>(2 * pixels * channels, 3, 4);
  auto const y = layer.forward(ctx, {}, x);
  for (std::size_t image = 0; image < 2; ++image) {
    double mean[channels] = {}, hidden[reduced] = {};
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t c = 0; c < channels; ++c) mean[c] += x[(image * pixels + p) * channels + c] / pixels;
    for (std::size_t r = 0; r < reduced; ++r) {
      hidden[r] = layer.values(1)[r];
      for (std::size_t c = 0; c < channels; ++c) hidden[r] += mean[c] * layer.values(0)[c * reduced + r];
      hidden[r] /= 1 + std::exp(-hidden[r]);
    }
    for (std::size_t c = 0; c < channels; ++c) {
      double gate = layer.values(3)[c];
      for (std::size_t r = 0; r < reduced; ++r) gate += hidden[r] * layer.values(2)[r * channels + c];
      gate = std::fmin(std::fmax(gate + 3, 0), 6) / 6;
      for (std::size_t p = 0; p < pixels; ++p) {
        std::size_t const at = (image * pixels + p) * channels + c;
        CHECK(y[at] == Approx(x[at] * gate).margin(1e-14));
      }
    }
  }
}

TEMPLATE_TEST_CASE("layer-norm is over the channels of each pixel", "[layers][layer_norm]", SOFTF1_TEST_BACKENDS) {
  using namespace softf1_test;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer({"", softf1::layers::layer_norm({.epsilon = 0.01}), {1, 2, 4}});
  // Means 3 and 0; squares 4 + 1 + 0 + 9 and 0.
  auto const y = layer.forward(ctx, {}, {1, 2, 3, 6, 0, 0, 0, 0});
  double const centred[] = {-2, -1, 0, 3};
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(y[c] == Approx(centred[c] / std::sqrt(3.5 + 0.01) * layer.values(0)[c] + layer.values(1)[c]).epsilon(1e-13));
    CHECK(y[4 + c] == layer.values(1)[c]);
  }
}
