#include <softf1/layers/convolution.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/layer_cases.hpp"
#include "support/naive_convolution.hpp"

namespace convolution_tests {

using namespace softf1_test;
using namespace softf1::layers;

struct case_of_convolution {
  std::size_t height, width, size, stride;
  padding pad;
};

std::vector<case_of_convolution> cases() {
  std::vector<case_of_convolution> all;
  for (padding pad : {padding::tensorflow_same, padding::symmetric, padding::valid})
    for (std::size_t size : sizes{1, 2, 3, 5})
      for (std::size_t stride : sizes{1, 2, 3})
        for (auto [height, width] : {std::pair<std::size_t, std::size_t>{6, 7}, {5, 8}, {1, 5}, {2, 2}}) {
          std::size_t const zeros = pad == padding::symmetric ? (size - 1) / 2 * 2 : 0;
          bool const fits = pad == padding::tensorflow_same || (height + zeros >= size && width + zeros >= size);
          if (fits) all.push_back({height, width, size, stride, pad});
        }
  return all;
}

std::string text(case_of_convolution const& c) {
  return std::to_string(c.height) + " x " + std::to_string(c.width) + ", window " + std::to_string(c.size) + " / " +
         std::to_string(c.stride) + ", " + std::string(name_of(c.pad));
}

zeros_around zeros_of(case_of_convolution const& c) {
  if (c.pad == padding::tensorflow_same) return tensorflow_zeros(c.height, c.width, c.size, c.stride);
  std::size_t const each = c.pad == padding::symmetric ? (c.size - 1) / 2 : 0;
  return {each, each, each, each};
}

// Weights (taps, C, F) as the layer has them, to OIHW.
std::vector<double> oihw(std::vector<double> const& w, std::size_t taps, std::size_t in, std::size_t out) {
  std::vector<double> to(w.size());
  for (std::size_t t = 0; t < taps; ++t)
    for (std::size_t c = 0; c < in; ++c)
      for (std::size_t f = 0; f < out; ++f) to[(f * in + c) * taps + t] = w[(t * in + c) * out + f];
  return to;
}

double largest_difference(std::vector<double> const& a, std::vector<double> const& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double most = 0;
  for (std::size_t k = 0; k < a.size(); ++k) most = std::max(most, std::fabs(a[k] - b[k]));
  return most;
}

}  // namespace convolution_tests

TEMPLATE_TEST_CASE("convolutions are those of the definition", "[layers][convolution]", SOFTF1_TEST_BACKENDS) {
  using namespace convolution_tests;
  softf1::context<TestType> ctx;
  constexpr std::size_t in = 3, out = 4, images = 2;
  for (auto const& c : cases()) {
    INFO(text(c));
    bound_layer<double, TestType> layer(
        {"",
         convolution({.out = out, .size = c.size, .stride = c.stride, .padding = c.pad, .bias = true}),
         {c.height, c.width, in}});
    auto const x = layer_numbers<double>(images * c.height * c.width * in, 3);
    auto const expected = naive_convolution(x, {images, c.height, c.width, in}, zeros_of(c), c.stride,
                                            oihw(layer.values(0), c.size * c.size, in, out), layer.values(1), c.size);
    CHECK(largest_difference(layer.forward(ctx, {}, x), expected) <= 1e-13);
  }
}

TEMPLATE_TEST_CASE("convolutions of groups and of wide taps are plain ones with zeros among their weights",
                   "[layers][convolution]", SOFTF1_TEST_BACKENDS) {
  using namespace convolution_tests;
  softf1::context<TestType> ctx;
  constexpr std::size_t in = 6, out = 4, images = 2, height = 8, width = 7;
  struct {
    std::size_t size, stride, dilation, groups;
    zero_border zeros;
  } const cases[] = {{3, 1, 2, 1, {2, 2, 2, 2}}, {3, 2, 2, 2, {1, 3, 0, 2}}, {2, 1, 3, 2, {0, 0, 3, 1}},
                     {3, 2, 1, 2, {1, 0, 2, 1}}, {1, 1, 1, 2, {}},           {1, 2, 1, 2, {}}};
  for (auto const& c : cases) {
    INFO("size " << c.size << " / " << c.stride << ", dilation " << c.dilation << ", groups " << c.groups);
    bound_layer<double, TestType> layer({"",
                                         convolution({.out = out,
                                                      .size = c.size,
                                                      .stride = c.stride,
                                                      .bias = true,
                                                      .groups = c.groups,
                                                      .dilation = c.dilation,
                                                      .zeros = c.zeros}),
                                         {height, width, in}});
    auto const x = layer_numbers<double>(images * height * width * in, 3);
    std::size_t const reach = (c.size - 1) * c.dilation + 1, of_group = in / c.groups;
    std::vector<double> wide(out * in * reach * reach);
    for (std::size_t a = 0; a < c.size; ++a)
      for (std::size_t b = 0; b < c.size; ++b)
        for (std::size_t k = 0; k < of_group; ++k)
          for (std::size_t f = 0; f < out; ++f) {
            std::size_t const channel = f / (out / c.groups) * of_group + k;
            wide[((f * in + channel) * reach + a * c.dilation) * reach + b * c.dilation] =
                layer.values(0)[((a * c.size + b) * of_group + k) * out + f];
          }
    zeros_around const zeros{c.zeros.top, c.zeros.bottom, c.zeros.left, c.zeros.right};
    auto const expected =
        naive_convolution(x, {images, height, width, in}, zeros, c.stride, wide, layer.values(1), reach);
    CHECK(largest_difference(layer.forward(ctx, {}, x), expected) <= 1e-13);
  }
}

TEMPLATE_TEST_CASE("depthwise convolutions are those of the definition", "[layers][convolution]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace convolution_tests;
  softf1::context<TestType> ctx;
  constexpr std::size_t channels = 3, images = 2;
  for (auto const& c : cases()) {
    INFO(text(c));
    bound_layer<double, TestType> layer({"",
                                         depthwise_convolution({.size = c.size, .stride = c.stride, .padding = c.pad}),
                                         {c.height, c.width, channels}});
    auto const x = layer_numbers<double>(images * c.height * c.width * channels, 3);
    // A convolution over all channels whose weights from one channel to another are 0.
    std::size_t const taps = c.size * c.size;
    std::vector<double> weights(channels * channels * taps);
    for (std::size_t t = 0; t < taps; ++t)
      for (std::size_t k = 0; k < channels; ++k)
        weights[(k * channels + k) * taps + t] = layer.values(0)[t * channels + k];
    auto const expected = naive_convolution(x, {images, c.height, c.width, channels}, zeros_of(c), c.stride, weights,
                                            std::vector<double>(channels), c.size);
    CHECK(largest_difference(layer.forward(ctx, {}, x), expected) <= 1e-13);
  }
}

TEMPLATE_TEST_CASE("a convolution of a large batch goes piece by piece", "[layers][convolution]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace convolution_tests;
  softf1::context<TestType> ctx;
  // 36 windows of 9 · 512 elements: 25 images a piece.
  layer_case const c{"", convolution({.out = 2, .size = 3}), {6, 6, 512}};
  bound_layer<double, TestType> all(c), parts(c);
  std::size_t const images = 29, cut = 7;
  auto const x = layer_numbers<double>(images * c.in.size(), 5);
  auto const grad_y = layer_numbers<double>(images * all.out().size(), 6);
  auto const split = [](std::vector<double> const& of, std::size_t at) {
    auto const middle = of.begin() + static_cast<std::ptrdiff_t>(at);
    return std::pair{std::vector<double>(of.begin(), middle), std::vector<double>(middle, of.end())};
  };
  auto const [x0, x1] = split(x, cut * c.in.size());
  auto const [g0, g1] = split(grad_y, cut * all.out().size());
  auto y = parts.forward(ctx, {}, x0), grad_x = parts.backward(ctx, {}, x0, g0);
  auto const y1 = parts.forward(ctx, {}, x1), grad_x1 = parts.backward(ctx, {}, x1, g1);
  y.insert(y.end(), y1.begin(), y1.end());
  grad_x.insert(grad_x.end(), grad_x1.begin(), grad_x1.end());
  CHECK(largest_difference(all.forward(ctx, {}, x), y) <= 1e-11);
  CHECK(largest_difference(all.backward(ctx, {}, x, grad_y), grad_x) <= 1e-12);
  CHECK(largest_difference(all.gradients(0), parts.gradients(0)) <= 1e-11);
}
