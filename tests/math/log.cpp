#include <softf1/math/log.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/ulp.hpp"

TEMPLATE_TEST_CASE("log is within 2 ulp for normal numbers, and exact at 1", "[math][log]", float, double) {
  using limits = std::numeric_limits<TestType>;
  double worst = 0;
  auto const look = [&](TestType x) {
    worst = std::fmax(worst, softf1_test::ulp_distance(softf1::math::log(x), std::log(static_cast<long double>(x))));
  };
  for (int k = 0; k <= 1000003; ++k) look(TestType(0.4) + TestType(1.8) * static_cast<TestType>(k) / 1000003);
  for (TestType x = limits::min(); x < limits::max() / 2; x *= TestType(1.0173)) look(x);
  for (TestType x : {limits::min(), limits::max(), std::nextafter(TestType(1), TestType(0)), 1 + limits::epsilon(),
                     std::sqrt(TestType(0.5)), std::sqrt(TestType(2))})
    look(x);
  CHECK(worst <= 2);
  CHECK(softf1::math::log(TestType(1)) == 0);
}
