#include <softf1/math/beta.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"

TEST_CASE("binomial tails are the sums of their terms", "[math][beta]") {
  using namespace softf1::math;
  for (int n : {1, 2, 7, 40, 300})
    for (double p : {1e-6, 0.01, 0.3, 0.5, 0.9, 0.999}) {
      std::vector<long double> term(static_cast<std::size_t>(n) + 1);
      for (int k = 0; k <= n; ++k)
        term[static_cast<std::size_t>(k)] =
            std::exp(std::lgamma(n + 1.0L) - std::lgamma(k + 1.0L) - std::lgamma(n - k + 1.0L) +
                     k * std::log(static_cast<long double>(p)) + (n - k) * std::log1p(-static_cast<long double>(p)));
      long double tail = 0;
      for (int k = n; k >= 0; --k) {
        tail += term[static_cast<std::size_t>(k)];
        INFO("n " << n << ", p " << p << ", k " << k);
        if (tail > 1e-290L) CHECK(binomial_at_least(k, n, p) == Approx(static_cast<double>(tail)).epsilon(1e-10));
      }
      CHECK(binomial_at_least(n + 1, n, p) == 0);
      CHECK(binomial_at_least(-1, n, p) == 1);
    }
}

TEST_CASE("the incomplete beta function has its known values", "[math][beta]") {
  using namespace softf1::math;
  for (double x : {0.0, 0.1, 0.5, 0.77, 1.0}) {
    CHECK(incomplete_beta(1, 1, x) == Approx(x).epsilon(1e-14));
    CHECK(incomplete_beta(3, 1, x) == Approx(x * x * x).epsilon(1e-13));
    CHECK(incomplete_beta(2.5, 4.5, x) == Approx(1 - incomplete_beta(4.5, 2.5, 1 - x)).epsilon(1e-12));
  }
  CHECK(incomplete_beta(0.5, 0.5, 0.25) == Approx(2 / 3.14159265358979323846 * std::asin(0.5)).epsilon(1e-13));
  CHECK(incomplete_beta(1e6, 1e6, 0.5) == Approx(0.5).epsilon(1e-9));
  CHECK(incomplete_beta(2, 3, -1) == 0);
  CHECK(incomplete_beta(2, 3, 2) == 1);
  CHECK(std::isnan(incomplete_beta(2, 3, NAN)));
}
