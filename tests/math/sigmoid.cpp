#include <softf1/math/sigmoid.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/ulp.hpp"

namespace sigmoid_tests {

using softf1_test::ulp_distance;

// Logits from tiny to far beyond saturation, of both signs.
template <class T>
std::vector<T> logits() {
  std::vector<T> all{0, -T(0)};
  T const far = sizeof(T) == 4 ? 87 : 707;  // e^-far is still normal
  for (int k = 0; k <= 400009; ++k) all.push_back(far * (2 * static_cast<T>(k) / 400009 - 1));
  for (int k = 0; k <= 200003; ++k) all.push_back(4 * static_cast<T>(k) / 200003 - 2);
  for (T z = 1; z > std::numeric_limits<T>::min(); z = static_cast<T>(z * T(0.9))) {
    all.push_back(z);
    all.push_back(-z);
  }
  return all;
}

// log(1 + e^z), accurate for any z.
long double softplus(long double z) { return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)); }

}  // namespace sigmoid_tests

TEMPLATE_TEST_CASE("sigmoid, softplus and log_sigmoid are as exact as documented", "[math][sigmoid]", float, double) {
  using namespace sigmoid_tests;
  double value = 0, complement = 0, derivative = 0, plus = 0, minus = 0, logarithm = 0;
  auto const worse = [](double& worst, auto got, long double exact) {
    worst = std::fmax(worst, ulp_distance(got, exact));
  };
  for (TestType z : logits<TestType>()) {
    long double const e = std::exp(static_cast<long double>(-z)), p = 1 / (1 + e), q = e / (1 + e);
    auto const parts = softf1::math::sigmoid_with_parts(z);
    worse(value, parts.value, p);
    worse(complement, parts.complement, q);
    if (p * q > std::numeric_limits<TestType>::min()) worse(derivative, parts.derivative, p * q);
    worse(value, softf1::math::sigmoid(z), p);
    auto const both = softf1::math::softplus_with_sigmoid(z);
    worse(value, both.sigmoid, p);
    worse(complement, both.complement, q);
    worse(plus, both.of_logit, softplus(z));
    worse(minus, both.of_minus_logit, softplus(-z));
    worse(plus, softf1::math::softplus(z), softplus(z));
    worse(logarithm, softf1::math::log_sigmoid(z), -softplus(-z));
  }
  CHECK(value <= 4);
  CHECK(complement <= 4);
  CHECK(derivative <= 6);
  CHECK(plus <= 4);
  CHECK(minus <= 4);
  CHECK(logarithm <= 4);
}

TEMPLATE_TEST_CASE("sigmoid and its logarithms at the edges", "[math][sigmoid]", float, double) {
  using limits = std::numeric_limits<TestType>;
  TestType const infinity = limits::infinity(), nan = limits::quiet_NaN();
  CHECK(softf1::sigmoid(TestType(0)) == TestType(0.5));
  CHECK(softf1::sigmoid(infinity) == 1);
  CHECK(softf1::sigmoid(-infinity) == 0);
  CHECK(softf1::sigmoid(limits::max()) == 1);
  CHECK(softf1::sigmoid(limits::lowest()) == 0);
  CHECK(softf1::softplus(infinity) == infinity);
  CHECK(softf1::softplus(-infinity) == 0);
  CHECK(softf1::softplus(limits::max()) == limits::max());
  CHECK(softf1::log_sigmoid(-infinity) == -infinity);
  CHECK(softf1::log_sigmoid(infinity) == 0);
  CHECK(softf1::log_sigmoid(TestType(-100)) == TestType(-100));
  for (TestType z : {nan, -nan}) {
    auto const parts = softf1::math::sigmoid_with_parts(z);
    CHECK((std::isnan(parts.value) && std::isnan(parts.complement) && std::isnan(parts.derivative)));
    CHECK(std::isnan(softf1::softplus(z)));
    CHECK(std::isnan(softf1::log_sigmoid(z)));
  }
  auto const far = softf1::math::sigmoid_with_parts(infinity);
  CHECK((far.value == 1 && far.complement == 0 && far.derivative == 0));
}

TEMPLATE_TEST_CASE("sigmoid grows with its argument and is symmetric", "[math][sigmoid]", float, double) {
  TestType before = 0;
  for (int k = -40000; k <= 40000; ++k) {
    TestType const z = static_cast<TestType>(k) / 1000;
    auto const parts = softf1::math::sigmoid_with_parts(z), mirrored = softf1::math::sigmoid_with_parts(-z);
    if (parts.value != mirrored.complement || parts.derivative != mirrored.derivative ||
        parts.value < before * (1 - 4 * std::numeric_limits<TestType>::epsilon()))
      FAIL_CHECK("at " << z);
    before = parts.value;
  }
}
