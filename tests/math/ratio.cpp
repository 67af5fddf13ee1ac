#include <softf1/math/ratio.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"

TEMPLATE_TEST_CASE("a ratio is undefined at 0/0 only", "[math][ratio]", float, double) {
  using dual = softf1::math::dual<TestType, 2>;
  CHECK(std::isnan(softf1::ratio(TestType(0), TestType(0))));
  CHECK(std::isnan(softf1::ratio(-TestType(0), TestType(0))));
  CHECK(softf1::ratio(TestType(0), TestType(2)) == 0);
  CHECK(softf1::ratio(TestType(3), TestType(2)) == TestType(1.5));
  CHECK(softf1::ratio(TestType(1), TestType(0)) == std::numeric_limits<TestType>::infinity());

  auto const undefined = softf1::ratio(dual::variable(0, 0), dual::variable(0, 1));
  CHECK(std::isnan(undefined.value));
  CHECK((undefined.derivative[0] == 0 && undefined.derivative[1] == 0));
  auto const defined = softf1::ratio(dual::variable(3, 0), dual::variable(2, 1));
  CHECK(defined.value == TestType(1.5));
  CHECK(defined.derivative[0] == TestType(0.5));
  CHECK(defined.derivative[1] == TestType(-0.75));
}

TEMPLATE_TEST_CASE("safe_sqrt has derivative 0 at 0", "[math][ratio]", float, double) {
  using dual = softf1::math::dual<TestType, 1>;
  CHECK(softf1::safe_sqrt(TestType(9)) == 3);
  CHECK(softf1::safe_sqrt(TestType(0)) == 0);
  CHECK(std::isnan(softf1::safe_sqrt(TestType(-1))));
  auto const zero = softf1::safe_sqrt(dual::variable(0, 0));
  CHECK((zero.value == 0 && zero.derivative[0] == 0));
  auto const nine = softf1::safe_sqrt(dual::variable(9, 0));
  CHECK(nine.value == 3);
  CHECK(nine.derivative[0] == Approx(1.0 / 6));
}
