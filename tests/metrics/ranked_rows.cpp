#include <softf1/metrics/ranked_rows.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"
#include "metrics/row_statistics.hpp"

namespace ranked_rows_tests {

using namespace softf1_test;
using softf1::averaging;
using softf1::rank_score;

inline std::vector<softf1::ranked_metric> all_metrics() {
  std::vector<softf1::ranked_metric> metrics;
  for (rank_score score : {rank_score::average_precision, rank_score::roc_auc}) {
    for (averaging how : {averaging::macro, averaging::micro, averaging::weighted, averaging::samples})
      metrics.push_back({score, how});
    metrics.push_back({score, std::nullopt});
  }
  return metrics;
}

/// The labels of row i as the cells of one label.
inline problem row_as_label(problem const& p, std::size_t i) {
  problem row{p.cols, 1};
  for (std::size_t j = 0; j < p.cols; ++j) {
    row.scores.push_back(p.scores[p.at(i, j)]);
    row.targets.push_back(p.targets[p.at(i, j)]);
    row.mask.push_back(p.present(i, j));
  }
  return row;
}

inline std::vector<double> by_loops(problem const& p) {
  std::vector<double> values;
  for (auto* metric : {&reference_average_precision, &reference_roc_auc}) {
    softf1::metrics::defined_mean macro, weighted, samples;
    for (std::size_t i = 0; i < p.rows; ++i) samples.add(metric(row_as_label(p, i), 0), p.weight(i));
    std::vector<double> labels;
    for (std::size_t j = 0; j < p.cols; ++j) {
      labels.push_back(metric(p, j));
      double positives = 0;
      for (std::size_t i = 0; i < p.rows; ++i)
        if (p.present(i, j)) positives += p.targets[p.at(i, j)] * p.weight(i);
      macro.add(labels.back());
      weighted.add(labels.back(), positives);
    }
    values.insert(values.end(), {macro.value(), metric(pooled(p), 0), weighted.value(), samples.value()});
    values.insert(values.end(), labels.begin(), labels.end());
  }
  return values;
}

}  // namespace ranked_rows_tests

TEST_CASE("numbers of ranked rows are those of the rows repeated", "[metrics][ranked_rows]") {
  using namespace ranked_rows_tests;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const p = random_problem(
        1 + seed % 17, 1 + seed % 4, seed,
        {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.3, .distinct = seed % 4 * 3});
    auto const statistic = ranked(p).statistic(all_metrics());
    auto const times = random_times(p.rows, seed);
    auto const got = evaluate(statistic, times), whole = statistic.estimate();
    auto const expected = by_loops(repeat_rows(p, times)), expected_whole = by_loops(p);
    INFO("seed " << seed);
    REQUIRE(got.size() == expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      INFO("number " << k);
      CHECK(same_number(got[k], expected[k], 1e-12));
      CHECK(same_number(whole[k], expected_whole[k], 1e-12));
    }
  }
}

TEMPLATE_TEST_CASE("rows are ranked from every backend", "[metrics][ranked_rows]", SOFTF1_TEST_BACKENDS) {
  using namespace ranked_rows_tests;
  problem const p = random_problem(30, 3, 6, {.masked = true, .weighted = true});
  softf1::context<TestType> ctx;
  problem_on<TestType> const data(ctx, p);
  softf1::ranked_rows rows;
  rows.add(ctx, data.scores(), data.targets(),
           softf1::ranking_options<TestType>{averaging::macro, data.mask(), data.weights()});
  CHECK(rows.statistic(all_metrics()).estimate() == ranked(p).statistic(all_metrics()).estimate());
}

TEST_CASE("the influence of a row on rankings is the derivative by its multiplicity", "[metrics][ranked_rows]") {
  using namespace ranked_rows_tests;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    problem const p = random_problem(
        25, 3, seed, {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.4, .distinct = seed % 4 * 4});
    auto const statistic = ranked(p).statistic(all_metrics());
    auto const got = statistic.source().influence(), expected = influence_by_differences(statistic);
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == Approx(expected[k]).margin(1e-6));
  }
}

TEST_CASE("ranked rows are added in any parts, and refuse what rankings refuse", "[metrics][ranked_rows]") {
  using namespace ranked_rows_tests;
  problem p = random_problem(20, 3, 1, {.masked = true, .weighted = true, .distinct = 6});
  softf1::ranked_rows parts;
  parts.merge({});
  parts.merge(ranked(take_rows(p, indices(9))));
  parts.merge(ranked(take_rows(p, {9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})));
  CHECK(parts.statistic(all_metrics()).estimate() == ranked(p).statistic(all_metrics()).estimate());
  CHECK(error_text<softf1::shape_error>([&] { parts.merge(ranked(take_cols(p, {0}))); }) ==
        "ranked_rows: merged rows must have shape (20, 3), got (20, 1)");
  p.mask.assign(60, 1);
  p.targets[p.at(4, 2)] = 0.5;
  CHECK(error_text<softf1::value_error>([&] { ranked(p); }) ==
        "ranked_rows: targets must be 0 or 1, got 0.5 at row 4, label 2");
}
