#include <softf1/layers/initialiser.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace initialiser_tests {

using softf1::layers::initialiser;

std::vector<double> numbers(initialiser how, std::size_t n, std::uint64_t seed = 1, std::uint64_t index = 0) {
  std::vector<double> values(n, -77);
  softf1::layers::initialise<double>(how, 50, 200, seed, index, {values.data(), n});
  return values;
}

}  // namespace initialiser_tests

TEST_CASE("first values have the mean, variance and bounds of their distribution", "[layers][initialiser]") {
  using namespace initialiser_tests;
  struct {
    initialiser how;
    double variance, bound, fourth;  // fourth moment in units of variance²
  } const table[] = {
      {initialiser::glorot_uniform, 2.0 / 250, std::sqrt(6.0 / 250), 1.8},
      {initialiser::he_uniform, 2.0 / 50, std::sqrt(6.0 / 50), 1.8},
      {initialiser::fan_in_uniform, 1.0 / 150, std::sqrt(1.0 / 50), 1.8},
      {initialiser::he_normal, 2.0 / 50, HUGE_VAL, 3},
      {initialiser::glorot_normal, 2.0 / 250, HUGE_VAL, 3},
  };
  for (auto const& row : table) {
    INFO(name_of(row.how));
    constexpr std::size_t n = 100000;
    double mean = 0, variance = 0, fourth = 0, most = 0;
    for (double x : numbers(row.how, n)) {
      mean += x / n;
      variance += x * x / n;
      fourth += x * x * x * x / n;
      most = std::max(most, std::fabs(x));
    }
    CHECK(std::fabs(mean) < 4 * std::sqrt(row.variance / n));
    CHECK(std::fabs(variance / row.variance - 1) < 4 * std::sqrt((row.fourth - 1) / n));
    CHECK(fourth / (row.variance * row.variance) == Approx(row.fourth).epsilon(0.05));
    CHECK(most <= row.bound);
    CHECK(most > 3.9 * std::sqrt(row.variance) * (row.bound == HUGE_VAL ? 1 : 0.44));
  }
  // A normal number within two deviations has .7737 of its variance.
  constexpr std::size_t n = 100000;
  double variance = 0, most = 0;
  for (double x : numbers(softf1::layers::truncated_normal_of(0.02), n)) {
    variance += x * x / n;
    most = std::max(most, std::fabs(x));
  }
  CHECK(variance == Approx(0.7737413 * 0.0004).epsilon(0.02));
  CHECK(most <= 0.04);
  CHECK(most > 0.0399);
  for (double x : numbers(initialiser::zeros, 10)) CHECK(x == 0);
  for (double x : numbers(initialiser::ones, 10)) CHECK(x == 1);
}

TEST_CASE("first values are a function of seed and parameter", "[layers][initialiser]") {
  using namespace initialiser_tests;
  for (auto how : {initialiser::glorot_uniform, initialiser::he_normal, initialiser::truncated_normal}) {
    auto const first = numbers(how, 20);
    CHECK(numbers(how, 20) == first);
    CHECK(numbers(how, 20, 2) != first);
    CHECK(numbers(how, 20, 1, 1) != first);
    // More of them begin the same.
    auto longer = numbers(how, 30);
    longer.resize(20);
    CHECK(longer == first);
  }
}

TEST_CASE("initialisers have names", "[layers][initialiser]") {
  using namespace softf1::layers;
  for (auto name : initialiser_names) {
    CHECK(name_of(initialiser_named(name)) == name);
    CHECK(initialiser_named(to_text(initialiser_named(name))) == initialiser_named(name));
  }
  CHECK(initialiser_named("truncated_normal:deviation=0.02") == truncated_normal_of(0.02));
  CHECK(initialiser_named("truncated_normal") == truncated_normal_of(0.01));
  auto const error = [](char const* text) {
    return softf1_test::error_text<softf1::value_error>([&] { initialiser_named(text); });
  };
  CHECK(error("he_normal:deviation=1") == "he_normal: has no option 'deviation', it takes none");
  CHECK(error("truncated_normal:mean=1") == "truncated_normal: has no option 'mean', it has deviation");
  CHECK(error("truncated_normal:deviation=0") == "truncated_normal: deviation must be > 0 and finite, got 0");
  CHECK(softf1_test::error_text<softf1::value_error>([] { initialiser_named("orthogonal"); }) ==
        "no initialiser is named 'orthogonal', there are zeros, ones, glorot_uniform, glorot_normal, he_normal, "
        "he_uniform, fan_in_uniform, truncated_normal");
}
