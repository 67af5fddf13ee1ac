#include <softf1/math/normal.hpp>

#include <cmath>

#include "support/catch.hpp"

TEST_CASE("quantiles of the normal distribution undo its tail", "[math][normal]") {
  using namespace softf1::math;
  CHECK(normal_quantile(0.5) == Approx(0).margin(1e-16));
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054235).epsilon(1e-15));
  CHECK(normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-14));
  double worst = 0;
  for (double p = 1e-300; p < 1e-3; p *= 1.7) {
    long double const x = normal_quantile(p);
    // dx = dp / density.
    long double const density = std::exp(-0.5L * x * x) / 2.50662827463100050242L;
    long double const error = (0.5L * std::erfc(-x / std::sqrt(2.0L)) - p) / density;
    worst = std::fmax(worst, static_cast<double>(std::fabs(error) / std::fmax(1.0L, std::fabs(x))));
  }
  for (double p = 0.0007; p < 0.9999; p += 0.00037) {
    long double const x = normal_quantile(p);
    long double const density = std::exp(-0.5L * x * x) / 2.50662827463100050242L;
    worst = std::fmax(worst, static_cast<double>(std::fabs(0.5L * std::erfc(-x / std::sqrt(2.0L)) - p) / density));
    CHECK(normal_cdf(normal_quantile(p)) == Approx(p).epsilon(1e-13));
  }
  CHECK(worst < 1e-14);
  CHECK(normal_quantile(0) == -HUGE_VAL);
  CHECK(normal_quantile(1) == HUGE_VAL);
  CHECK(std::isnan(normal_quantile(-0.1)));
  CHECK(std::isnan(normal_quantile(NAN)));
}

TEST_CASE("tails of normal and chi-square have the values of tables", "[math][normal]") {
  using namespace softf1::math;
  CHECK(normal_tail(1.6448536269514722) == Approx(0.05).epsilon(1e-13));
  CHECK(normal_tail(37) == Approx(5.725571222524752e-300).epsilon(1e-12));
  CHECK(chi_square_tail(3.841458820694124) == Approx(0.05).epsilon(1e-13));
  CHECK(chi_square_tail(0) == 1);
  CHECK(chi_square_tail(-1) == 1);
}
