#include <softf1/calibration/calibrated_search.hpp>

#include <cstdint>
#include <vector>

#include <softf1/calibration/isotonic.hpp>
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

TEST_CASE("a calibrator and its thresholds are found without the rows that they are judged by", "[calibration]") {
  using namespace calibrated_search_tests;
  problem const p = random_problem(60, 4, 8, {.masked = true, .weighted = true, .prevalence = 0.3});
  auto const rows = rows_of(p);
  softf1::context<cpu> ctx;
  auto const inside = thresholds::search_named("best", softf1::f1{});
  auto const folds = thresholds::shuffled_folds(p.rows, 3);
  auto const check = [&]<class Calibrator>(Calibrator const& calibrator) {
    auto const search = softf1::calibrated_search(calibrator, inside);
    auto const found = cross_validate(ctx, rows, search, folds);
    for (std::size_t f = 0; f < 3; ++f) {
      std::vector<double> without(p.rows);
      problem others = p;  // the fold's own scores and targets are turned round
      for (std::size_t i = 0; i < p.rows; ++i) {
        without[i] = folds[i] != f;
        for (std::size_t k = p.at(i, 0); folds[i] == f && k < p.at(i, 4); ++k) {
          others.scores[k] *= -3;
          others.targets[k] = 1 - p.targets[k];
        }
      }
      auto const map = calibrator(rows.reweighted(without));
      auto const rule = inside(softf1::calibrated_rows(rows.reweighted(without), map)).rule;
      auto const& set = std::get<softf1::threshold_set>(found.rules[f].rule);
      CHECK(set.thresholds == std::get<softf1::threshold_set>(rule).thresholds);
      auto const again = cross_validate(ctx, rows_of(others), search, folds).rules[f];
      CHECK(std::get<softf1::threshold_set>(again.rule).thresholds == set.thresholds);
      REQUIRE(found.rules[f].calibration);
      for (std::size_t j = 0; j < p.cols; ++j) {
        CHECK(found.rules[f].calibration->maps[j].a == map.maps[j].a);
        CHECK(again.calibration->maps[j].a == map.maps[j].a);
        CHECK(again.calibration->maps[j].probabilities == map.maps[j].probabilities);
      }
      std::vector<double> const probabilities = map.apply(softf1::as_matrix(p.scores, p.rows, p.cols));
      for (std::size_t i = 0; i < p.rows; ++i)
        for (std::size_t j = 0; j < p.cols; ++j)
          if (folds[i] == f && p.weight(i) > 0)
            CHECK(found.decided[p.at(i, j)] == (p.present(i, j) && probabilities[p.at(i, j)] >= set.thresholds[j]));
    }
  };
  check(platt{.min_positives = 1});
  check(softf1::calibration::isotonic{.min_positives = 1});
  auto const search = softf1::calibrated_search(platt{.min_positives = 1}, inside);
  auto const account = search_with_account(ctx, rows, search, softf1::f1{}, {.folds = 3});
  REQUIRE(account.calibration);
  CHECK(account.calibration->method == "platt");
  CHECK(account.macro_expected < account.macro_tuned);
}

TEST_CASE("calibrated searches know rows that say nothing", "[calibration]") {
  using namespace calibrated_search_tests;
  auto const search = softf1::calibrated_search(platt{}, thresholds::search_named("best", softf1::f1{}));
  auto const none = search(rows_of({0, 2}));
  CHECK(std::get<softf1::threshold_set>(none.rule).thresholds == std::vector<double>(2, 0.5));
  for (double target : {0.0, 1.0}) {
    auto const alike = search(rows_of({3, 1, {1, -1, 2}, {target, target, target}}));
    auto const& set = std::get<softf1::threshold_set>(alike.rule);
    CHECK(set.reasons[0] == (target == 0 ? "no positives" : "best"));
    CHECK(thresholds::decide_rows(rows_of({3, 1, {1, -1, 2}, {0, 0, 0}}), alike) ==
          std::vector<std::uint8_t>(3, target == 1));
  }
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
  std::vector<std::uint8_t> const decided = softf1::decide(softf1::as_matrix(p.scores, p.rows, p.cols), search(rows));
  CHECK(decided == thresholds::decide_rows(rows, best(rows)));
  for (auto const& account : set.accounts) {
    CHECK(account.low <= account.high);
    CHECK((account.low >= 0 && account.high <= 1));
  }
  // What is refined inside is calibrated once; what refines from outside would mix thresholds of several calibrations.
  CHECK(error_text<softf1::value_error>([&] { thresholds::refinements::bagged{}(search, rows, softf1::f1{}); }) ==
        "bagged: expected thresholds of scores as they are, got some of calibrated ones");
}
