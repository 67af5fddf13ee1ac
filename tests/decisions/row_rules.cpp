// Rules that look at whole rows, against their definitions.
#include <softf1/decisions/apply.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <softf1/decisions/best_gfm_set.hpp>
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

/// What a rule counts of scores rounded to float.
template <class B>
softf1::confusion_counts counted(softf1::context<B>& ctx, problem const& p, softf1::decision_rule const& rule,
                                 softf1::score_domain domain = softf1::logit) {
  problem_on<B, float> const data(ctx, p);
  softf1::confusion_counts counts;
  counts.add(ctx, data.scores(), data.targets(),
             softf1::metric_options<B>{.domain = domain, .decision = rule, .mask = data.mask()});
  return counts;
}

/// Whether a rule decides each row as chosen(exact, i) says, where exact has the scores as floats.
template <class B, class Chosen>
bool decides_as(softf1::context<B>& ctx, problem const& p, softf1::decision_rule const& rule, Chosen const& chosen,
                softf1::score_domain domain = softf1::logit) {
  problem exact = p;
  for (double& x : exact.scores) x = static_cast<float>(x);
  auto const counts = counted(ctx, p, rule, domain);
  std::vector<softf1::confusion<double>> expected(p.cols, softf1::confusion<double>{});
  for (std::size_t i = 0; i < p.rows; ++i) {
    std::vector<bool> const yes = chosen(exact, i);
    for (std::size_t j = 0; j < p.cols; ++j) {
      if (!p.present(i, j)) continue;
      bool const positive = p.targets[p.at(i, j)] == 1;
      auto& c = expected[j];
      (yes[j] ? positive ? c.tp : c.fp : positive ? c.fn : c.tn) += 1;
    }
  }
  bool same = true;
  for (std::size_t j = 0; j < p.cols; ++j)
    same = same && counts[j].tp == expected[j].tp && counts[j].fp == expected[j].fp && counts[j].fn == expected[j].fn &&
           counts[j].tn == expected[j].tn;
  return same;
}

/// The k present labels of row i with the highest keys, of equals the first.
std::vector<bool> highest(problem const& p, std::size_t i, std::vector<double> const& keys, std::size_t k) {
  std::vector<std::size_t> order;
  for (std::size_t j = 0; j < p.cols; ++j)
    if (p.present(i, j)) order.push_back(j);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] > keys[b]; });
  std::vector<bool> yes(p.cols);
  for (std::size_t n = 0; n < std::min(k, order.size()); ++n) yes[order[n]] = true;
  return yes;
}

std::vector<double> row_of(problem const& p, std::size_t i) {
  auto const at = p.scores.begin() + static_cast<std::ptrdiff_t>(p.at(i, 0));
  return {at, at + static_cast<std::ptrdiff_t>(p.cols)};
}

double f_beta(double tp, double predicted, double truth, double beta) {
  double const all = predicted + beta * beta * truth;
  return all > 0 ? (1 + beta * beta) * tp / all : 1;
}

/// The probability of each outcome (bits): of independent labels, weighed by how many are true; r empty: all alike.
std::vector<double> outcomes(std::vector<double> const& p, std::vector<double> const& r = {}) {
  std::vector<double> chances(std::size_t{1} << p.size(), 1);
  double sum = 0;
  for (std::size_t truth = 0; truth < chances.size(); ++truth) {
    std::size_t size = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      chances[truth] *= truth >> j & 1 ? p[j] : 1 - p[j];
      size += truth >> j & 1;
    }
    if (!r.empty()) chances[truth] *= r[size];
    sum += chances[truth];
  }
  for (double& chance : chances) chance /= sum;
  return chances;
}

/// The expected F-beta of a set (bits) of labels, over all outcomes.
double expectation(std::vector<double> const& chances, std::size_t labels, std::size_t set, double beta) {
  double sum = 0;
  for (std::size_t truth = 0; truth < chances.size(); ++truth) {
    double const chance = chances[truth];
    double hits = 0, predicted = 0, positives = 0;
    for (std::size_t j = 0; j < labels; ++j) {
      bool const is = truth >> j & 1, yes = set >> j & 1;
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
    INFO("seed " << seed);
    CHECK(decides_as(ctx, p, softf1::largest_gap{}, above_gap));
    CHECK(decides_as(ctx, p, softf1::largest_gap{softf1::logit}, above_gap));
  }
  problem const p = random_problem(2, 3, 1);
  CHECK(error_text<softf1::value_error>([&] { counted(ctx, p, softf1::largest_gap{softf1::probability}); }) ==
        "confusion_counts: the decision rule is for probability scores, the scores are of domain logit");
}

TEMPLATE_TEST_CASE("rows have as many labels as their probabilities promise, or as weighted ones are highest",
                   "[decisions]", SOFTF1_TEST_BACKENDS) {
  using namespace row_rules_tests;
  softf1::context<TestType> ctx;
  std::size_t sizes_seen = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem p = random_problem(9, 1 + seed % 7, seed, {.masked = seed % 2 == 0, .distinct = seed % 3 * 4});
    auto const domain = seed % 2 ? softf1::probability : softf1::logit;
    if (seed % 2)
      for (double& x : p.scores) x = softf1::sigmoid(x);
    if (seed % 9 == 0) p.scores[0] = seed % 2 ? 1 : HUGE_VAL;
    auto const probability = [&](double x) { return softf1::decisions::to_probability(x, domain); };
    softf1::predicted_size const size{{0.1, 0.6, 0.3, -0.2, 0.9}, seed % 5 / 4, 4};
    auto const by_size = [&](problem const& exact, std::size_t i) {
      std::vector<double> all;
      double predicted = 0.1;
      for (std::size_t j = 0; j < p.cols; ++j)
        if (p.present(i, j)) all.push_back(probability(exact.scores[p.at(i, j)]));
      std::sort(all.rbegin(), all.rend());
      for (double x : all) predicted += 0.6 * x;
      for (std::size_t r = 0; r < 3; ++r) predicted += r < all.size() ? size.weights[r + 2] * all[r] : 0;
      double const k = std::clamp(std::floor(predicted + 0.5), static_cast<double>(size.least), 4.0);
      sizes_seen |= std::size_t{1} << static_cast<std::size_t>(k);
      return highest(exact, i, row_of(exact, i), static_cast<std::size_t>(k));
    };
    softf1::weighted_top_k weighted{1 + seed % 3, {}, {}};
    for (std::size_t j = 0; j < p.cols; ++j) {
      weighted.slopes.push_back(j % 3 == 2 ? 0 : 1 + static_cast<double>(j));
      weighted.offsets.push_back(-0.3 * static_cast<double>(j % 4));
    }
    auto const by_weight = [&](problem const& exact, std::size_t i) {
      auto keys = row_of(exact, i);
      for (std::size_t j = 0; j < p.cols; ++j)
        keys[j] = weighted.slopes[j] * softf1::sigmoid(seed % 2 ? 0.0 : keys[j]) + weighted.offsets[j];
      if (seed % 2)
        for (std::size_t j = 0; j < p.cols; ++j)
          keys[j] = weighted.slopes[j] * row_of(exact, i)[j] + weighted.offsets[j];
      return highest(exact, i, keys, weighted.k);
    };
    INFO("seed " << seed);
    CHECK(decides_as(ctx, p, size, by_size, domain));
    CHECK(decides_as(ctx, p, weighted, by_weight, domain));
    CHECK(decides_as(
        ctx, p, softf1::top_k{2},
        [](problem const& exact, std::size_t i) { return highest(exact, i, row_of(exact, i), 2); }, domain));
  }
  CHECK(sizes_seen == 31);
}

TEST_CASE("rules of rows that are none are refused", "[decisions]") {
  using namespace row_rules_tests;
  softf1::context<softf1::cpu> ctx;
  problem const p = random_problem(3, 2, 1);
  auto const message = [&](softf1::decision_rule const& rule) {
    return error_text<softf1::error>([&] { counted(ctx, p, rule); });
  };
  using softf1::predicted_size;
  using softf1::weighted_top_k;
  CHECK(message(predicted_size{{1}}) == "confusion_counts: weights of predicted_size must be from 2 to 10, got 1");
  CHECK(message(predicted_size{{1, HUGE_VAL}}) == "confusion_counts: weights of predicted_size must be finite");
  CHECK(message(predicted_size{{1, 1}, 3, 2}) ==
        "confusion_counts: least of predicted_size must not be above most, nor most above 1000000000");
  CHECK(message(weighted_top_k{0, {1, 1}, {0, 0}}) ==
        "confusion_counts: k of weighted_top_k must be at least 1, got 0");
  CHECK(message(weighted_top_k{1, {1, 1}, {0}}) ==
        "confusion_counts: offsets of weighted_top_k must have shape (2,), got (1,)");
  CHECK(message(weighted_top_k{1, {1, nan_value}, {0, 0}}) ==
        "confusion_counts: slopes and offsets of weighted_top_k must be finite");
  CHECK(message(softf1::expected_f{1, {1, 1}}) ==
        "confusion_counts: labels of the decision rule must have shape (2,), got (1,)");
  CHECK(message(weighted_top_k{1, {1, 1, 1}, {0, 0, 0}}) ==
        "confusion_counts: labels of the decision rule must have shape (2,), got (3,)");
}

TEST_CASE("the expected F of the set that is found is that of the best of all sets", "[decisions]") {
  using namespace row_rules_tests;
  std::size_t empty = 0, different = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    softf1::random_stream const random(seed);
    std::vector<double> p, r;
    for (std::size_t j = 0; j < seed % 7; ++j) p.push_back((seed % 3 == 0 ? 0.3 : 1) * random.uniform(j));
    for (std::size_t n = 0; n <= p.size(); ++n)
      r.push_back(n % 3 == seed % 4 ? 0 : std::exp(6 * random.uniform(50 + n)));
    if (seed % 11 == 0 && !p.empty()) p[0] = 1;
    std::sort(p.rbegin(), p.rend());
    for (double beta : {0.5, 1.0, 2.0, std::sqrt(3.0)}) {
      auto const check = [&](softf1::expected_f const& rule) {
        auto const chances = outcomes(p, rule.size_weights);
        double best = -1;
        for (std::size_t set = 0; set < chances.size(); ++set)
          best = std::max(best, expectation(chances, p.size(), set, beta));
        auto const found = softf1::decisions::best_expected_set(p, rule);
        INFO("seed " << seed << ", beta " << beta << ", weights " << rule.size_weights.size());
        CHECK(found.score == Approx(best).epsilon(1e-12));
        CHECK(expectation(chances, p.size(), (std::size_t{1} << found.size) - 1, beta) == Approx(best).epsilon(1e-12));
        return found.size;
      };
      auto const size = check({beta});
      if (auto const chances = outcomes(p, r); chances[0] == chances[0]) different += check({beta, r}) != size;
      empty += size == 0;
    }
  }
  CHECK(empty > 50);
  CHECK(different > 100);
  std::vector<double> const many(100, 0.05), alike(101, 2.5);
  auto const plain = softf1::best_expected_set(many), weighed = softf1::best_expected_set(many, {1, alike});
  CHECK((plain.size == weighed.size && weighed.score == Approx(plain.score).epsilon(1e-12)));
  auto const message = [](softf1::expected_f const& rule) {
    return error_text<softf1::value_error>([&] { rule.check(); });
  };
  CHECK(message({0.7}) ==
        "expected_f: the square of beta must be a whole number from 1 to 64, or one over one, got beta 0.7");
  CHECK(message({1, {1, -1}}) == "expected_f: size_weights must be finite and >= 0, got -1");
  CHECK(message({1, {0, 0}}) == "expected_f: size_weights must not all be 0");
}

TEST_CASE("the general set of the best expected F is the best of all sets, for any joint distribution", "[decisions]") {
  using namespace row_rules_tests;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    softf1::random_stream const random(seed);
    std::size_t const labels = seed % 9;
    std::vector<double> chances(std::size_t{1} << labels), joint(labels * labels);
    double sum = 0;
    for (std::size_t k = 0; k < chances.size(); ++k) sum += chances[k] = std::pow(random.uniform(k), 4);
    if (seed % 5 == 0) chances[0] += 3, sum += 3;
    for (std::size_t truth = 0; truth < chances.size(); ++truth) {
      chances[truth] /= sum;
      std::size_t size = 0;
      for (std::size_t j = 0; j < labels; ++j) size += truth >> j & 1;
      for (std::size_t j = 0; j < labels; ++j)
        if (truth >> j & 1) joint[j * labels + size - 1] += chances[truth];
    }
    for (double beta : {0.3, 0.7, 1.0, 2.0}) {
      double best = -1;
      for (std::size_t set = 0; set < chances.size(); ++set)
        best = std::max(best, expectation(chances, labels, set, beta));
      auto const found = softf1::best_gfm_set({joint.data(), labels, labels}, chances[0], beta);
      std::size_t set = 0;
      for (std::size_t j : found.labels) set |= std::size_t{1} << j;
      INFO("seed " << seed << ", beta " << beta);
      CHECK(found.score == Approx(best).epsilon(1e-12));
      CHECK(expectation(chances, labels, set, beta) == Approx(best).epsilon(1e-12));
    }
  }
  std::vector<double> const wrong{0.5, 0.1, 1.5, 0};
  CHECK(error_text<softf1::value_error>([&] { softf1::best_gfm_set({wrong.data(), 2, 2}, 0); }) ==
        "best_gfm_set: probabilities must lie in [0, 1], got 1.5");
  CHECK(error_text<softf1::shape_error>([&] { softf1::best_gfm_set({wrong.data(), 2, 1}, 0); }) ==
        "best_gfm_set: joint must have shape (2, 2), got (2, 1)");
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
  auto const counts = counted(ctx, p, softf1::expected_f{});
  // Rows of three labels or more: all of them.
  auto const many = counted(ctx, p, softf1::expected_f{1, {0, 0, 0, 1, 1}});
  CHECK((many[0].tp == 2 && many[1].tp == 1 && many[2].tp == 1 && many[3].tp == 2));
  auto const whole = softf1::best_expected_set(std::vector<double>{0.9, 0.6, 0.2, 0.1});
  auto const rest = softf1::best_expected_set(std::vector<double>{0.6, 0.2, 0.1});
  REQUIRE(whole.size == 2);
  REQUIRE(rest.size == 1);
  CHECK(counts[1].tp == 1);
  CHECK(counts[3].tp == 2);
  CHECK(counts[0].tp + counts[2].tp == 0);
  CHECK(counts[1].total() == 1);
}
