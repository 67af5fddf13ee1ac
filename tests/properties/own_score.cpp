// A score that this library does not have, written once and used four times.
#include <cmath>
#include <vector>

#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/catch.hpp"
#include "support/own_score.hpp"

TEST_CASE("a user's own score is metric, loss and threshold objective at once", "[properties]") {
  using softf1::as_matrix;
  using softf1_test::g_mean;
  static_assert(softf1::scores::score<g_mean>);

  // Label 0: tp 1, fp 0, fn 1, tn 2. Label 1: tp 1, fp 1, fn 0, tn 2.
  std::vector<double> const logits{2, -1, -1, 1, -2, -3, -3, 3};
  std::vector<double> const targets{1, 0, 1, 0, 0, 0, 0, 1};
  auto const z = as_matrix(logits, 4, 2);
  auto const y = as_matrix(targets, 4, 2);

  // A metric.
  CHECK(softf1::macro(g_mean{}, z, y) == Approx((std::sqrt(0.5 * 1) + std::sqrt(1 * 2.0 / 3)) / 2));

  // A threshold objective: both labels can be split without an error.
  auto const rule = softf1::best_thresholds(g_mean{}, z, y);
  CHECK(rule.thresholds == std::vector<double>{-1.5, 2});
  CHECK(softf1::macro(g_mean{}, z, y, {.decision = rule}) == 1);

  // A loss, with an exact gradient: going down it leads to the split.
  std::vector<double> moved = logits;
  auto const before = softf1::loss_value(softf1::soft(g_mean{}), as_matrix(moved, 4, 2), y);
  for (int step = 0; step < 200; ++step) {
    auto const [value, gradient] = softf1::value_and_gradient(softf1::soft(g_mean{}), as_matrix(moved, 4, 2), y);
    for (std::size_t k = 0; k < 8; ++k) moved[k] -= 5 * gradient[k];
  }
  CHECK(softf1::loss_value(softf1::soft(g_mean{}), as_matrix(moved, 4, 2), y) < 0.2 * before);
  CHECK(softf1::macro(g_mean{}, as_matrix(moved, 4, 2), y) == 1);

  // And of both classes, which changes nothing here: it is symmetric.
  CHECK(softf1::macro(softf1::both_classes<g_mean>{}, z, y) == Approx(softf1::macro(g_mean{}, z, y)));
}
