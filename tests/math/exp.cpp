#include <softf1/math/exp.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <softf1/core/bits.hpp>

#include "support/catch.hpp"
#include "support/ulp.hpp"

namespace exp_tests {

using softf1_test::ulp_distance;

// Evenly spaced numbers of [low, high], and both ends.
template <class T>
std::vector<T> grid(T low, T high, int steps) {
  std::vector<T> numbers;
  for (int k = 0; k <= steps; ++k) numbers.push_back(low + (high - low) * static_cast<T>(k) / static_cast<T>(steps));
  return numbers;
}

}  // namespace exp_tests

TEMPLATE_TEST_CASE("exp is within 2 ulp where it is normal, within one subnormal unit below", "[math][exp]", float,
                   double) {
  using namespace exp_tests;
  bool const is_float = sizeof(TestType) == 4;
  double normal = 0, subnormal = 0;
  for (TestType x : grid<TestType>(is_float ? -106 : -750, is_float ? 90 : 711, 1000003)) {
    long double const exact = std::exp(static_cast<long double>(x));
    double const error = ulp_distance(softf1::math::exp(x), exact);
    double& worst = exact < std::numeric_limits<TestType>::min() ? subnormal : normal;
    worst = std::fmax(worst, error);
  }
  for (TestType x : grid<TestType>(-1, 1, 300007))
    normal = std::fmax(normal, ulp_distance(softf1::math::exp(x), std::exp(static_cast<long double>(x))));
  CHECK(normal <= 2);
  CHECK(subnormal <= 1);
}

TEMPLATE_TEST_CASE("exp at the edges", "[math][exp]", float, double) {
  using limits = std::numeric_limits<TestType>;
  CHECK(softf1::math::exp(TestType(0)) == 1);
  CHECK(softf1::math::exp(-TestType(0)) == 1);
  CHECK(softf1::math::exp(limits::infinity()) == limits::infinity());
  CHECK(softf1::math::exp(-limits::infinity()) == 0);
  CHECK(softf1::math::exp(limits::max()) == limits::infinity());
  CHECK(softf1::math::exp(limits::lowest()) == 0);
  CHECK(softf1::math::exp(limits::denorm_min()) == 1);
  CHECK(std::isnan(softf1::math::exp(limits::quiet_NaN())));
  CHECK(std::isnan(softf1::math::exp(-limits::quiet_NaN())));
}

TEMPLATE_TEST_CASE("log1p_unit is within 2 ulp on [0, 1]", "[math][exp]", float, double) {
  using namespace exp_tests;
  double worst = 0;
  auto const look = [&](TestType x) {
    worst = std::fmax(worst, ulp_distance(softf1::math::log1p_unit(x), std::log1p(static_cast<long double>(x))));
  };
  for (TestType x : grid<TestType>(0, 1, 500009)) look(x);
  for (TestType x = 1; x > std::numeric_limits<TestType>::min(); x = static_cast<TestType>(x * TestType(0.97))) look(x);
  for (int k = -3; k <= 3; ++k)
    look(static_cast<TestType>(0.41421356237309503 + k * (sizeof(TestType) == 4 ? 1e-7 : 1e-16)));
  CHECK(worst <= 2);
  CHECK(softf1::math::log1p_unit(TestType(0)) == 0);
  CHECK(std::isnan(softf1::math::log1p_unit(std::numeric_limits<TestType>::quiet_NaN())));
}
