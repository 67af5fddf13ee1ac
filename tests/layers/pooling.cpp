#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/layer_cases.hpp"

namespace pooling_tests {

using namespace softf1_test;
using namespace softf1::layers;
using numbers = std::vector<double>;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace pooling_tests

TEMPLATE_TEST_CASE("pools of one small image", "[layers][pooling]", SOFTF1_TEST_BACKENDS) {
  using namespace pooling_tests;
  using enum padding;
  softf1::context<TestType> ctx;
  // 3 × 4, all below 0, so that a zero of the padding would win.
  numbers const x{-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12};
  struct {
    std::string what;
    any_layer layer;
    numbers expected;
  } const rows[] = {
      {"max, valid", max_pool({}), {-1, -3}},
      {"max, symmetric", max_pool({.size = 3, .padding = symmetric}), {-1, -2, -5, -6}},
      {"max, same", max_pool({.size = 3, .padding = tensorflow_same}), {-1, -3, -5, -7}},
      {"max, zeros below", max_pool({.size = 2, .zeros = zero_border{0, 1, 0, 0}}), {-1, -3, -9, -11}},
      {"max, zeros below, padding counted",
       max_pool({.size = 2, .zeros = zero_border{0, 1, 0, 0}, .count_padding = true}),
       {-1, -3, 0, 0}},
      {"average, valid", average_pool({}), {-3.5, -5.5}},
      {"average, same", average_pool({.size = 2, .padding = tensorflow_same}), {-3.5, -5.5, -9.5, -11.5}},
      {"average, same, padding counted",
       average_pool({.size = 2, .padding = tensorflow_same, .count_padding = true}),
       {-3.5, -5.5, -4.75, -5.75}},
      {"average, symmetric, padding counted",
       average_pool({.size = 3, .padding = symmetric, .count_padding = true}),
       {-14.0 / 9, -30.0 / 9, -30.0 / 9, -54.0 / 9}},
  };
  for (auto const& row : rows) {
    INFO(row.what);
    bound_layer<double, TestType> layer({"", row.layer, {3, 4, 1}});
    auto const y = layer.forward(ctx, {}, x);
    REQUIRE(y.size() == row.expected.size());
    for (std::size_t k = 0; k < y.size(); ++k) CHECK(y[k] == Approx(row.expected[k]).epsilon(1e-14));
  }
}

TEMPLATE_TEST_CASE("the gradient of a maximum goes to the first of equals, and NaN is a maximum", "[layers][pooling]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace pooling_tests;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer({"", max_pool({.size = 2, .stride = 1}), {2, 3, 1}});
  // Windows (3, 7, 7, 7) and (7, 5, 7, 7): both begin with the 7 of the first row.
  CHECK(layer.backward(ctx, {}, {3, 7, 5, 7, 7, 7}, {10, 1}) == numbers{0, 11, 0, 0, 0, 0});
  CHECK(layer.backward(ctx, {}, {7, 7, 5, 7, 7, 9}, {10, 1}) == numbers{10, 0, 0, 0, 0, 1});
  auto const y = layer.forward(ctx, {}, {3, 7, 5, not_a_number, 7, 7});
  CHECK(std::isnan(y[0]));
  CHECK(y[1] == 7);
  CHECK(layer.backward(ctx, {}, {not_a_number, 7, 5, not_a_number, 7, 7}, {10, 1}) == numbers{10, 1, 0, 0, 0, 0});
}
