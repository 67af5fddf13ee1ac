#include <softf1/metrics/adaptive_calibration.hpp>

#include <cmath>
#include <map>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace adaptive_tests {

using namespace softf1_test;
using softf1::metrics::probability_options;

double probability_of(double score, bool is_logit) { return is_logit ? 1 / (1 + std::exp(-score)) : score; }

/// Label j, score by score, by what lies above each.
double by_loops(problem const& p, std::size_t j, std::size_t bins, bool is_logit) {
  double all = 0;
  for (std::size_t i = 0; i < p.rows; ++i) all += p.present(i, j) ? p.weight(i) : 0;
  std::map<double, double> gaps;
  for (std::size_t i = 0; i < p.rows; ++i) {
    if (!p.present(i, j)) continue;
    double const score = p.scores[p.at(i, j)];
    double above = 0, own = 0;
    for (std::size_t k = 0; k < p.rows; ++k) {
      if (!p.present(k, j)) continue;
      double const other = p.scores[p.at(k, j)];
      above += other > score ? p.weight(k) : 0;
      own += other == score ? p.weight(k) : 0;
    }
    double const bin = std::floor((above + own / 2) * static_cast<double>(bins) / all);
    gaps[bin] += p.weight(i) * (probability_of(score, is_logit) - p.targets[p.at(i, j)]);
  }
  double sum = 0;
  for (auto const& [bin, gap] : gaps) sum += std::fabs(gap);
  return all > 0 ? sum / all : nan_value;
}

problem problem_of(std::uint64_t seed, bool is_logit) {
  problem p = random_problem(seed % 30, 3, seed,
                             {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .distinct = seed % 4 * 5});
  for (double& score : p.scores)
    if (!is_logit) score = probability_of(score, true);
  return p;
}

}  // namespace adaptive_tests

TEMPLATE_TEST_CASE("the adaptive calibration error agrees with plain loops", "[metrics]", SOFTF1_TEST_BACKENDS) {
  using namespace adaptive_tests;
  softf1::context<TestType> ctx;
  for (bool is_logit : {true, false})
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      problem const p = problem_of(seed, is_logit);
      std::size_t const bins = 1 + seed % 7;
      problem_on<TestType> const data(ctx, p);
      probability_options<TestType> const o{is_logit ? softf1::logit : softf1::probability, data.mask(),
                                            data.weights()};
      auto const found = softf1::adaptive_calibration_error(ctx, data.scores(), data.targets(), o, bins);
      INFO("seed " << seed << (is_logit ? ", logits" : ", probabilities"));
      softf1::metrics::defined_mean mean;
      for (std::size_t j = 0; j < 3; ++j) {
        CHECK(same_number(found.labels[j], by_loops(p, j, bins, is_logit), 1e-12));
        mean.add(found.labels[j]);
      }
      CHECK(same_number(found.mean, mean.value(), 0));
      CHECK(found.left_out == mean.left_out);
      CHECK(same_number(softf1::pooled_adaptive_calibration_error(ctx, data.scores(), data.targets(), o, bins),
                        by_loops(pooled(p), 0, bins, is_logit), 1e-12));
    }
}

TEST_CASE("bins of equal mass have as many cells each, over many more cells than are walked at once", "[metrics]") {
  using namespace adaptive_tests;
  std::size_t const n = 21000, bins = 7;
  std::vector<double> scores, targets;
  for (std::size_t k = 0; k < n; ++k) {
    scores.push_back(static_cast<double>(k * 7919 % n) / n);  // each once, in some order
    targets.push_back(scores.back() * scores.back() > 0.5 - 0.4 * scores.back() ? 1 : 0);
  }
  std::vector<double> gaps(bins);
  for (std::size_t k = 0; k < n; ++k)
    gaps[static_cast<std::size_t>(std::llround(scores[k] * n)) / (n / bins)] += scores[k] - targets[k];
  double expected = 0;
  for (double gap : gaps) expected += std::fabs(gap) / n;
  auto const found = softf1::adaptive_calibration_error(
      softf1::as_matrix(scores, n, 1), softf1::as_matrix(targets, n, 1), {.domain = softf1::probability}, bins);
  CHECK(found.mean == Approx(expected).epsilon(1e-12));
  // Three scores of 0.9, of which all are in the bin of their middle, and one of 0.2.
  std::vector<double> const few{.9, .9, .9, .2}, truth{1, 1, 0, 0};
  CHECK(softf1::pooled_adaptive_calibration_error(softf1::as_matrix(few, 4, 1), softf1::as_matrix(truth, 4, 1),
                                                  {.domain = softf1::probability}, 2) == Approx((.7 + .2) / 4));
}

TEST_CASE("the adaptive calibration error refuses what it cannot measure", "[metrics]") {
  using namespace adaptive_tests;
  std::vector<double> scores{0.5, 1.5, 0.25, 0.5}, targets{0, 1, 1, 0};
  auto const z = softf1::as_matrix(scores, 2, 2), y = softf1::as_matrix(targets, 2, 2);
  auto const measure = [&](std::size_t bins = 3) {
    softf1::adaptive_calibration_error(z, y, {.domain = softf1::probability}, bins);
  };
  CHECK(error_text<softf1::value_error>([&] { measure(); }) ==
        "adaptive_calibration_error: probabilities must lie in [0, 1], got 1.5 at row 0, label 1");
  scores[1] = 1;
  CHECK_NOTHROW(measure());
  targets[2] = 2;
  CHECK(error_text<softf1::value_error>([&] { measure(); }) ==
        "adaptive_calibration_error: targets must be 0 or 1, got 2 at row 1, label 0");
  CHECK(error_text<softf1::value_error>([&] { measure(0); }) ==
        "adaptive_calibration_error: bins must be from 1 to 2^31, got 0");
}
