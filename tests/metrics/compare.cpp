#include <softf1/metrics/compare.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "metrics/row_statistics.hpp"

namespace compare_tests {

using namespace softf1_test;
using softf1::averaging;

struct pair_of_models {
  problem first, second;
};

// Two models of the same targets; `skill` is what the first sees of them more than the second does.
inline pair_of_models two_models(std::size_t rows, std::uint64_t seed, double skill) {
  pair_of_models m{random_problem(rows, 3, seed), random_problem(rows, 3, seed + 1000)};
  m.second.targets = m.first.targets;
  for (std::size_t k = 0; k < m.first.scores.size(); ++k) {
    double const y = 2 * m.first.targets[k] - 1;
    m.first.scores[k] += (1 + skill) * y;
    m.second.scores[k] += y;
  }
  return m;
}

// p by all 2^N exchanges of rows.
inline double exact_randomisation(pair_of_models const& m, std::vector<softf1::decided_metric> const& metric) {
  double const observed =
      decided(m.first).statistic(metric).estimate()[0] - decided(m.second).statistic(metric).estimate()[0];
  std::size_t extreme = 0, all = std::size_t{1} << m.first.rows;
  for (std::size_t swaps = 0; swaps < all; ++swaps) {
    pair_of_models now = m;
    for (std::size_t i = 0; i < m.first.rows; ++i)
      for (std::size_t j = 0; j < m.first.cols; ++j)
        if (swaps >> i & 1) std::swap(now.first.scores[m.first.at(i, j)], now.second.scores[m.first.at(i, j)]);
    double const d =
        decided(now.first).statistic(metric).estimate()[0] - decided(now.second).statistic(metric).estimate()[0];
    extreme += std::fabs(d) >= std::fabs(observed) - 1e-12;
  }
  return static_cast<double>(extreme) / static_cast<double>(all);
}

}  // namespace compare_tests

TEST_CASE("a better model is found better, and equal ones equal", "[metrics][compare]") {
  using namespace compare_tests;
  softf1::context<softf1::cpu> ctx;
  std::vector<softf1::decided_metric> const decided_metrics{{softf1::f1{}, averaging::macro},
                                                            {softf1::accuracy{}, std::nullopt}};
  std::vector<softf1::ranked_metric> const ranked_metrics{{softf1::rank_score::average_precision, averaging::macro},
                                                          {softf1::rank_score::roc_auc, averaging::micro}};
  softf1::interval_options const options{.sampling = {.resamples = 500}};
  auto const models = two_models(300, 3, 2);
  problem const &better = models.first, &worse = models.second;
  for (auto const& results : {softf1::compare(ctx, decided(better), decided(worse), decided_metrics, options),
                              softf1::compare(ctx, ranked(better), ranked(worse), ranked_metrics, options)})
    for (auto const& c : results) {
      CHECK(c.difference.value == c.first - c.second);
      CHECK(c.difference.low > 0);
      CHECK(c.difference.high < 0.5);
      CHECK(c.p_bootstrap < 0.02);
      CHECK(c.p_randomisation < 0.02);
    }
  // A model beside itself: no difference, in any resample.
  for (auto const& c : softf1::compare(ctx, decided(better), decided(better), decided_metrics, options)) {
    CHECK(c.difference.value == 0);
    CHECK(c.difference.low == 0);
    CHECK(c.difference.high == 0);
    CHECK(c.p_bootstrap == 1);
    CHECK(c.p_randomisation == 1);
  }
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::compare(ctx, decided(better), decided(take_rows(worse, {0})), decided_metrics);
        }) == "compare: the second model's scores must have shape (300, 3), got (1, 3)");
}

TEST_CASE("two models are compared on the same targets, masks and weights alone", "[metrics][compare]") {
  using namespace compare_tests;
  softf1::context<softf1::cpu> ctx;
  auto const [first, same] = two_models(20, 1, 1);
  std::vector<softf1::decided_metric> const of_decisions{{softf1::f1{}, averaging::macro}};
  std::vector<softf1::ranked_metric> const of_scores{{softf1::rank_score::roc_auc, averaging::macro}};
  auto const refused = [&](problem a, problem b, auto const& change, std::string const& expected) {
    change(a, b);
    CHECK(error_text<softf1::value_error>([&] { softf1::compare(ctx, decided(a), decided(b), of_decisions); }) ==
          "compare: " + expected);
    CHECK(error_text<softf1::value_error>([&] { softf1::compare(ctx, ranked(a), ranked(b), of_scores); }) ==
          "compare: " + expected);
    CHECK(error_text<softf1::value_error>([&] {
            softf1::randomisation_test(ctx, decided(a), decided(b), of_decisions);
          }) == "randomisation_test: " + expected);
  };
  std::size_t const at = first.at(11, 2);
  for (double score : {-9.0, 9.0})  // a cell that is kept, and one that is not
    refused(
        first, same,
        [&](problem& a, problem& b) { a.targets[at] = 0, b.targets[at] = 1, a.scores[at] = b.scores[at] = score; },
        "both models must have the same targets, got 0 and 1 at row 11, label 2");
  refused(
      first, same,
      [&](problem& a, problem& b) {
        a.targets[at] = b.targets[at] = 0, a.scores[at] = -9;
        a.mask = b.mask = std::vector<std::uint8_t>(60, 1);
        b.mask[at] = 0;
      },
      "both models must have the same targets, got 0 and missing at row 11, label 2");
  refused(
      first, same,
      [&](problem& a, problem& b) {
        a.weights = b.weights = std::vector<double>(20, 1);
        b.weights[3] = 2;
      },
      "both models must have the same row weights, got 1 and 2 for row 3");
}

TEST_CASE("approximate randomisation comes near the exact test", "[metrics][compare]") {
  using namespace compare_tests;
  softf1::context<softf1::cpu> ctx;
  std::vector<softf1::decided_metric> const metric{{softf1::f1{}, averaging::micro}};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    auto const m = two_models(8, seed, 0.7);
    auto const p = softf1::randomisation_test(ctx, decided(m.first), decided(m.second), metric,
                                              {.resamples = 4000, .seed = seed})[0];
    CHECK(p == Approx(exact_randomisation(m, metric)).margin(0.04));
  }
}

TEST_CASE("where models do not differ, p-values are below 0.1 about once in ten", "[metrics][compare]") {
  using namespace compare_tests;
  softf1::context<softf1::cpu> ctx;
  std::vector<softf1::decided_metric> const metric{{softf1::f1{}, averaging::macro}};
  int small_bootstrap = 0, small_randomisation = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto const m = two_models(60, seed, 0);
    auto const c = softf1::compare(ctx, decided(m.first), decided(m.second), metric,
                                   {softf1::interval_method::percentile, 0.95, {.resamples = 150, .seed = seed}})[0];
    small_bootstrap += c.p_bootstrap < 0.1;
    small_randomisation += c.p_randomisation < 0.1;
  }
  CHECK(std::abs(small_bootstrap - 20) <= 14);
  CHECK(std::abs(small_randomisation - 20) <= 14);
}
