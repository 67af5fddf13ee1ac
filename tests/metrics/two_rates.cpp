#include <softf1/metrics/two_rates.hpp>

#include <cstddef>
#include <cstdint>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

TEST_CASE("two rates have Fisher's exact p-value where counts are small, and the normal one where they are large",
          "[metrics]") {
  using softf1::two_rates_p_value;
  // Of R 4.2: fisher.test(matrix(c(a, n - a, b, m - b), 2)), and prop.test(…, correct = FALSE).
  CHECK(two_rates_p_value(3, 4, 1, 4) == Approx(0.4857142857).epsilon(1e-9));
  CHECK(two_rates_p_value(1, 10, 11, 14) == Approx(0.0027594562).epsilon(1e-8));
  CHECK(two_rates_p_value(0, 5, 5, 5) == Approx(2.0 / 252).epsilon(1e-12));
  CHECK(two_rates_p_value(30, 100, 50, 100) == Approx(0.0038924171).epsilon(1e-7));
  // Either sample first, either class counted.
  for (double a : {0.0, 1.0, 7.0, 20.0})
    for (double b : {2.0, 15.0}) {
      double const p = two_rates_p_value(a, 20, b, 31);
      CHECK(p == Approx(two_rates_p_value(b, 31, a, 20)).epsilon(1e-10));
      CHECK(p == Approx(two_rates_p_value(20 - a, 20, 31 - b, 31)).epsilon(1e-10));
      CHECK(p <= 1);
    }
  CHECK(two_rates_p_value(0, 0, 1, 2) == 1);
  CHECK(two_rates_p_value(0, 9, 0, 4) == 1);
  CHECK(two_rates_p_value(9, 9, 4, 4) == 1);
  CHECK(two_rates_p_value(2.5, 10, 2.5, 10) == 1);
  CHECK_THROWS_AS(two_rates_p_value(3, 2, 1, 4), softf1::value_error);
  CHECK_THROWS_AS(two_rates_p_value(-1, 2, 1, 4), softf1::value_error);
}

TEST_CASE("two samples of one rate are told apart no more often than the level says", "[metrics]") {
  std::size_t rejected[4] = {}, k = 0;
  double const rates[] = {0.003, 0.05, 0.3, 0.97};
  for (double rate : rates) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
      softf1::random_stream const random(seed, softf1::random_purpose::test, k);
      double a = 0, b = 0;
      for (std::size_t i = 0; i < 150; ++i) a += random.uniform(i) < rate;
      for (std::size_t i = 150; i < 450; ++i) b += random.uniform(i) < rate;
      rejected[k] += softf1::two_rates_p_value(a, 150, b, 300) <= 0.05;
    }
    CHECK(static_cast<double>(rejected[k]) < 2000 * 0.05 + 30);
    ++k;
  }
  CHECK(rejected[2] > 60);
}
