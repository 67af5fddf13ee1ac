// Rules that look at whole rows, against their definitions.
#include <softf1/decisions/apply.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <softf1/metrics/counts.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace row_rules_tests {

using namespace softf1_test;

/// Which labels of row i are at least as high as the score above the widest gap.
std::vector<bool> above_gap(problem const& p, std::size_t i) {
  std::vector<double> sorted;
  for (std::size_t j = 0; j < p.cols; ++j)
    if (p.present(i, j)) sorted.push_back(p.scores[p.at(i, j)]);
  std::sort(sorted.rbegin(), sorted.rend());
  double widest = 0, least = sorted.empty() ? 0 : sorted.back();
  for (std::size_t k = 0; k + 1 < sorted.size(); ++k)
    if (sorted[k] - sorted[k + 1] > widest) {
      widest = sorted[k] - sorted[k + 1];
      least = sorted[k];
    }
  std::vector<bool> yes(p.cols);
  for (std::size_t j = 0; j < p.cols; ++j) yes[j] = p.present(i, j) && p.scores[p.at(i, j)] >= least;
  return yes;
}

double f_beta(double tp, double predicted, double truth, double beta) {
  double const all = predicted + beta * beta * truth;
  return all > 0 ? (1 + beta * beta) * tp / all : 1;
}

/// The expected F-beta of a set (bits) of labels with these probabilities, over all outcomes.
double expectation(std::vector<double> const& p, std::size_t set, double beta) {
  double sum = 0;
  for (std::size_t truth = 0; truth < std::size_t{1} << p.size(); ++truth) {
    double chance = 1, hits = 0, predicted = 0, positives = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      bool const is = truth >> j & 1, yes = set >> j & 1;
      chance *= is ? p[j] : 1 - p[j];
      hits += is && yes;
      predicted += yes;
      positives += is;
    }
    sum += chance * f_beta(hits, predicted, positives, beta);
  }
  return sum;
}

}  // namespace row_rules_tests

TEMPLATE_TEST_CASE("the largest gap of a row divides its labels", "[decisions]", SOFTF1_TEST_BACKENDS) {
  using namespace row_rules_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem const p = random_problem(9, 1 + seed % 7, seed, {.masked = seed % 2 == 0, .distinct = seed % 3 * 4});
    problem_on<TestType, float> const data(ctx, p);
    problem exact = p;
    for (double& x : exact.scores) x = static_cast<float>(x);
    softf1::confusion_counts counts;
    counts.add(ctx, data.scores(), data.targets(),
               softf1::metric_options<TestType>{.decision = softf1::largest_gap{}, .mask = data.mask()});
    std::vector<softf1::confusion<double>> expected(p.cols, softf1::confusion<double>{});
    for (std::size_t i = 0; i < p.rows; ++i) {
      auto const yes = above_gap(exact, i);
      for (std::size_t j = 0; j < p.cols; ++j) {
        if (!p.present(i, j)) continue;
        bool const positive = p.targets[p.at(i, j)] == 1;
        auto& c = expected[j];
        (yes[j] ? positive ? c.tp : c.fp : positive ? c.fn : c.tn) += 1;
      }
    }
    for (std::size_t j = 0; j < p.cols; ++j) {
      INFO("seed " << seed << ", label " << j);
      CHECK((counts[j].tp == expected[j].tp && counts[j].fp == expected[j].fp && counts[j].fn == expected[j].fn &&
             counts[j].tn == expected[j].tn));
    }
  }
}

TEST_CASE("the expected F of the set that is found is that of the best of all sets", "[decisions]") {
  using namespace row_rules_tests;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    softf1::random_stream const random(seed);
    std::vector<double> p;
    for (std::size_t j = 0; j < seed % 7; ++j) p.push_back((seed % 3 == 0 ? 0.3 : 1) * random.uniform(j));
    std::sort(p.rbegin(), p.rend());
    for (double beta : {0.5, 1.0, 2.0, std::sqrt(3.0)}) {
      double best = -1;
      for (std::size_t set = 0; set < std::size_t{1} << p.size(); ++set)
        best = std::max(best, expectation(p, set, beta));
      auto const found = softf1::best_expected_set(p, beta);
      INFO("seed " << seed << ", beta " << beta);
      CHECK(found.score == Approx(best).epsilon(1e-12));
      CHECK(expectation(p, (std::size_t{1} << found.size) - 1, beta) == Approx(best).epsilon(1e-12));
    }
  }
  CHECK(error_text<softf1::value_error>([] { softf1::expected_f{0.7}.check(); }) ==
        "expected_f: the square of beta must be a whole number from 1 to 64, or one over one, got beta 0.7");
}

TEMPLATE_TEST_CASE("rows are decided by the set of the best expected F, missing labels apart", "[decisions]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace row_rules_tests;
  softf1::context<TestType> ctx;
  // Probabilities .9, .6, .2 and .1, in logits of another order; the last row has the second label masked.
  std::vector<double> const row{
      softf1::decisions::from_probability(0.2, softf1::logit), softf1::decisions::from_probability(0.9, softf1::logit),
      softf1::decisions::from_probability(0.1, softf1::logit), softf1::decisions::from_probability(0.6, softf1::logit)};
  problem p{2, 4, row, std::vector<double>(8, 1), std::vector<std::uint8_t>{1, 1, 1, 1, 1, 0, 1, 1}, {}, indices(4)};
  p.scores.insert(p.scores.end(), row.begin(), row.end());
  problem_on<TestType> const data(ctx, p);
  softf1::confusion_counts counts;
  counts.add(ctx, data.scores(), data.targets(),
             softf1::metric_options<TestType>{.decision = softf1::expected_f{}, .mask = data.mask()});
  auto const whole = softf1::best_expected_set(std::vector<double>{0.9, 0.6, 0.2, 0.1});
  auto const rest = softf1::best_expected_set(std::vector<double>{0.6, 0.2, 0.1});
  REQUIRE(whole.size == 2);
  REQUIRE(rest.size == 1);
  CHECK(counts[1].tp == 1);
  CHECK(counts[3].tp == 2);
  CHECK(counts[0].tp + counts[2].tp == 0);
  CHECK(counts[1].total() == 1);
}
