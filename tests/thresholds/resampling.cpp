#include <softf1/thresholds/resampling.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace resampling_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::tuning_rows;
namespace thresholds = softf1::thresholds;

tuning_rows rows_of(problem const& p) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::threshold_options<cpu> o;
  o.mask = data.mask();
  o.row_weights = data.weights();
  return tuning_rows(ctx, data.scores(), data.targets(), o);
}

softf1::threshold_set best(tuning_rows const& rows) { return thresholds::best{}(rows, softf1::f1{}); }

double macro_f1(std::vector<softf1::confusion<double>> const& counts) {
  double sum = 0;
  for (auto const& c : counts) {
    double const value = softf1::f1{}(c);
    sum += value == value ? value : 0;
  }
  return sum / static_cast<double>(counts.size());
}

}  // namespace resampling_tests

TEST_CASE("rows that are weighed anew are searched as rows that are repeated or left out", "[thresholds]") {
  using namespace resampling_tests;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const p = random_problem(20, 3, seed, {.masked = seed % 2 == 0, .distinct = seed % 3 * 5});
    softf1::random_stream const random(seed);
    std::vector<double> times;
    std::vector<std::size_t> repeated;
    for (std::size_t i = 0; i < p.rows; ++i) {
      times.push_back(static_cast<double>(random.below(i, 4)));
      repeated.insert(repeated.end(), static_cast<std::size_t>(times[i]), i);
    }
    auto const reweighted = rows_of(p).reweighted(times), taken = rows_of(take_rows(p, repeated));
    CHECK(best(reweighted).thresholds == best(taken).thresholds);
    CHECK(thresholds::global{}(reweighted, softf1::f1{}).thresholds ==
          thresholds::global{}(taken, softf1::f1{}).thresholds);
    auto const a = counts_under(reweighted, {0, 0, 0}), b = counts_under(taken, {0, 0, 0});
    auto const expected = label_counts(take_rows(p, repeated), {0, 0, 0});
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK((a[j].tp == expected[j].tp && a[j].fp == expected[j].fp && a[j].tn == expected[j].tn));
      CHECK((b[j].tp == expected[j].tp && b[j].fn == expected[j].fn && b[j].tn == expected[j].tn));
    }
  }
}

TEST_CASE("each row is decided by thresholds that were found without its fold", "[thresholds]") {
  using namespace resampling_tests;
  problem const p = random_problem(30, 2, 3);
  auto const folds = thresholds::shuffled_folds(30, 4, 7);
  for (std::size_t f = 0; f < 4; ++f) CHECK(std::count(folds.begin(), folds.end(), f) >= 7);
  auto const found = cross_validate(rows_of(p), best, folds);
  REQUIRE(found.folds.size() == 4);
  std::vector<counts> expected(2, counts{});
  for (std::size_t f = 0; f < 4; ++f) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < 30; ++i)
      if (folds[i] != f) others.push_back(i);
    auto const set = best(rows_of(take_rows(p, others)));
    CHECK(found.folds[f].thresholds == set.thresholds);
    for (std::size_t i = 0; i < 30; ++i)
      for (std::size_t j = 0; j < 2; ++j)
        if (folds[i] == f) count_cell(expected[j], p, i, j, set.thresholds[j], 1);
  }
  for (std::size_t j = 0; j < 2; ++j)
    CHECK((found.held_out[j].tp == expected[j].tp && found.held_out[j].fp == expected[j].fp &&
           found.held_out[j].fn == expected[j].fn && found.held_out[j].tn == expected[j].tn));
  CHECK(error_text<softf1::value_error>([] { thresholds::shuffled_folds(3, 4); }) ==
        "shuffled_folds: folds must be from 2 to the number of rows, got 4");
}

TEST_CASE("what a search overrates itself by on rare labels, its bootstrap says", "[thresholds]") {
  using namespace resampling_tests;
  // Scores that know nothing: F1 on new rows is that of any threshold, the tuned one is a search among noise.
  double overrated = 0, estimated = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const known = random_problem(60, 2, 2 * seed, {.prevalence = 0.1}),
                  unknown = random_problem(4000, 2, 2 * seed + 1, {.prevalence = 0.1});
    auto const rows = rows_of(known);
    auto const tuned = best(rows);
    auto const there = rows_of(unknown);
    overrated += macro_f1(counts_under(rows, tuned.thresholds)) - macro_f1(counts_under(there, tuned.thresholds));
    estimated += bootstrap_search(rows, best, macro_f1, 50, seed).optimism;
  }
  CHECK(overrated / 40 > 0.05);
  CHECK(estimated / 40 == Approx(overrated / 40).margin(0.06));
}

TEST_CASE("medians and shrinkage of thresholds", "[thresholds]") {
  using namespace resampling_tests;
  auto const set = [](std::vector<double> const& t) {
    return softf1::threshold_set{t, softf1::logit, {}, {"best", "best", "best"}};
  };
  auto const middle = thresholds::median_of({set({1, 5, HUGE_VAL}), set({2, 7, 3}), set({9, 6, HUGE_VAL})}, "median");
  CHECK(middle.thresholds == std::vector<double>{2, 6, HUGE_VAL});
  CHECK(middle.reasons[0] == "median");
  CHECK(thresholds::median_of({set({1, 5, 2}), set({2, 7, HUGE_VAL})}, "median").thresholds ==
        std::vector<double>{1.5, 6, 2});
  auto const drawn = thresholds::shrunk(set({4, 4, HUGE_VAL}), std::vector<double>{30, 10, 50}, 1, 10);
  CHECK(drawn.thresholds == std::vector<double>{0.75 * 4 + 0.25 * 1, 0.5 * 4 + 0.5 * 1, 1});
  CHECK(drawn.reasons[1] == "best, shrunk");
}
