#include <softf1/layers/activations.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/layer_cases.hpp"

TEMPLATE_TEST_CASE("activations are those of their definitions", "[layers][activations]", SOFTF1_TEST_BACKENDS) {
  using namespace softf1_test;
  using namespace softf1::layers;
  softf1::context<TestType> ctx;
  std::vector<double> const x{-40, -3, -2, -0.5, 0, 1, 2.5, 3, 40};
  auto const logistic = [](double v) { return 1 / (1 + std::exp(-v)); };
  auto const hard = [](double v) { return std::fmin(std::fmax(v + 3, 0), 6) / 6; };
  struct {
    any_layer layer;
    std::vector<double> expected;
  } rows[] = {{swish{}, {}}, {hard_swish{}, {}}, {softf1::layers::sigmoid{}, {}}, {hard_sigmoid{}, {}}};
  for (double v : x) {
    rows[0].expected.push_back(v * logistic(v));
    rows[1].expected.push_back(v * hard(v));
    rows[2].expected.push_back(logistic(v));
    rows[3].expected.push_back(hard(v));
  }
  for (auto const& row : rows) {
    INFO(name_of(row.layer));
    bound_layer<double, TestType> layer({"", row.layer, {1, 1, x.size()}});
    auto const y = layer.forward(ctx, {}, x);
    for (std::size_t k = 0; k < x.size(); ++k) CHECK(y[k] == Approx(row.expected[k]).epsilon(1e-14));
    double const nan = std::numeric_limits<double>::quiet_NaN();
    bound_layer<double, TestType> one({"", row.layer, {1, 1, 1}});
    CHECK(std::isnan(one.forward(ctx, {}, {nan})[0]));
  }
}

TEST_CASE("activations have names", "[layers][activations]") {
  for (auto name : softf1::activation_names) CHECK(name_of(softf1::activation_named(name)) == name);
  CHECK(softf1_test::error_text<softf1::value_error>([] { softf1::activation_named("gelu"); }) ==
        "no activation is named 'gelu', there are none, relu, relu6, swish, hard_swish, sigmoid, hard_sigmoid");
}
