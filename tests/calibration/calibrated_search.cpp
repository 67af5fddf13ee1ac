#include <softf1/calibration/calibrated_search.hpp>

#include <vector>

#include <softf1/calibration/platt.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/account.hpp>
#include <softf1/thresholds/search.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace calibrated_search_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::tuning_rows;
using softf1::calibration::platt;
namespace thresholds = softf1::thresholds;

tuning_rows rows_of(problem const& p) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::threshold_options<cpu> o{.zero_division = 1};
  o.mask = data.mask();
  o.row_weights = data.weights();
  return tuning_rows(ctx, data.scores(), data.targets(), o);
}

}  // namespace calibrated_search_tests

TEST_CASE("calibrated rows have the cells and weights of the others, and probabilities for scores", "[calibration]") {
  using namespace calibrated_search_tests;
  problem const p = random_problem(40, 3, 5, {.masked = true, .weighted = true});
  auto const rows = rows_of(p);
  auto const map = platt{}(rows);
  auto const mapped = softf1::calibrated_rows(rows, map);
  CHECK(mapped.domain() == softf1::score_domain::calibrated);
  CHECK(mapped.zero_division() == 1);
  std::vector<double> const probabilities = map.apply(softf1::as_matrix(p.scores, p.rows, p.cols));
  for (std::size_t i = 0; i < p.rows; ++i) {
    CHECK(mapped.weight(i) == p.weight(i));
    for (std::size_t j = 0; j < p.cols; ++j) {
      REQUIRE(mapped.present(i, j) == p.present(i, j));
      if (!p.present(i, j)) continue;
      CHECK(mapped.score(i, j) == probabilities[p.at(i, j)]);
      CHECK(mapped.positive(i, j) == (p.targets[p.at(i, j)] == 1));
    }
  }
}

TEST_CASE("a calibrator is fitted without the rows that it is judged by", "[calibration]") {
  using namespace calibrated_search_tests;
  problem const p = random_problem(60, 4, 8, {.prevalence = 0.3});
  auto const rows = rows_of(p);
  softf1::context<cpu> ctx;
  auto const inside = thresholds::search_named("expected_f", softf1::f1{});
  auto const search = softf1::calibrated_search(platt{.min_positives = 1}, inside);
  auto const folds = thresholds::shuffled_folds(p.rows, 3);
  auto const found = cross_validate(ctx, rows, search, folds);
  for (std::size_t f = 0; f < 3; ++f) {
    std::vector<double> without(p.rows), only(p.rows);
    for (std::size_t i = 0; i < p.rows; ++i) (folds[i] == f ? only : without)[i] = 1;
    auto const map = platt{.min_positives = 1}(rows.reweighted(without));
    REQUIRE(found.rules[f].calibration);
    CHECK(found.rules[f].calibration->maps[0].a == map.maps[0].a);
    auto const mapped = softf1::calibrated_rows(rows.reweighted(only), map);
    auto const decided = thresholds::decide_rows(mapped, inside(mapped).rule);
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 0; j < p.cols; ++j)
        if (folds[i] == f) CHECK(found.decided[p.at(i, j)] == decided[p.at(i, j)]);
  }
  auto const account = search_with_account(ctx, rows, search, softf1::f1{}, {.folds = 3});
  REQUIRE(account.calibration);
  CHECK(account.calibration->method == "platt");
  CHECK(account.macro_expected < account.macro_tuned);
}

TEST_CASE("thresholds of calibrated scores decide as those of the scores, and have their own intervals",
          "[calibration]") {
  using namespace calibrated_search_tests;
  problem const p = random_problem(80, 2, 9, {.prevalence = 0.4});
  auto const rows = rows_of(p);
  softf1::context<cpu> ctx;
  auto const best = thresholds::search_named("best", softf1::f1{});
  auto const search = softf1::calibrated_search(platt{}, best);
  auto const found = search_with_account(ctx, rows, search, softf1::f1{}, {.resamples = 20});
  auto const& set = std::get<softf1::threshold_set>(found.rule);
  CHECK(set.domain == softf1::score_domain::calibrated);
  CHECK(thresholds::decide_rows(rows, search(rows)) == thresholds::decide_rows(rows, best(rows)));
  for (auto const& account : set.accounts) {
    CHECK(account.low <= account.high);
    CHECK((account.low >= 0 && account.high <= 1));
  }
  // What is refined inside is calibrated once; what refines from outside would mix thresholds of several calibrations.
  CHECK(error_text<softf1::value_error>([&] { thresholds::refinements::bagged{}(search, rows, softf1::f1{}); }) ==
        "bagged: expected thresholds of scores as they are, got some of calibrated ones");
}
