#include <softf1/optimizers/detail/square_root.hpp>

#include <cmath>
#include <limits>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

TEMPLATE_TEST_CASE("the square root of the update rules is off by 2 units at most", "[optimizers][root]", float,
                   double) {
  using softf1::optimizers::detail::square_root;
  using limits = std::numeric_limits<TestType>;
  softf1::random_stream const stream(5);
  int const reach = limits::max_exponent - 2;
  for (std::uint64_t k = 0; k < 20000; ++k) {
    int const exponent = static_cast<int>(stream.below(2 * k, static_cast<std::uint64_t>(2 * reach))) - reach;
    TestType const x = std::ldexp(1 + stream.uniform<TestType>(2 * k + 1), exponent);
    TestType const root = std::sqrt(x);
    CHECK(std::abs(square_root(x) - root) <= 2 * (std::nextafter(root, limits::max()) - root));
  }
  for (TestType x : {TestType(0), limits::infinity(), limits::min(), limits::max()})
    CHECK(static_cast<double>(square_root(x)) == Approx(static_cast<double>(std::sqrt(x))).epsilon(1e-6));
  CHECK(square_root(TestType(0)) == 0);
  CHECK(std::isnan(square_root(limits::quiet_NaN())));
  TestType const tiny = limits::min() / 64;
  CHECK(square_root(tiny) > 0);
  CHECK(square_root(tiny) <= std::sqrt(tiny));
}
