#include <softf1/metrics/multiple_tests.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"

TEST_CASE("p-values of many tests are corrected as by hand", "[metrics][multiple_tests]") {
  std::vector<double> const p{0.01, 0.04, 0.03, 0.005};
  // Sorted .005 .01 .03 .04: times 4 3 2 1, running maximum; times 4/1 4/2 4/3 4/4, running minimum from above.
  std::vector<double> const holm{0.03, 0.06, 0.06, 0.02}, hochberg{0.02, 0.04, 0.04, 0.02};
  auto const a = softf1::holm(p), b = softf1::benjamini_hochberg(p);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(a[k] == Approx(holm[k]));
    CHECK(b[k] == Approx(hochberg[k]));
  }
  CHECK(softf1::holm(std::vector<double>{0.6, 0.7})[1] == 1);
  CHECK(softf1::benjamini_hochberg(std::vector<double>{}).empty());
  auto const with_nan = softf1::holm(std::vector<double>{NAN, 0.02, 0.01});
  CHECK(std::isnan(with_nan[0]));
  CHECK(with_nan[1] == Approx(0.02));
  CHECK(softf1::benjamini_hochberg(std::vector<double>{NAN, 0.02, 0.01})[2] == Approx(0.02));
}
