#include <softf1/math/dual.hpp>

#include <cmath>
#include <limits>

#include <softf1/core/random.hpp>
#include <softf1/math/ratio.hpp>

#include "support/catch.hpp"

namespace dual_tests {

using number = softf1::math::dual<double, 3>;

// Something made of every operation.
template <class T>
T formula(T const& a, T const& b, T const& c) {
  T d = a * b - c / (a + T(2));
  d += softf1::ratio(a - b, c * c + T(1));
  d -= T(3) * b;
  d *= c;
  d /= a + b;
  return -d + softf1::safe_sqrt(a * c);
}

}  // namespace dual_tests

TEST_CASE("derivatives of duals are those of finite differences", "[math][dual]") {
  using namespace dual_tests;
  softf1::random_stream const random(1);
  for (std::uint64_t k = 0; k < 100; ++k) {
    double x[3];
    for (std::uint64_t i = 0; i < 3; ++i) x[i] = 0.5 + 3 * random.uniform(3 * k + i);
    auto const got = formula(number::variable(x[0], 0), number::variable(x[1], 1), number::variable(x[2], 2));
    CHECK(got.value == Approx(formula(x[0], x[1], x[2])).epsilon(1e-13));
    for (std::size_t i = 0; i < 3; ++i) {
      double const step = 1e-6, at = x[i];
      x[i] = at + step;
      double const above = formula(x[0], x[1], x[2]);
      x[i] = at - step;
      double const below = formula(x[0], x[1], x[2]);
      x[i] = at;
      CHECK(got.derivative[i] == Approx((above - below) / (2 * step)).epsilon(1e-7).margin(1e-8));
    }
  }
}

TEST_CASE("duals compare by value", "[math][dual]") {
  using namespace dual_tests;
  number const a = number::variable(1, 0), b(2), c(1);
  CHECK((a < b && b > a && a <= c && a >= c && a == c && !(a == b)));
  CHECK((a.derivative[0] == 1 && a.derivative[1] == 0 && c.derivative[0] == 0));
  CHECK(a.chain(5, 7).value == 5);
  CHECK(a.chain(5, 7).derivative[0] == 7);
}
