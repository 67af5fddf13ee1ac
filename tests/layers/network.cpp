#include <softf1/layers/network.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/layer_cases.hpp"

namespace network_tests {

using namespace softf1_test;
using namespace softf1::layers;
using softf1::context;
using ids = std::vector<std::uint64_t>;
using enum pass_mode;

constexpr sample_shape input{6, 5, 3};

// Blocks that add others, twice in a row; a branch, read by two; dropout; a block that is both read and added.
table residual_blocks() {
  return {{convolution({.out = 4, .size = 3, .stride = 2}), "stem"},
          {batch_norm{}, "norm"},
          {relu6{}, "start"},
          {depthwise_convolution{}, "depthwise"},
          {batch_norm{}, "norm_2", {.add = "start"}},
          {convolution({.out = 4, .bias = true}), "mixed", {.add = "norm_2"}},
          {dropout({.rate = 0.3}), "drop"},
          {convolution({.out = 4}), "side", {.input = "start", .add = "drop"}},
          {relu{}, "end", {.add = "side"}},
          {global_average_pool{}, "pool"},
          {dense({.out = 5}), "head"}};
}

// Samples of one shape on backend B.
template <class T, class B>
struct samples_on {
  softf1::buffer<T, B> memory;
  sample_shape shape;

  samples_on(context<B>& ctx, std::vector<T> const& x, sample_shape s) : memory(upload(ctx, x)), shape(s) {}
  feature_maps<const T, B> maps() const {
    return {memory.data(), {memory.size() / shape.size(), shape.height, shape.width, shape.channels}};
  }
};

// Parameters other than the first ones, so that no scale is 1 and no shift 0.
template <class T, class B>
void disturb(context<B>& ctx, network<T, B>& net, std::uint64_t seed) {
  auto values = download(ctx, net.parameters());
  auto const by = layer_numbers<double>(values.size(), seed, 0.3);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] += static_cast<T>(by[k]);
  upload_to(ctx, values, net.parameters());
}

template <class T, class B>
std::vector<T> outputs(network<T, B>& net, context<B>& ctx, pass<B> const& how, std::vector<T> const& x) {
  samples_on<T, B> const in(ctx, x, net.input_shape());
  return download(ctx, elements_of(net.forward(ctx, how, in.maps())));
}

}  // namespace network_tests

TEMPLATE_TEST_CASE("gradients of a network with residuals and branches are those of differences",
                   "[layers][network][gradient]", SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  for (auto mode : {inference, training}) {
    INFO((mode == training ? "training" : "inference"));
    network<double, TestType> net(ctx, input, residual_blocks(), 1);
    disturb(ctx, net, 2);
    pass<TestType> const how{.mode = mode, .seed = 4};
    auto const grad_y = layer_numbers<double>(4 * 5, 6);
    samples_on<double, TestType> const x(ctx, layer_numbers<double>(4 * input.size(), 5), input);
    samples_on<double, TestType> const slopes(ctx, grad_y, net.output_shape());
    auto const loss = [&] {
      auto const y = download(ctx, elements_of(net.forward(ctx, how, x.maps())));
      double sum = 0;
      for (std::size_t k = 0; k < y.size(); ++k) sum += y[k] * grad_y[k];
      return sum;
    };
    loss();
    net.backward(ctx, how, x.maps(), slopes.maps());
    auto const once = download(ctx, net.gradients(ctx));
    auto values = download(ctx, net.parameters());
    auto const loss_with = [&](std::size_t k, double value) {
      double const before = std::exchange(values[k], value);
      upload_to(ctx, values, net.parameters());
      values[k] = before;
      return loss();
    };
    double worst = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      constexpr double step = 1e-6;
      double const above = loss_with(k, values[k] + step), below = loss_with(k, values[k] - step);
      worst = std::max(worst, std::fabs((above - below) / (2 * step) - once[k]));
    }
    CHECK(worst <= 1e-7);
    // Once more: gradients add.
    upload_to(ctx, values, net.parameters());
    loss();
    net.backward(ctx, how, x.maps(), slopes.maps());
    auto const twice = download(ctx, net.gradients(ctx));
    double off = 0, most = 0;
    for (std::size_t k = 0; k < once.size(); ++k) {
      off = std::max(off, std::fabs(twice[k] - 2 * once[k]));
      most = std::max(most, std::fabs(once[k]));
    }
    CHECK(off <= 1e-13 * most);
  }
}

TEMPLATE_TEST_CASE("frozen arrays have a gradient of 0, and the others that of a network without frozen ones",
                   "[layers][network]", SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  pass<TestType> const how{.mode = training, .seed = 4};
  samples_on<double, TestType> const x(ctx, layer_numbers<double>(4 * input.size(), 5), input);
  samples_on<double, TestType> const slopes(ctx, layer_numbers<double>(4 * 5, 6), {1, 1, 5});
  network<double, TestType> net(ctx, input, residual_blocks(), 1);
  auto const gradients = [&] {
    softf1::fill(ctx, net.gradients(ctx), 0);
    net.forward(ctx, how, x.maps());
    net.backward(ctx, how, x.maps(), slopes.maps());
    return download(ctx, net.gradients(ctx));
  };
  auto const all = gradients();
  struct {
    std::string frozen;  // beginnings of names
    std::size_t first;   // the first block that needs a gradient
  } const rows[] = {{"-", 0},
                    {"stem", 1},
                    {"stem norm", 3},
                    {"stem norm depthwise mixed side", 10},
                    {"head", 0},
                    {"norm_2.weight mixed.bias", 0},
                    {"stem norm depthwise mixed side head", 11}};
  for (auto const& row : rows) {
    INFO("frozen: " << row.frozen);
    auto const is_frozen = [&](std::string const& name) {
      for (auto const& begin : {name, name.substr(0, name.find('.')), name.substr(0, name.find('_'))})
        if ((" " + row.frozen + " ").find(" " + begin + " ") != std::string::npos) return true;
      return false;
    };
    net.freeze(is_frozen);
    auto const got = gradients();
    std::size_t at = 0;
    for (auto const& p : net.named()) {
      if (p.role == parameter_role::state) {
        CHECK_FALSE(p.trained);
        continue;
      }
      INFO(p.name);
      CHECK(p.trained == !is_frozen(p.name));
      for (std::size_t end = at + p.size(); at < end; ++at) CHECK(got[at] == (p.trained ? all[at] : 0));
    }
    for (std::size_t i = 0; i < net.nodes().size(); ++i) CHECK(net.needs_gradient(i) == (i >= row.first));
  }
}

TEMPLATE_TEST_CASE("arrays of a network tile its flat buffers", "[layers][network]", SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  network<float, TestType> net(ctx, input, residual_blocks(), 1);
  net.gradients(ctx);
  std::vector<std::string> names;
  float const* next[2] = {net.parameters().data(), net.state().data()};
  float const* gradient = net.gradients(ctx).data();
  for (std::size_t k = 0; k < net.named().size(); ++k) {
    auto const& p = net.named()[k];
    INFO(p.name);
    names.push_back(p.name);
    auto*& at = next[p.role == parameter_role::state];
    CHECK(p.values.data() == at);
    CHECK(p.values.size() == p.size());
    at += p.size();
    if (p.role == parameter_role::trained) {
      CHECK(p.gradients.data() == gradient);
      CHECK(p.gradients.size() == p.size());
      gradient += p.size();
    }
    CHECK(p.name.starts_with(net.nodes()[net.owner(k)].name + "."));
  }
  CHECK(next[0] == net.parameters().data() + net.parameters().size());
  CHECK(next[1] == net.state().data() + net.state().size());
  CHECK(gradient == net.gradients(ctx).data() + net.parameters().size());
  CHECK(net.state().size() == 16);
  CHECK(names == std::vector<std::string>{"stem.weight", "norm.weight", "norm.bias", "norm.running_mean",
                                          "norm.running_var", "depthwise.weight", "norm_2.weight", "norm_2.bias",
                                          "norm_2.running_mean", "norm_2.running_var", "mixed.weight", "mixed.bias",
                                          "side.weight", "head.weight", "head.bias"});
}

TEMPLATE_TEST_CASE("first values of a network are a function of its seed", "[layers][network]", SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  auto const values = [&](std::uint64_t seed) {
    network<float, TestType> net(ctx, input, residual_blocks(), seed);
    return download(ctx, net.parameters());
  };
  auto const first = values(1);
  CHECK(values(1) == first);
  CHECK(values(2) != first);
  network<float, TestType> net(ctx, input, residual_blocks(), 2);
  net.initialise(ctx, 1);
  CHECK(download(ctx, net.parameters()) == first);
  auto const state = download(ctx, net.state());
  for (std::size_t k = 0; k < 8; ++k) CHECK(state[k] == (k < 4 ? 0 : 1));
}

TEMPLATE_TEST_CASE("passes in training can be repeated, and differ by epoch and place", "[layers][network]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  network<float, TestType> net(ctx, {1, 1, 8}, {dense({.out = 40}), dropout{}, dense({.out = 3})}, 1);
  auto const x = layer_numbers<float>(4 * 8, 3);
  ids const rows{10, 11, 12, 13}, others{10, 11, 12, 14};
  auto const run = [&](ids const& of, std::uint64_t epoch, std::uint64_t seed, std::size_t first = 0) {
    std::vector<float> const part(x.begin() + static_cast<std::ptrdiff_t>(first * 8),
                                  x.begin() + static_cast<std::ptrdiff_t>((first + of.size()) * 8));
    auto const epochs = upload(ctx, ids{epoch}), places = upload(ctx, of);
    return outputs(net, ctx, {.mode = training, .seed = seed, .epoch = epochs.view(), .places = places.view()}, part);
  };
  auto const whole = run(rows, 0, 1);
  CHECK(run(rows, 0, 1) == whole);
  CHECK(run(rows, 1, 1) != whole);
  CHECK(run(rows, 0, 2) != whole);
  auto const other = run(others, 0, 1);
  CHECK(std::equal(other.begin(), other.begin() + 9, whole.begin()));
  CHECK_FALSE(std::equal(other.begin() + 9, other.end(), whole.begin() + 9));
  // Micro-batches of the same rows.
  auto parts = run({10}, 0, 1);
  auto const second = run({11, 12, 13}, 0, 1, 1);
  parts.insert(parts.end(), second.begin(), second.end());
  for (std::size_t k = 0; k < whole.size(); ++k) CHECK(parts[k] == Approx(whole[k]).margin(1e-6));
}

TEST_CASE("a training step has the same bits for any number of threads", "[layers][network][threads]") {
  using namespace network_tests;
  constexpr sample_shape large{24, 20, 3};
  auto const x = layer_numbers<float>(9 * large.size(), 3), grad_y = layer_numbers<float>(9 * 5, 4);
  std::vector<float> expected;
  for (int threads : {1, 2, 3, 8}) {
    INFO(threads << " threads");
    context<softf1::cpu> ctx({.threads = threads});
    network<float> net(ctx, large, residual_blocks(), 1);
    pass<softf1::cpu> const how{.mode = training, .seed = 7};
    samples_on<float, softf1::cpu> const in(ctx, x, large), slopes(ctx, grad_y, net.output_shape());
    auto got = download(ctx, elements_of(net.forward(ctx, how, in.maps())));
    net.backward(ctx, how, in.maps(), slopes.maps());
    for (auto const& more : {download(ctx, net.gradients(ctx)), download(ctx, net.state())})
      got.insert(got.end(), more.begin(), more.end());
    if (threads == 1) expected = got;
    CHECK(got == expected);
  }
}

TEMPLATE_TEST_CASE("batches of any size follow each other", "[layers][network]", SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  network<double, TestType> net(ctx, input, residual_blocks(), 1);
  auto const x = layer_numbers<double>(5 * input.size(), 3);
  auto const all = outputs(net, ctx, {}, x);
  for (std::size_t n : sizes{2, 5, 0, 3}) {
    auto const y = outputs(net, ctx, {}, {x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n * input.size())});
    REQUIRE(y.size() == 5 * n);
    for (std::size_t k = 0; k < y.size(); ++k) CHECK(y[k] == Approx(all[k]).margin(1e-13));
  }
}

TEMPLATE_TEST_CASE("an empty batch gives empty outputs and gradients of 0", "[layers][network]", SOFTF1_TEST_BACKENDS) {
  using namespace network_tests;
  context<TestType> ctx;
  network<double, TestType> net(ctx, input, residual_blocks(), 1);
  pass<TestType> const how{.mode = training};
  CHECK(net.forward(ctx, how, {nullptr, {0, 6, 5, 3}}).size() == 0);
  net.backward(ctx, how, {nullptr, {0, 6, 5, 3}}, {nullptr, {0, 1, 1, 5}});
  for (double g : download(ctx, net.gradients(ctx))) CHECK_FALSE(g != 0);
  for (double v : download(ctx, net.state())) CHECK_FALSE(std::isnan(v));
}

TEST_CASE("networks refuse what does not fit", "[layers][network][errors]") {
  using namespace network_tests;
  context<softf1::cpu> ctx;
  auto const made = [&](sample_shape in, table const& blocks) {
    return error_text<softf1::error>([&] { network<float>(ctx, in, blocks); });
  };
  CHECK(made({1, 1, 3}, {{dense({.out = 4}), "a"}, {dense({.out = 5}), "b", {.add = "a"}}}) ==
        "network: block 'b' of shape (1, 1, 5) cannot add 'a' of shape (1, 1, 4)");
  CHECK(made({0, 5, 3}, {global_average_pool{}}) == "network: the input must not be empty, got shape (0, 5, 3)");
  CHECK(made({1, 1, 3}, {dense({.out = 0})}) == "dense: out must be at least 1, got 0");

  network<float> net(ctx, input, residual_blocks());
  std::vector<float> const x(2 * input.size());
  CHECK(error_text<softf1::shape_error>([&] { net.forward(ctx, {}, {x.data(), {2, 5, 6, 3}}); }) ==
        "network: x must have shape (2, 6, 5, 3), got (2, 5, 6, 3)");
  net.forward(ctx, {}, {x.data(), {2, 6, 5, 3}});
  CHECK(error_text<softf1::shape_error>([&] {
          net.backward(ctx, {}, {x.data(), {2, 6, 5, 3}}, {x.data(), {2, 1, 1, 4}});
        }) == "network: grad_y must have shape (2, 1, 1, 5), got (2, 1, 1, 4)");
}
