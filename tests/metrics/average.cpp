#include <softf1/metrics/average.hpp>

#include <cmath>
#include <vector>

#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"

TEST_CASE("averages of given counts", "[metrics][average]") {
  using softf1::averaging;
  using softf1::metrics::average;
  double const nan = std::nan("");
  //                                                   F1 .5, undefined, no cells
  std::vector<softf1::confusion<double>> const labels{{1, 1, 1, 0}, {0, 0, 0, 3}, {0, 0, 0, 0}};
  softf1::f1 const f1;
  CHECK(average(f1, labels, averaging::macro) == 0.25);
  CHECK(average(f1, labels, averaging::macro, 1) == 0.75);
  CHECK(average(f1, labels, averaging::macro, nan) == 0.5);
  CHECK(average(f1, labels, averaging::micro) == 0.5);
  CHECK(average(f1, labels, averaging::weighted) == 0.5);
  std::vector<softf1::confusion<double>> const negatives{{0, 1, 0, 1}, {0, 0, 0, 2}};
  CHECK(average(f1, negatives, averaging::weighted) == 0);
  CHECK(average(f1, negatives, averaging::weighted, 1) == 1);
  CHECK(std::isnan(average(f1, {&labels[2], 1}, averaging::weighted, 1)));
  CHECK(average(f1, negatives, averaging::macro, 1) == 0.5);
  CHECK(std::isnan(average(f1, {&labels[2], 1}, averaging::macro, 1)));
  CHECK(std::isnan(average(f1, {}, averaging::macro)));
  CHECK(std::isnan(average(f1, {}, averaging::micro)));
  CHECK(softf1_test::error_text<softf1::value_error>([&] { average(f1, labels, averaging::samples); }) ==
        "average: the samples average needs the counts of rows, not of labels");
}
