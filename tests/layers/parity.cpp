// The device computes what the host does: every layer of the table forward and backward, and networks of them.
#include "support/backends.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <algorithm>
#include <type_traits>
#include <variant>
#include <vector>

#include <softf1/layers/forward_plan.hpp>

#include "support/catch.hpp"
#include "support/layer_cases.hpp"
#include "support/parity.hpp"

namespace layers_parity_tests {

using namespace softf1_test;
using namespace softf1::layers;
using softf1::context;
using softf1::cpu;
using softf1::cuda;

// Outputs, gradient by the input, and each parameter with its gradient, after a forward pass and a backward pass.
template <class T, class B>
std::vector<std::vector<T>> passed(context<B>& ctx, layer_case const& c, pass<B> const& how, std::size_t batch) {
  bound_layer<T, B> layer(c);
  auto const x = layer_numbers<T>(batch * c.in.size(), 61, c.spread);
  auto const grad_y = layer_numbers<T>(batch * layer.out().size(), 62);
  std::vector<std::vector<T>> all{layer.forward(ctx, how, x), layer.backward(ctx, how, x, grad_y)};
  for (std::size_t k = 0; k < layer.parameters(); ++k) {
    all.push_back(layer.values(k));
    all.push_back(layer.gradients(k));
  }
  return all;
}

// The largest disparity of a batch. Layers without sums are the same to the bit, and so are dropout's masks.
template <class T>
double disparity_of(context<cpu>& host, context<cuda>& ctx, layer_case const& c, pass_mode mode, std::size_t batch) {
  auto const got = passed<T>(ctx, c, pass<cuda>{.mode = mode, .seed = 7}, batch);
  auto const expected = passed<T>(host, c, pass<cpu>{.mode = mode, .seed = 7}, batch);
  double most = 0;
  for (std::size_t k = 0; k < got.size(); ++k) most = std::max(most, disparity(got[k], expected[k]));
  return most;
}

template <class T>
double tolerance_of(layer_case const& c) {
  bool const exact = std::visit(
      []<class L>(L const&) {
        return std::is_same_v<L, dropout> || std::is_same_v<L, relu> || std::is_same_v<L, relu6>;
      },
      c.layer);
  return exact ? 0 : parity_tolerance<T>;
}

table blocks() {
  return {{convolution({.out = 12, .size = 3, .stride = 2}), "stem"},
          batch_norm{},
          {relu6{}, "start"},
          depthwise_convolution{},
          {batch_norm{}, "normed", {.add = "start"}},
          {convolution({.out = 12, .size = 3, .bias = true}), "mixed"},
          {convolution({.out = 12}), "side", {.input = "start", .add = "mixed"}},
          relu{},
          dropout({.rate = 0.3}),
          global_average_pool{},
          dense({.out = 6})};
}

constexpr sample_shape input{11, 9, 3};
constexpr std::size_t images = 67;

// First values; outputs, gradients and state of a step of training; outputs at inference, of network and forward plan.
template <class T, class B>
std::vector<std::vector<T>> trained(context<B>& ctx) {
  network<T, B> net(ctx, input, blocks(), 8);
  std::vector<std::vector<T>> all{download(ctx, net.parameters())};
  auto const x = upload(ctx, layer_numbers<T>(images * input.size(), 63));
  auto const slopes = upload(ctx, layer_numbers<T>(images * 6, 64));
  feature_maps<const T, B> const from(x.data(), {images, input.height, input.width, input.channels});
  pass<B> const how{.mode = pass_mode::training, .seed = 9};
  all.push_back(download(ctx, elements_of(net.forward(ctx, how, from))));
  net.backward(ctx, how, from, {slopes.data(), {images, 1, 1, 6}});
  all.push_back(download(ctx, net.gradients(ctx)));
  all.push_back(download(ctx, net.state()));
  all.push_back(download(ctx, elements_of(net.forward(ctx, {}, from))));
  softf1::buffer<T, B> y(ctx, images * 6);
  forward_plan<T, B>(ctx, net).run(ctx, from, y.matrix(images, 6));
  all.push_back(download(ctx, y));
  return all;
}

}  // namespace layers_parity_tests

TEMPLATE_TEST_CASE("layers compute forward and backward what they do on the host", "[layers][parity]", softf1::cuda) {
  using namespace layers_parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  for (auto const& c : layer_cases())
    for (auto mode : {pass_mode::inference, pass_mode::training})
      for (std::size_t batch : sizes{0, 1, 3, 70}) {
        // What batch-norm makes of one pixel a channel is rounding alone.
        if (batch == 1 && c.in.pixels() == 1) continue;
        INFO(c.name << (mode == pass_mode::training ? ", training" : ", inference") << ", batch of " << batch);
        CHECK(disparity_of<double>(host, ctx, c, mode, batch) <= tolerance_of<double>(c));
        CHECK(disparity_of<float>(host, ctx, c, mode, batch) <= tolerance_of<float>(c));
      }
}

TEMPLATE_TEST_CASE("batch-norm over many rows has the statistics of the host", "[layers][parity]", softf1::cuda) {
  using namespace layers_parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  // More than 64 chunks of 256 rows.
  layer_case const c{"", batch_norm({}), {4, 4, 2}};
  CHECK(disparity_of<double>(host, ctx, c, pass_mode::training, 1031) <= parity_tolerance<double>);
  CHECK(disparity_of<float>(host, ctx, c, pass_mode::training, 1031) <= parity_tolerance<float>);
}

TEMPLATE_TEST_CASE("networks begin, train and infer as on the host", "[layers][parity]", softf1::cuda) {
  using namespace layers_parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  char const* const what[] = {"first values", "outputs in training", "gradients", "state", "outputs", "of a plan"};
  auto const check = [&]<class T>(T) {
    auto const got = trained<T>(ctx), expected = trained<T>(host);
    for (std::size_t k = 0; k < got.size(); ++k) {
      INFO(what[k] << ", numbers of " << sizeof(T) << " bytes");
      // Rounding grows from layer to layer.
      CHECK(disparity(got[k], expected[k]) <= (k == 0 ? 0 : 10 * parity_tolerance<T>));
    }
  };
  check(0.0);
  check(0.0f);
}

#endif
