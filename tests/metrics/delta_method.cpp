#include <softf1/metrics/delta_method.hpp>

#include <cmath>
#include <vector>

#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/recall.hpp>

#include "support/catch.hpp"
#include "metrics/row_statistics.hpp"

namespace delta_method_tests {

using namespace softf1_test;
using softf1::averaging;

inline double standard_error(softf1::row_statistic const& statistic,
                             softf1::metrics::sampling_options const& options = {}) {
  return softf1::delta_method(statistic, options)[0].standard_error;
}

// The variance of DeLong et al. (1988): placements of the positives, and of the negatives.
inline double delong_variance(problem const& p) {
  std::vector<double> above, below;
  for (std::size_t a = 0; a < p.rows; ++a) {
    double share = 0, others = 0;
    for (std::size_t b = 0; b < p.rows; ++b) {
      if (p.targets[a] == p.targets[b]) continue;
      double const mine = p.targets[a] == 1 ? p.scores[a] : p.scores[b];
      double const other = p.targets[a] == 1 ? p.scores[b] : p.scores[a];
      share += mine > other ? 1 : mine == other ? 0.5 : 0;
      ++others;
    }
    (p.targets[a] == 1 ? above : below).push_back(share / others);
  }
  double variance = 0;
  for (auto const& placements : {above, below}) {
    double const n = static_cast<double>(placements.size());
    double mean = 0, squares = 0;
    for (double v : placements) mean += v / n;
    for (double v : placements) squares += (v - mean) * (v - mean);
    variance += squares / (n - 1) / n;
  }
  return variance;
}

}  // namespace delta_method_tests

TEST_CASE("standard errors have the closed forms of shares", "[metrics][delta_method]") {
  using namespace delta_method_tests;
  problem const p = random_problem(50, 1, 3, {.prevalence = 0.4});
  double right = 0, positives = 0, found = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    bool const yes = p.scores[i] >= 0, positive = p.targets[i] == 1;
    right += yes == positive;
    positives += positive;
    found += yes && positive;
  }
  double const accuracy = right / 50, recall = found / positives;
  auto const rows = decided(p);
  CHECK(standard_error(rows.statistic(softf1::accuracy{}, averaging::macro)) ==
        Approx(std::sqrt(accuracy * (1 - accuracy) / 49)));
  // Wald's variance of a binomial share of the positives, with the factor N / (N − 1).
  CHECK(standard_error(rows.statistic(softf1::recall{}, averaging::macro)) ==
        Approx(std::sqrt(recall * (1 - recall) / positives * 50 / 49)));
  // Labels that are copies of each other say nothing more.
  auto const twice = decided(take_cols(p, {0, 0}));
  for (averaging how : {averaging::macro, averaging::micro, averaging::weighted})
    CHECK(standard_error(twice.statistic(softf1::f1{}, how)) ==
          Approx(standard_error(rows.statistic(softf1::f1{}, how))));
}

TEST_CASE("the samples average has the standard error of a mean over rows", "[metrics][delta_method]") {
  using namespace delta_method_tests;
  problem const p = random_problem(40, 4, 3);
  auto const rows = decided(p, 1);
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < 40; ++i) mean += softf1::metrics::defined_score(softf1::f1{}, rows.row(i), 1) / 40;
  for (std::size_t i = 0; i < 40; ++i)
    squares += std::pow(softf1::metrics::defined_score(softf1::f1{}, rows.row(i), 1) - mean, 2);
  CHECK(standard_error(rows.statistic(softf1::f1{}, averaging::samples)) == Approx(std::sqrt(squares / 39 / 40)));
}

TEST_CASE("with the classes as strata the standard error of AUROC is DeLong's", "[metrics][delta_method]") {
  using namespace delta_method_tests;
  for (std::uint64_t distinct : std::vector<std::uint64_t>{0, 7}) {
    problem const p = random_problem(60, 1, 4, {.prevalence = 0.3, .distinct = distinct});
    softf1::metrics::sampling_options options;
    for (double y : p.targets) options.strata.push_back(y == 1);
    CHECK(standard_error(ranked(p).statistic(softf1::rank_score::roc_auc), options) ==
          Approx(std::sqrt(delong_variance(p))).epsilon(1e-12));
  }
}

TEST_CASE("standard errors: order does not matter, masking is deleting, groups of one are rows, groups add up",
          "[metrics][delta_method]") {
  using namespace delta_method_tests;
  problem const p = random_problem(30, 3, 5, {.masked = true, .weighted = true, .distinct = 9});
  auto const both = [](problem const& q, softf1::metrics::sampling_options const& options = {}) {
    return std::vector<double>{standard_error(decided(q).statistic(softf1::f1{}, averaging::macro), options),
                               standard_error(ranked(q).statistic(softf1::rank_score::average_precision), options)};
  };
  auto const plain = both(p);
  problem masked = p, weightless = p, doubled = p;
  for (std::size_t j = 0; j < 3; ++j) masked.mask[masked.at(5, j)] = 0;
  weightless.weights[5] = 0;
  for (double& w : doubled.weights) w *= 2;
  std::vector<std::uint64_t> ids, pairs;
  for (std::size_t i = 0; i < 30; ++i) ids.push_back(100 - i);
  auto const without = both(take_rows(p, all_but(30, 5)));
  // The same row in a group of two, and once with twice the weight, is the same.
  auto rows = indices(30);
  for (std::size_t i = 0; i < 30; ++i) pairs.push_back(i);
  for (std::size_t i = 0; i < 30; ++i) rows.push_back(i), pairs.push_back(i);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(both(take_rows(p, random_order(30, 1)))[k] == Approx(plain[k]));
    CHECK(both(take_cols(p, {2, 0, 1}))[k] == Approx(plain[k]));
    CHECK(both(masked)[k] == Approx(without[k]));
    CHECK(both(weightless)[k] == Approx(without[k]));
    CHECK(both(doubled)[k] == Approx(plain[k]));
    CHECK(both(p, {.groups = ids})[k] == Approx(plain[k]));
    CHECK(both(take_rows(p, rows), {.groups = pairs})[k] == Approx(plain[k]));
  }
}

TEST_CASE("the jackknife leaves out each row in turn, and finds no bias in a mean", "[metrics][delta_method]") {
  using namespace delta_method_tests;
  problem const p = random_problem(40, 2, 3);
  CHECK(softf1::jackknife_bias(decided(p).statistic(softf1::accuracy{}, averaging::macro))[0] ==
        Approx(0).margin(1e-13));
  // Leaving out each row by hand.
  problem const q = random_problem(30, 2, 4, {.weighted = true, .distinct = 5});
  auto const statistic = ranked(q).statistic(softf1::rank_score::average_precision);
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    if (q.weights[i] == 0) continue;
    sum += ranked(take_rows(q, all_but(30, i))).statistic(softf1::rank_score::average_precision).estimate()[0] -
           statistic.estimate()[0];
    ++n;
  }
  CHECK(softf1::jackknife_bias(statistic)[0] == Approx(sum * (n - 1) / n).epsilon(1e-9));
}
