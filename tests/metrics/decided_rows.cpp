#include <softf1/metrics/decided_rows.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/metrics/classification.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/mcc.hpp>
#include <softf1/scores/precision.hpp>
#include <softf1/scores/specificity.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"
#include "metrics/row_statistics.hpp"

namespace decided_rows_tests {

using namespace softf1_test;
using softf1::averaging;

// Every score under every average, and each label; and the same by the metrics themselves.
inline std::vector<softf1::decided_metric> all_metrics() {
  std::vector<softf1::decided_metric> metrics;
  for (averaging how : {averaging::macro, averaging::micro, averaging::weighted, averaging::samples}) {
    metrics.push_back({softf1::scores::f1{}, how});
    metrics.push_back({softf1::scores::mcc{}, how});
    metrics.push_back({softf1::scores::specificity{}, how});
  }
  metrics.push_back({softf1::scores::precision{}, std::nullopt});
  return metrics;
}

inline std::vector<double> by_loops(problem const& p, double zero_division) {
  std::vector<double> const thresholds(p.cols, 0.0);
  std::vector<double> values;
  for (averaging how : {averaging::macro, averaging::micro, averaging::weighted, averaging::samples})
    for (count_score const& score : {count_score(softf1::scores::f1{}), count_score(softf1::scores::mcc{}),
                                     count_score(softf1::scores::specificity{})})
      values.push_back(reference_average(p, thresholds, score, how, zero_division));
  for (auto const& c : label_counts(p, thresholds))
    values.push_back(softf1::metrics::defined_score(softf1::scores::precision{}, c, zero_division));
  return values;
}

}  // namespace decided_rows_tests

TEST_CASE("numbers of decided rows are those of the rows repeated", "[metrics][decided_rows]") {
  using namespace decided_rows_tests;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const p = random_problem(1 + seed % 17, 1 + seed % 4, seed,
                                     {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.3});
    double const zero_division = seed % 5 == 0 ? nan_value : static_cast<double>(seed % 2);
    auto const statistic = decided(p, zero_division).statistic(all_metrics());
    auto const times = random_times(p.rows, seed);
    auto const got = evaluate(statistic, times), whole = statistic.estimate();
    auto const expected = by_loops(repeat_rows(p, times), zero_division), expected_whole = by_loops(p, zero_division);
    INFO("seed " << seed);
    REQUIRE(got.size() == expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      INFO("number " << k);
      CHECK(same_number(got[k], expected[k], 1e-12));
      CHECK(same_number(whole[k], expected_whole[k], 1e-12));
    }
  }
}

TEMPLATE_TEST_CASE("rows are decided on every backend", "[metrics][decided_rows]", SOFTF1_TEST_BACKENDS) {
  using namespace decided_rows_tests;
  problem const p = random_problem(30, 3, 6, {.masked = true, .weighted = true});
  softf1::context<TestType> ctx;
  problem_on<TestType> const data(ctx, p);
  softf1::decided_rows rows;
  softf1::metric_options<TestType> options;
  options.mask = data.mask();
  options.row_weights = data.weights();
  rows.add(ctx, data.scores(), data.targets(), options);
  CHECK(rows.statistic(all_metrics()).estimate() == decided(p).statistic(all_metrics()).estimate());
}

TEST_CASE("the influence of a row is the derivative by its multiplicity", "[metrics][decided_rows]") {
  using namespace decided_rows_tests;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    problem const p =
        random_problem(30, 3, seed, {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.5});
    auto const statistic = decided(p, seed % 2 ? 0.0 : nan_value).statistic(all_metrics());
    auto const got = statistic.source().influence(), expected = influence_by_differences(statistic);
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == Approx(expected[k]).margin(1e-7));
  }
}

TEST_CASE("decided rows are added in any parts, and refuse what metrics refuse", "[metrics][decided_rows]") {
  using namespace decided_rows_tests;
  problem p = random_problem(20, 3, 1, {.masked = true, .weighted = true});
  softf1::decided_rows parts;
  parts.merge({});
  for (std::size_t first : std::vector<std::size_t>{0, 7, 12}) {
    std::size_t const end = first == 0 ? 7 : first == 7 ? 12 : 20;
    std::vector<std::size_t> rows;
    for (std::size_t i = first; i < end; ++i) rows.push_back(i);
    parts.merge(decided(take_rows(p, rows)));
  }
  CHECK(parts.rows() == 20);
  CHECK(parts.statistic(all_metrics()).estimate() == decided(p).statistic(all_metrics()).estimate());
  CHECK(error_text<softf1::shape_error>([&] { parts.merge(decided(take_cols(p, {0}))); }) ==
        "decided_rows: merged rows must have shape (20, 3), got (20, 1)");
  CHECK(error_text<softf1::value_error>([&] { parts.statistic(std::vector<softf1::decided_metric>{}); }) ==
        "decided_rows: a statistic needs at least one metric");
  p.mask.assign(60, 1);
  p.scores[p.at(4, 2)] = nan_value;
  CHECK(error_text<softf1::value_error>([&] { decided(p); }) ==
        "decided_rows: scores must not be NaN, got nan at row 4, label 2");
}

TEST_CASE("rows of weight 0 and rows masked in full are no part of the sample", "[metrics][decided_rows]") {
  using namespace decided_rows_tests;
  problem p = random_problem(4, 2, 1);
  p.weights = {1, 0, 2, 1};
  p.mask = {1, 1, 1, 1, 0, 0, 0, 1};
  p.targets = {0, 0, 1, 1, 1, 1, 1, 1};
  CHECK(decided(p).per_label(softf1::scores::f1{}).source().counted() == std::vector<std::uint8_t>{1, 0, 0, 1});
  CHECK(decided(p).has_positives() == std::vector<std::uint64_t>{0, 1, 0, 1});
}
