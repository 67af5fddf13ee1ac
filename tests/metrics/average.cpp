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

  // Counted, and with weights of labels.
  auto const left = softf1::metrics::average_counted(f1, labels, averaging::macro, nan);
  CHECK((left.value == 0.5 && left.left_out == 2));
  CHECK(softf1::metrics::average_counted(f1, labels, averaging::macro).left_out == 1);
  // Undefined labels are part of the pooled counts: those without cells alone are not.
  CHECK(softf1::metrics::average_counted(f1, labels, averaging::micro, nan).left_out == 1);
  std::vector<softf1::confusion<double>> const two{{1, 1, 1, 0}, {3, 0, 0, 0}};
  std::vector<double> const weights{3, 1};
  CHECK(average(f1, two, averaging::macro, 0, weights) == Approx(0.625));
  CHECK(average(f1, two, averaging::weighted, 0, weights) == Approx((6 * .5 + 3) / 9));
  CHECK(average(f1, two, averaging::micro, 0, weights) == Approx(12.0 / (12 + 6)));
  std::vector<double> const bad{1, -1};
  CHECK(softf1_test::error_text<softf1::value_error>([&] { average(f1, two, averaging::macro, 0, bad); }) ==
        "average: label weights must be finite and >= 0, got -1 for label 1");
  CHECK_THROWS_AS(average(f1, labels, averaging::macro, 0, weights), softf1::shape_error);
}

TEST_CASE("F-beta of mean precision and mean recall is not the mean of F-beta", "[metrics][average]") {
  using softf1::metrics::f_beta_of_mean_precision_and_recall;
  // Precision .5, 1; recall 1, .25.
  std::vector<softf1::confusion<double>> const labels{{2, 2, 0, 0}, {1, 0, 3, 0}};
  CHECK(f_beta_of_mean_precision_and_recall(labels) == Approx(2 * .75 * .625 / (.75 + .625)));
  CHECK(f_beta_of_mean_precision_and_recall(labels, 2) == Approx(5 * .75 * .625 / (4 * .75 + .625)));
  std::vector<softf1::confusion<double>> const none{{0, 0, 0, 4}};
  CHECK(f_beta_of_mean_precision_and_recall(none, 1, 1) == 1);
  CHECK(f_beta_of_mean_precision_and_recall(none) == 0);
  CHECK(std::isnan(f_beta_of_mean_precision_and_recall({})));
  CHECK(softf1_test::error_text<softf1::value_error>([&] { f_beta_of_mean_precision_and_recall(labels, -1); }) ==
        "f_beta: beta must be finite and >= 0, got -1");
}
