#include <softf1/layers/dropout.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "support/layer_cases.hpp"

namespace dropout_tests {

using namespace softf1_test;
using enum softf1::layers::pass_mode;
using ids = std::vector<std::uint64_t>;

// What becomes of ones.
template <class B>
std::vector<double> mask(ids const& rows, std::uint64_t seed = 1, std::uint64_t epoch = 0, std::size_t index = 0,
                         double rate = 0.25, std::size_t size = 30) {
  softf1::context<B> ctx;
  bound_layer<double, B> layer({"", softf1::layers::dropout({.rate = rate}), {1, 1, size}});
  layer.get().index = index;
  auto const epochs = upload(ctx, ids{epoch}), places = upload(ctx, rows);
  return layer.forward(ctx, {.mode = training, .seed = seed, .epoch = epochs.view(), .places = places.view()},
                       std::vector<double>(rows.size() * size, 1));
}

}  // namespace dropout_tests

TEMPLATE_TEST_CASE("dropout drops its share and keeps the mean", "[layers][dropout]", SOFTF1_TEST_BACKENDS) {
  using namespace dropout_tests;
  for (double rate : {0.1, 0.5, 0.8}) {
    INFO("rate " << rate);
    constexpr std::size_t n = 40000;
    auto const y = mask<TestType>({3, 1, 4, 2}, 1, 0, 0, rate, n / 4);
    double const dropped = static_cast<double>(std::count(y.begin(), y.end(), 0.0)) / n;
    CHECK(std::fabs(dropped - rate) < 4 * std::sqrt(rate * (1 - rate) / n));
    CHECK(std::all_of(y.begin(), y.end(), [&](double v) { return v == 0 || std::fabs(v * (1 - rate) - 1) < 1e-12; }));
  }
}

TEMPLATE_TEST_CASE("a dropout mask is a function of seed, epoch, layer and place", "[layers][dropout]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace dropout_tests;
  auto const first = mask<TestType>({7});
  CHECK(mask<TestType>({7}) == first);
  CHECK(mask<TestType>({8}) != first);
  CHECK(mask<TestType>({7}, 2) != first);
  CHECK(mask<TestType>({7}, 1, 1) != first);
  CHECK(mask<TestType>({7}, 1, 0, 1) != first);
  // Whatever batch the sample is in.
  auto joined = mask<TestType>({8});
  joined.insert(joined.end(), first.begin(), first.end());
  CHECK(mask<TestType>({8, 7}) == joined);
}

TEMPLATE_TEST_CASE("a dropout mask is that of its stream of random numbers, on every backend", "[layers][dropout]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace dropout_tests;
  constexpr std::size_t size = 30;
  ids const rows{12, 5, std::uint64_t{1} << 33};
  auto const got = mask<TestType>(rows, 9, 4, 2, 0.25, size);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    softf1::random_stream const random(9, softf1::random_purpose::dropout, (std::uint64_t{2} << 32) | 4, rows[i]);
    for (std::size_t k = 0; k < size; ++k) {
      double const u = static_cast<double>(random.uniform<float>(k));
      CHECK(got[i * size + k] == (u >= 0.25 ? 1 / 0.75 : 0));
    }
  }
}

TEMPLATE_TEST_CASE("dropout without places numbers the rows of the batch", "[layers][dropout]", SOFTF1_TEST_BACKENDS) {
  using namespace dropout_tests;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer({"", softf1::layers::dropout({.rate = 0.25}), {1, 1, 30}});
  CHECK(layer.forward(ctx, {.mode = training, .seed = 1}, std::vector<double>(60, 1)) == mask<TestType>({0, 1}));
}

TEMPLATE_TEST_CASE("dropout at inference changes nothing", "[layers][dropout]", SOFTF1_TEST_BACKENDS) {
  using namespace dropout_tests;
  softf1::context<TestType> ctx;
  bound_layer<double, TestType> layer({"", softf1::layers::dropout({.rate = 0.9}), {2, 2, 3}});
  auto const x = layer_numbers<double>(24, 2);
  CHECK(layer.forward(ctx, {}, x) == x);
}
