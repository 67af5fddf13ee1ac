#include <softf1/thresholds/prior_shift.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <softf1/thresholds/find_rule.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace prior_shift_tests {

using namespace softf1_test;
using softf1::cpu;
namespace thresholds = softf1::thresholds;

softf1::threshold_options<cpu> options_of(problem_on<cpu> const& data, softf1::score_domain domain) {
  softf1::threshold_options<cpu> o{.domain = domain};
  o.mask = data.mask();
  o.row_weights = data.weights();
  return o;
}

std::vector<thresholds::shifted_prior> found(problem const& p, std::vector<double> const& priors,
                                             softf1::score_domain domain = softf1::probability) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  return softf1::shifted_priors(softf1::tuning_rows(ctx, data.scores(), data.targets(), options_of(data, domain)),
                                priors);
}

softf1::threshold_set searched(thresholds::prior_shift const& strategy, problem const& p,
                               softf1::score_domain domain = softf1::probability) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  return std::get<softf1::threshold_set>(softf1::find_rule(
      ctx, strategy, [](auto const&) { return 0.0; }, data.scores(), data.targets(), options_of(data, domain)));
}

problem small_case(std::uint64_t seed) {
  problem p = random_problem(1 + seed % 20, 3, seed,
                             {.masked = seed % 3 == 0, .weighted = seed % 4 == 0, .distinct = seed % 2 * 5});
  for (double& x : p.scores) x = seed % 5 == 1 && x > 0.5 ? 1 : softf1::sigmoid(x);
  return p;
}

/// The likelihood of a share, up to what does not depend on it.
double likelihood(problem const& p, std::size_t j, double from, double to) {
  double sum = 0;
  for (std::size_t i = 0; i < p.rows; ++i) {
    if (!p.present(i, j) || !(p.weight(i) > 0)) continue;
    double const q = p.scores[p.at(i, j)];
    sum += p.weight(i) * std::log(q / from * to + (1 - q) / (1 - from) * (1 - to));
  }
  return sum;
}

}  // namespace prior_shift_tests

TEST_CASE("shifted priors are those of the greatest likelihood", "[thresholds]") {
  using namespace prior_shift_tests;
  std::size_t converged = 0, inside = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    problem const p = small_case(seed);
    std::vector<double> const priors{0.1, 0.4, 0.8};
    auto const got = found(p, priors);
    for (std::size_t j = 0; j < 3; ++j) {
      double const here = likelihood(p, j, priors[j], got[j].prior);
      INFO("seed " << seed << ", label " << j << ", prior " << got[j].prior);
      if (!got[j].converged) continue;
      ++converged;
      inside += got[j].prior > 0.01 && got[j].prior < 0.99;
      for (int k = 1; k < 100; ++k) CHECK(likelihood(p, j, priors[j], 0.01 * k) <= here + 1e-6);
    }
  }
  CHECK(converged > 700);
  CHECK(inside > 200);
}

TEST_CASE("the share of rows in which a label is true is found again after it has shifted", "[thresholds]") {
  using namespace prior_shift_tests;
  // Scores x, uniform in 0.2, 0.4, 0.6 and 0.8 with prior 1/2; then four of five rows are true.
  problem p{1000, 1, {}, std::vector<double>(1000, 0), {}, {}, {0}};
  for (int k = 1; k <= 4; ++k) {
    double const x = 0.2 * k;
    p.scores.insert(p.scores.end(), static_cast<std::size_t>(std::lround(500 * (0.8 * x + 0.2 * (1 - x)))), x);
  }
  REQUIRE(p.scores.size() == 1000);
  auto const got = found(p, {0.5})[0];
  CHECK(got.prior == Approx(0.8).epsilon(1e-6));
  CHECK(got.converged);
  CHECK(got.iterations > 3);
  CHECK(thresholds::shifted_probability(0.4, 0.5, 0.8) == Approx(0.32 / (0.32 + 0.12)));
  CHECK(thresholds::shifted_probability(thresholds::shifted_probability(0.4, 0.5, 0.8), 0.8, 0.5) == Approx(0.4));
}

TEST_CASE("priors of 0 and 1, labels without cells, and wrong priors", "[thresholds]") {
  using namespace prior_shift_tests;
  problem p{2,  4,         {0.9, 0.9, 0.9, 0, 0.1, 0.1, 0.1, 0}, std::vector<double>(8, 0), {1, 1, 0, 1, 1, 1, 0, 1},
            {}, indices(4)};
  auto const got = found(p, {0, 1, 0.25, 0.25});
  CHECK((got[0].prior == 0 && got[0].converged && got[0].iterations == 0));
  CHECK((got[1].prior == 1 && got[1].converged && got[1].iterations == 0));
  CHECK((got[2].prior == 0.25 && !got[2].converged && got[2].iterations == 0));
  CHECK((got[3].prior == 0 && got[3].converged));
  CHECK(error_text<softf1::value_error>([&] { found(p, {0, 0, 1.5, 0}); }) ==
        "shifted_priors: priors must lie in [0, 1], got 1.5 for label 2");
  CHECK(error_text<softf1::shape_error>([&] { found(p, {0, 0}); }) ==
        "shifted_priors: priors must have shape (4,), got (2,)");
  CHECK(error_text<softf1::value_error>([&] { searched({.prior = 1}, p); }) ==
        "prior_shift: prior must lie in (0, 1), got 1");
}

TEST_CASE("prior_shift accepts the rows with the best F that corrected probabilities promise", "[thresholds]") {
  using namespace prior_shift_tests;
  std::size_t searches = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    problem const p = small_case(seed);
    double const prior = seed % 7 == 0 ? 0 : 0.35;
    auto const rule = searched({.prior = prior, .beta = 2}, p);
    problem logits = p;
    for (double& x : logits.scores) x = softf1::decisions::from_probability(x, softf1::logit);
    auto const of_logits = searched({.prior = prior, .beta = 2}, logits, softf1::logit);
    for (std::size_t j = 0; j < p.cols; ++j) {
      INFO("seed " << seed << ", label " << j);
      double cells = 0, positives = 0;
      for (std::size_t i = 0; i < p.rows; ++i)
        if (p.present(i, j)) {
          cells += p.weight(i);
          positives += p.weight(i) * p.targets[p.at(i, j)];
        }
      if (!(prior > 0) && !(positives > 0)) {
        CHECK((rule.thresholds[j] == 0.5 && rule.reasons[j] == "no positives"));
        continue;
      }
      if (!(cells > 0)) {
        CHECK((rule.thresholds[j] == 0.5 && rule.reasons[j] == "no cells"));
        continue;
      }
      double const old = prior > 0 ? prior : positives / cells;
      double const now = found(p, std::vector<double>(3, old))[j].prior;
      auto const corrected = [&](std::size_t i) {
        double const q = p.scores[p.at(i, j)];
        if (old == 1) return q;
        return q * now / old / (q * now / old + (1 - q) * (1 - now) / (1 - old));
      };
      double all = 0, best = 0;
      for (std::size_t i = 0; i < p.rows; ++i)
        if (p.present(i, j)) all += p.weight(i) * corrected(i);
      for (std::size_t k = 0; k < p.rows; ++k) {
        double hits = 0, accepted = 0;
        for (std::size_t i = 0; i < p.rows; ++i)
          if (p.present(i, j) && p.scores[p.at(i, j)] >= p.scores[p.at(k, j)]) {
            hits += p.weight(i) * corrected(i);
            accepted += p.weight(i);
          }
        if (accepted > 0) best = std::max(best, 5 * hits / (4 * all + accepted));
      }
      ++searches;
      for (std::size_t i = 0; i < p.rows; ++i) {
        if (!p.present(i, j) || std::fabs(corrected(i) - best / 5) < 1e-9) continue;
        CHECK((p.scores[p.at(i, j)] >= rule.thresholds[j]) == (corrected(i) >= best / 5));
      }
      CHECK(softf1::sigmoid(of_logits.thresholds[j]) == Approx(rule.thresholds[j]).margin(1e-7));
    }
  }
  CHECK(searches > 400);
}
