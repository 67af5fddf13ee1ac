#include <softf1/layers/batch_norm.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "support/layer_cases.hpp"

namespace batch_norm_tests {

using namespace softf1_test;
using enum softf1::layers::pass_mode;

constexpr double epsilon = 0.01, momentum = 0.25;

layer_case two_channels() {
  return {"", softf1::layers::batch_norm({.epsilon = epsilon, .momentum = momentum}), {1, 2, 2}};
}

// Channel 0 has 1, 2, 3, 6: mean 3, squares 4 + 1 + 0 + 9; channel 1 has 0, 0, 4, 4: mean 2, squares 16.
std::vector<double> const x{1, 0, 2, 0, 3, 4, 6, 4};

}  // namespace batch_norm_tests

TEMPLATE_TEST_CASE("batch-norm in training takes the statistics of the batch", "[layers][batch_norm]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace batch_norm_tests;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer(two_channels());
  auto const weight = layer.values(0), bias = layer.values(1), mean = layer.values(2), variance = layer.values(3);
  auto const y = layer.forward(ctx, {.mode = training}, x);
  double const means[] = {3, 2}, squares[] = {14, 16};
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::size_t const c = k % 2;
    double const expected = (x[k] - means[c]) / std::sqrt(squares[c] / 4 + epsilon) * weight[c] + bias[c];
    CHECK(y[k] == Approx(expected).epsilon(1e-13));
  }
  // Running statistics are of the unbiased variance.
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(layer.values(2)[c] == Approx((1 - momentum) * mean[c] + momentum * means[c]).epsilon(1e-13));
    CHECK(layer.values(3)[c] == Approx((1 - momentum) * variance[c] + momentum * squares[c] / 3).epsilon(1e-13));
  }
}

TEMPLATE_TEST_CASE("batch-norm at inference takes the running statistics, and leaves them", "[layers][batch_norm]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace batch_norm_tests;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer(two_channels());
  auto const weight = layer.values(0), bias = layer.values(1), mean = layer.values(2), variance = layer.values(3);
  auto const y = layer.forward(ctx, {}, x);
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::size_t const c = k % 2;
    double const expected = (x[k] - mean[c]) / std::sqrt(variance[c] + epsilon) * weight[c] + bias[c];
    CHECK(y[k] == Approx(expected).epsilon(1e-13));
  }
  CHECK(layer.values(2) == mean);
  CHECK(layer.values(3) == variance);
}

TEMPLATE_TEST_CASE("frozen batch-norm trains as it infers, and a pass that updates no state leaves the statistics",
                   "[layers][batch_norm]", SOFTF1_TEST_BACKENDS) {
  using namespace batch_norm_tests;
  softf1::context<TestType> ctx;
  auto c = two_channels();
  bound_layer<double, TestType> layer(c);
  auto const mean = layer.values(2), variance = layer.values(3);
  auto const y = layer.forward(ctx, {.mode = training, .updates_state = false}, x);
  CHECK(layer.values(2) == mean);
  CHECK(layer.values(3) == variance);
  CHECK(layer.forward(ctx, {.mode = training}, x) == y);
  CHECK(layer.values(2) != mean);
  CHECK(layer.values(3) != variance);
  std::get<softf1::layers::batch_norm>(c.layer).policy = softf1::layers::norm_policy::frozen;
  bound_layer<double, TestType> frozen(c);
  auto const inferred = frozen.forward(ctx, {}, x);
  CHECK(frozen.forward(ctx, {.mode = training}, x) == inferred);
  CHECK(inferred != y);
  CHECK(frozen.values(2) == mean);
  CHECK(frozen.values(3) == variance);
}

TEMPLATE_TEST_CASE("batch-norm of one pixel gives its shift", "[layers][batch_norm]", SOFTF1_TEST_BACKENDS) {
  using namespace batch_norm_tests;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer({"", softf1::layers::batch_norm({}), {1, 1, 2}});
  auto const bias = layer.values(1), variance = layer.values(3);
  CHECK(layer.forward(ctx, {.mode = training}, {5, -3}) == bias);
  for (std::size_t c = 0; c < 2; ++c) CHECK(layer.values(3)[c] == Approx(0.9 * variance[c]));
}

TEMPLATE_TEST_CASE("batch-norm does not lose a small variance beside a large mean", "[layers][batch_norm]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace batch_norm_tests;
  softf1::context<TestType> ctx;
  bound_layer<float, TestType> layer({"", softf1::layers::batch_norm({}), {1, 4, 1}});
  auto const y = layer.forward(ctx, {.mode = training}, {4096, 4097, 4098, 4099});
  float const weight = layer.values(0)[0], bias = layer.values(1)[0];
  for (std::size_t k = 0; k < 4; ++k)
    CHECK((y[k] - bias) / weight == Approx((static_cast<double>(k) - 1.5) / std::sqrt(1.25 + 1e-5)).epsilon(1e-4));
}

TEST_CASE("batch_norm measures columns far from 0", "[layers][batch_norm]") {
  using namespace softf1_test;
  softf1::context<softf1::cpu> ctx;
  bound_layer<float> layer({"batch_norm", softf1::layers::batch_norm({}), {1, 1, 2}});
  constexpr std::size_t rows = 1000;
  auto const spread = layer_numbers<float>(2 * rows, 5);
  std::vector<float> x;
  for (float v : spread) x.push_back(10000 + v);
  layer.values(0) = {1, 1};
  layer.values(1) = {0, 0};
  double sum = 0, squares = 0;
  for (float v : layer.forward(ctx, {.mode = softf1::layers::pass_mode::training}, x)) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  CHECK(std::fabs(sum / (2 * rows)) <= 1e-3);
  CHECK(std::fabs(squares / (2 * rows) - 1) <= 1e-3);
}
