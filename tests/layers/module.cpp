#include <softf1/layers/module.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/layer_cases.hpp"

// What holds for every layer.
namespace module_tests {

using namespace softf1_test;
using softf1::layers::pass;
using enum softf1::layers::pass_mode;

constexpr softf1::layers::pass_mode modes[] = {inference, training};

template <class T>
double sum_of_products(std::vector<T> const& a, std::vector<T> const& b) {
  long double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += static_cast<long double>(a[k]) * b[k];
  return static_cast<double>(sum);
}

double largest(std::vector<double> const& x) {
  double most = 0;
  for (double v : x) most = std::isnan(v) ? HUGE_VAL : std::max(most, std::fabs(v));
  return most;
}

// The largest error of `gradient` against central differences of value() in the numbers of `at`.
template <class Value>
double gradient_error(std::vector<double>& at, std::vector<double> const& gradient, Value const& value) {
  constexpr double step = 1e-5;
  std::vector<double> error(at.size());
  for (std::size_t k = 0; k < at.size(); ++k) {
    double const here = at[k];
    at[k] = here + step;
    double const above = value();
    at[k] = here - step;
    double const below = value();
    at[k] = here;
    error[k] = (above - below) / (2 * step) - gradient[k];
  }
  return largest(error) / std::max(1.0, largest(gradient));
}

template <class To, class From>
std::vector<To> converted(std::vector<From> const& x) {
  return std::vector<To>(x.begin(), x.end());
}

std::vector<double> minus(std::vector<double> a, std::vector<double> const& b) {
  for (std::size_t k = 0; k < a.size(); ++k) a[k] -= b[k];
  return a;
}

}  // namespace module_tests

TEST_CASE("every layer of the list is tested", "[layers]") {
  std::set<std::size_t> tested;
  for (auto const& c : softf1_test::layer_cases()) tested.insert(c.layer.index());
  CHECK(tested.size() == softf1::layers::all::size);
}

TEMPLATE_TEST_CASE("gradients of layers are those of differences", "[layers][gradient]", SOFTF1_TEST_BACKENDS) {
  using namespace module_tests;
  softf1::context<TestType> ctx;
  for (auto const& c : layer_cases())
    for (auto mode : modes) {
      INFO(c.name << (mode == training ? ", training" : ", inference"));
      bound_layer<double, TestType> layer(c);
      pass<TestType> const how{.mode = mode, .seed = 3};
      std::size_t const batch = 3;
      auto x = layer_numbers<double>(batch * c.in.size(), 11, c.spread);
      auto const grad_y = layer_numbers<double>(batch * layer.out().size(), 12);
      // Running statistics move with each pass in training, which does not look at them.
      auto const grad_x = layer.backward(ctx, how, x, grad_y);
      auto const value = [&] { return sum_of_products(layer.forward(ctx, how, x), grad_y); };
      CHECK(gradient_error(x, grad_x, value) <= 1e-6);
      for (std::size_t k = 0; k < layer.parameters(); ++k) {
        INFO("parameter " << layer.get().parameters()[k].name);
        if (layer.is_trained(k)) CHECK(gradient_error(layer.values(k), layer.gradients(k), value) <= 1e-6);
      }
    }
}

TEMPLATE_TEST_CASE("layers add to the gradients of their parameters, and need not give that of their input", "[layers]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace module_tests;
  softf1::context<TestType> ctx;
  for (auto const& c : layer_cases()) {
    INFO(c.name);
    bound_layer<double, TestType> once(c), twice(c);
    pass<TestType> const how{.mode = training};
    auto const x = layer_numbers<double>(2 * c.in.size(), 21, c.spread);
    auto const grad_y = layer_numbers<double>(2 * once.out().size(), 22);
    once.backward(ctx, how, x, grad_y);
    twice.backward(ctx, how, x, grad_y);
    twice.backward(ctx, how, x, grad_y, false);
    for (std::size_t k = 0; k < once.parameters(); ++k) {
      if (!once.is_trained(k)) continue;
      auto doubled = once.gradients(k);
      REQUIRE(largest(doubled) > 0);
      for (double& g : doubled) g *= 2;
      CHECK(largest(minus(doubled, twice.gradients(k))) <= 1e-12 * largest(doubled));
    }
  }
}

TEST_CASE("layers give the same bits for any number of threads", "[layers][threads]") {
  using namespace module_tests;
  for (auto c : layer_cases()) {
    INFO(c.name);
    // Wide enough to be shared out, and a multiple of each case's groups.
    c.in.channels += 60;
    std::size_t const batch = 90000 / c.in.size() + 1;
    auto const x = layer_numbers<float>(batch * c.in.size(), 31, c.spread);
    std::vector<std::vector<float>> expected;
    for (int threads : {1, 2, 3, 8}) {
      INFO(threads << " threads");
      softf1::context<softf1::cpu> ctx({.threads = threads});
      bound_layer<float> layer(c);
      auto const grad_y = layer_numbers<float>(batch * layer.out().size(), 32);
      pass<softf1::cpu> const how{.mode = training, .seed = 9};
      std::vector<std::vector<float>> got{layer.forward(ctx, how, x), layer.backward(ctx, how, x, grad_y)};
      for (std::size_t k = 0; k < layer.parameters(); ++k) {
        got.push_back(layer.values(k));
        got.push_back(layer.gradients(k));
      }
      if (threads == 1) expected = got;
      CHECK(got == expected);
    }
  }
}

TEMPLATE_TEST_CASE("at inference a batch is its halves", "[layers]", SOFTF1_TEST_BACKENDS) {
  using namespace module_tests;
  softf1::context<TestType> ctx;
  for (auto const& c : layer_cases()) {
    INFO(c.name);
    bound_layer<double, TestType> layer(c);
    auto const x = layer_numbers<double>(5 * c.in.size(), 41, c.spread);
    auto const middle = x.begin() + static_cast<std::ptrdiff_t>(2 * c.in.size());
    auto halves = layer.forward(ctx, {}, {x.begin(), middle});
    auto const second = layer.forward(ctx, {}, {middle, x.end()});
    halves.insert(halves.end(), second.begin(), second.end());
    CHECK(largest(minus(layer.forward(ctx, {}, x), halves)) <= 1e-14 * c.spread);
  }
}

TEMPLATE_TEST_CASE("layers of float agree with those of double", "[layers]", SOFTF1_TEST_BACKENDS) {
  using namespace module_tests;
  softf1::context<TestType> ctx;
  for (auto const& c : layer_cases())
    for (auto mode : modes) {
      INFO(c.name << (mode == training ? ", training" : ", inference"));
      bound_layer<double, TestType> wide(c);
      bound_layer<float, TestType> narrow(c);
      pass<TestType> const how{.mode = mode, .seed = 4};
      auto const x = layer_numbers<double>(4 * c.in.size(), 51, c.spread);
      auto const grad_y = layer_numbers<double>(4 * wide.out().size(), 52);
      auto const fx = converted<float>(x), fg = converted<float>(grad_y);
      auto const y = wide.forward(ctx, how, x);
      CHECK(largest(minus(converted<double>(narrow.forward(ctx, how, fx)), y)) <= 2e-6 * std::max(1.0, largest(y)));
      auto const grad_x = wide.backward(ctx, how, x, grad_y);
      auto const narrow_grad = converted<double>(narrow.backward(ctx, how, fx, fg));
      CHECK(largest(minus(narrow_grad, grad_x)) <= 1e-5 * std::max(1.0, largest(grad_x)));
      for (std::size_t k = 0; k < wide.parameters(); ++k)
        CHECK(largest(minus(converted<double>(narrow.gradients(k)), wide.gradients(k))) <=
              1e-5 * std::max(1.0, largest(wide.gradients(k))));
    }
}

TEMPLATE_TEST_CASE("empty batches change nothing", "[layers]", SOFTF1_TEST_BACKENDS) {
  using namespace module_tests;
  softf1::context<TestType> ctx;
  for (auto const& c : layer_cases())
    for (auto mode : modes) {
      INFO(c.name << (mode == training ? ", training" : ", inference"));
      bound_layer<double, TestType> layer(c), untouched(c);
      CHECK(layer.forward(ctx, {.mode = mode}, {}).empty());
      layer.backward(ctx, {.mode = mode}, {}, {});
      for (std::size_t k = 0; k < layer.parameters(); ++k) {
        CHECK(layer.values(k) == untouched.values(k));
        CHECK(largest(layer.gradients(k)) == 0);
      }
    }
}

TEST_CASE("layers say what they give", "[layers]") {
  using namespace softf1::layers;
  using enum padding;
  struct {
    any_layer layer;
    sample_shape in, out;
  } const table[] = {
      {dense({.out = 7}), {1, 1, 5}, {1, 1, 7}},
      {dense({.out = 7}), {3, 2, 5}, {3, 2, 7}},
      {convolution({.out = 7}), {5, 4, 3}, {5, 4, 7}},
      {convolution({.out = 7, .size = 3, .stride = 2}), {5, 4, 3}, {3, 2, 7}},
      {convolution({.out = 7, .size = 3, .stride = 2, .padding = symmetric}), {5, 4, 3}, {3, 2, 7}},
      {convolution({.out = 7, .size = 3, .stride = 2, .padding = valid}), {5, 4, 3}, {2, 1, 7}},
      {depthwise_convolution({.stride = 2}), {7, 8, 3}, {4, 4, 3}},
      {batch_norm{}, {5, 4, 3}, {5, 4, 3}},
      {relu{}, {5, 4, 3}, {5, 4, 3}},
      {relu6{}, {5, 4, 3}, {5, 4, 3}},
      {dropout{}, {5, 4, 3}, {5, 4, 3}},
      {global_average_pool{}, {5, 4, 3}, {1, 1, 3}},
      {convolution({.out = 8, .size = 3, .groups = 2, .dilation = 2}), {5, 4, 6}, {5, 4, 8}},
      {convolution({.out = 7, .size = 3, .padding = valid, .dilation = 2}), {5, 6, 3}, {1, 2, 7}},
      {convolution({.out = 7, .size = 3, .zeros = zero_border{1, 0, 2, 2}}), {5, 4, 3}, {4, 6, 7}},
      {max_pool{}, {5, 4, 3}, {2, 2, 3}},
      {max_pool({.size = 3, .padding = symmetric}), {5, 4, 3}, {3, 2, 3}},
      {max_pool({.size = 3, .padding = symmetric, .count_padding = true}), {5, 4, 3}, {3, 2, 3}},
      {average_pool({.size = 3, .stride = 1, .zeros = zero_border{2, 2, 0, 0}}), {5, 4, 3}, {7, 2, 3}},
      {flatten{}, {5, 4, 3}, {1, 1, 60}},
      {layer_norm{}, {5, 4, 3}, {5, 4, 3}},
      {swish{}, {5, 4, 3}, {5, 4, 3}},
      {squeeze_excite{}, {5, 4, 3}, {5, 4, 3}},
  };
  for (auto const& row : table) {
    INFO(name_of(row.layer) << " of " << shape_text(row.in));
    auto const made =
        std::visit([&](auto const& l) { return l.template make<double, softf1::cpu>(row.in); }, row.layer);
    CHECK(made->output_shape() == row.out);
  }
}

TEST_CASE("layers refuse options that make no sense", "[layers][errors]") {
  using namespace softf1::layers;
  struct {
    any_layer layer;
    std::string error;
  } const table[] = {
      {dense({.out = 0}), "dense: out must be at least 1, got 0"},
      {convolution({.out = 0}), "convolution: out must be at least 1, got 0"},
      {convolution({.size = 0}), "convolution: size and stride must be at least 1"},
      {convolution({.stride = 0}), "convolution: size and stride must be at least 1"},
      {convolution({.size = 6, .padding = padding::valid}), "convolution: the window is 6 wide, the image only 5"},
      {depthwise_convolution({.stride = 0}), "convolution: size and stride must be at least 1"},
      {depthwise_convolution({.size = 2, .padding = padding::symmetric}),
       "convolution: the window is 2 wide, the image only 1"},
      {dropout({.rate = 1}), "dropout: rate must be in [0, 1), got 1"},
      {dropout({.rate = -0.5}), "dropout: rate must be in [0, 1), got -0.5"},
      {dropout({.rate = std::nan("")}), "dropout: rate must be in [0, 1), got nan"},
      {batch_norm({.epsilon = 0}), "batch_norm: epsilon must be > 0, got 0"},
      {layer_norm({.epsilon = -1}), "layer_norm: epsilon must be > 0, got -1"},
      {convolution({.out = 4, .groups = 3}), "convolution: groups must divide the channels, 2, and out, 4, got 3"},
      {convolution({.out = 3, .groups = 2}), "convolution: groups must divide the channels, 2, and out, 3, got 2"},
      {convolution({.groups = 0}), "convolution: groups must divide the channels, 2, and out, 1, got 0"},
      {convolution({.dilation = 0}), "convolution: dilation must be at least 1, got 0"},
      {convolution({.size = 3, .padding = padding::valid, .dilation = 3}),
       "convolution: the window is 7 wide, the image only 5"},
      {convolution({.size = 3, .zeros = zero_border{0, 3, 0, 0}}),
       "convolution: zeros must be fewer than the window is wide, 3, got 3"},
      {max_pool({.stride = 0}), "max_pool: size and stride must be at least 1"},
      {average_pool({.size = 6}), "average_pool: the window is 6 wide, the image only 5"},
      {squeeze_excite({.reduced = 0}), "squeeze_excite: reduced must be at least 1, got 0"},
      {squeeze_excite({.inner = softf1::activation::sigmoid}),
       "squeeze_excite: inner must be relu or swish, got sigmoid"},
      {squeeze_excite({.gate = softf1::activation::relu}),
       "squeeze_excite: gate must be sigmoid or hard_sigmoid, got relu"},
  };
  for (auto const& row : table) {
    sample_shape const in = row.error.ends_with("only 1") ? sample_shape{1, 5, 2} : sample_shape{5, 5, 2};
    auto const text = softf1_test::error_text<softf1::value_error>(
        [&] { std::visit([&](auto const& l) { l.template make<double, softf1::cpu>(in); }, row.layer); });
    CHECK(text == row.error);
  }
}
