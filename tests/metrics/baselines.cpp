#include <softf1/metrics/baselines.hpp>

#include <cmath>
#include <vector>

#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"

TEST_CASE("a score stands beside those of predictors that know nothing", "[metrics]") {
  using counts = softf1::confusion<double>;
  // Prevalence .2, and .5.
  std::vector<counts> const labels{{15, 5, 5, 75}, {30, 30, 20, 20}};
  auto const first = softf1::baselines(softf1::f1{}, {&labels[0], 1});
  CHECK(first.value == Approx(.75));
  CHECK(first.all_positive == Approx(2 * .2 / 1.2));
  CHECK(first.all_negative == 0);
  CHECK(first.prior_random == Approx(.2));
  CHECK(first.lift == Approx(.75 - 2 * .2 / 1.2));
  auto const both = softf1::baselines(softf1::f1{}, labels);
  CHECK(both.all_positive == Approx((2 * .2 / 1.2 + 2.0 / 3) / 2));
  CHECK(both.prior_random == Approx(.35));
  auto const accuracy = softf1::baselines(softf1::accuracy{}, {&labels[0], 1});
  CHECK(accuracy.all_negative == Approx(.8));
  CHECK(accuracy.prior_random == Approx(.2 * .2 + .8 * .8));
  CHECK(accuracy.lift == Approx(.9 - .8));
}

TEST_CASE("labels that are constant, or on which a model has collapsed, are named", "[metrics]") {
  using softf1::metrics::label_condition;
  std::vector<softf1::confusion<double>> const labels{{0, 0, 0, 0}, {0, 1, 0, 3}, {2, 0, 2, 0}, {0, 0, 2, 3},
                                                      {2, 3, 0, 0}, {1, 2, 3, 2}, {4, 1, 1, 4}};
  auto const found = softf1::find_collapse(labels);
  REQUIRE(found.size() == 6);
  for (std::size_t j = 0; j < 6; ++j) CHECK((found[j].label == j && found[j].condition == label_condition(j)));
  CHECK(name_of(label_condition::beaten_by_trivial) == "no better than all positive");
}
