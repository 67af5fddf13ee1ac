#include <softf1/metrics/mcnemar.hpp>

#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "metrics/row_statistics.hpp"

TEST_CASE("McNemar's p-values are those of tables", "[metrics][mcnemar]") {
  using softf1::metrics::mcnemar_p_value;
  CHECK(mcnemar_p_value(0, 0) == 1);
  CHECK(mcnemar_p_value(3, 3) == 1);
  CHECK(mcnemar_p_value(0, 5) == Approx(0.0625));
  CHECK(mcnemar_p_value(2, 8) == Approx(2 * 56.0 / 1024));
  // 24: exact; 25: (|5 − 20| − 1)² / 25 = 7.84.
  CHECK(mcnemar_p_value(4, 20) == Approx(2 * 12951.0 / 16777216));
  CHECK(mcnemar_p_value(5, 20) == Approx(0.005110261));
  CHECK(mcnemar_p_value(50, 50) == 1);
  CHECK(mcnemar_p_value(20, 5) == Approx(mcnemar_p_value(5, 20)).epsilon(1e-14));
}

TEST_CASE("McNemar counts the rows on which one model alone is right", "[metrics][mcnemar]") {
  using namespace softf1_test;
  problem a = random_problem(80, 3, 1, {.masked = true, .weighted = true}), b = random_problem(80, 3, 2);
  b.targets = a.targets, b.mask = a.mask, b.weights = a.weights;
  auto const got = softf1::mcnemar(decided(a), decided(b)), other = softf1::mcnemar(decided(b), decided(a));
  REQUIRE(got.size() == 3);
  for (std::size_t j = 0; j < 3; ++j) {
    std::size_t only_a = 0, only_b = 0;
    for (std::size_t i = 0; i < 80; ++i) {
      std::size_t const at = a.at(i, j);
      if (!a.mask[at] || a.weights[i] == 0) continue;
      bool const right_a = (a.scores[at] >= 0) == (a.targets[at] == 1);
      bool const right_b = (b.scores[at] >= 0) == (a.targets[at] == 1);
      only_a += right_a && !right_b;
      only_b += right_b && !right_a;
    }
    CHECK(got[j].only_first == only_a);
    CHECK(got[j].only_second == only_b);
    CHECK(other[j].only_first == only_b);
    CHECK(got[j].p == softf1::metrics::mcnemar_p_value(only_a, only_b));
  }
  b.mask[b.at(7, 2)] = 1 - a.mask[a.at(7, 2)];
  CHECK(error_text<softf1::value_error>([&] {
          softf1::mcnemar(decided(a), decided(b));
        }).starts_with("mcnemar: both models must have the same targets, got "));
}
