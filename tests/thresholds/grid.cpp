#include <softf1/thresholds/grid.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/thresholds/find_rule.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace grid_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::thresholds::grid;
using softf1::thresholds::tuning_rows;

// The loops of the tutorial, in double, with exact counts; 0/0 is 0.
struct looped {
  double tp = 0, fn = 0, fp = 0, precision = 0, recall = 0, f1 = 0;
};
looped by_loops(problem const& p, std::size_t j, double threshold, bool strict, softf1::score_domain domain) {
  looped c;
  for (std::size_t i = 0; i < p.rows; ++i) {
    if (!p.present(i, j)) continue;
    double const s = p.scores[p.at(i, j)], q = domain == softf1::logit ? 1 / (1 + std::exp(-s)) : s;
    bool const yes = strict ? q > threshold : q >= threshold, positive = p.targets[p.at(i, j)] == 1;
    if (yes || positive) (yes ? positive ? c.tp : c.fp : c.fn) += p.weight(i);
  }
  if (c.tp + c.fp > 0) c.precision = c.tp / (c.tp + c.fp);
  if (c.tp + c.fn > 0) c.recall = c.tp / (c.tp + c.fn);
  if (c.tp + c.fp + c.fn > 0) c.f1 = 2 * c.tp / (2 * c.tp + c.fn + c.fp);
  return c;
}

tuning_rows rows_of(problem const& p, softf1::score_domain domain) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::threshold_options<cpu> o{.domain = domain};
  o.mask = data.mask();
  o.row_weights = data.weights();
  return {ctx, data.scores(), data.targets(), o};
}

// Probabilities that lie on the grid, just below, just above and anywhere.
problem on_the_grid(std::size_t points, std::uint64_t seed) {
  problem p = random_problem(60, 3, seed, {.masked = seed % 3 == 1, .weighted = seed % 4 == 1});
  softf1::random_stream const random(seed);
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    double const on = static_cast<double>(random.below(k, points)) / static_cast<double>(points - 1);
    double const q = k % 4 == 0   ? on
                     : k % 4 == 1 ? std::nextafter(on, 0.0)
                     : k % 4 == 2 ? std::fmin(std::nextafter(on, 2.0), 1.0)
                                  : random.uniform(1000 + k);
    p.scores[k] = q;
  }
  return p;
}

}  // namespace grid_tests

TEST_CASE("the grid gives the numbers of plain loops, to the bit, and the first of the best", "[thresholds]") {
  using namespace grid_tests;
  std::size_t wrong = 0, compared = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    bool const strict = seed % 2 == 0;
    auto const domain = seed % 5 < 2 ? softf1::logit : softf1::probability;
    std::size_t const points = seed % 7 == 0 ? 11 : 101;
    problem p = on_the_grid(points, seed);
    if (domain == softf1::logit)
      for (double& s : p.scores) s = s <= 0 ? -800 : s >= 1 ? 800 : std::log(s) - std::log1p(-s);
    grid const search{static_cast<double>(points), strict ? 1.0 : 0.0};
    auto const rows = rows_of(p, domain);
    auto const rule = search(rows, softf1::f1{});
    for (std::size_t j = 0; j < 3; ++j) {
      auto const table = search.table(rows, j);
      REQUIRE(table.size() == points);
      double best = -1, at = 0;
      for (std::size_t k = 0; k < points; ++k) {
        double const threshold = static_cast<double>(k) / static_cast<double>(points - 1);
        auto const c = by_loops(p, j, threshold, strict, domain);
        auto const& g = table[k];
        wrong += g.threshold != threshold || g.tp != c.tp || g.fn != c.fn || g.fp != c.fp ||
                 g.precision != c.precision || g.recall != c.recall || g.f1 != c.f1;
        ++compared;
        if (c.f1 > best) best = c.f1, at = threshold;
      }
      // The rule decides as the loops do at the first of the best thresholds.
      auto const chosen = by_loops(p, j, at, strict, domain);
      auto const counts = label_counts(p, rule.thresholds)[j];
      wrong += counts.tp != chosen.tp || counts.fp != chosen.fp || counts.fn != chosen.fn;
      if (domain != softf1::logit) wrong += rule.thresholds[j] != (strict ? softf1::strictly_above(at) : at);
    }
  }
  CHECK(wrong == 0);
  CHECK(compared > 30000);
}

TEST_CASE("the threshold of a probability is the smallest number that is accepted", "[thresholds]") {
  using softf1::threshold_of_probability;
  for (double p : {1e-300, 0.01, 0.31, 0.5, 0.77, 0.99, 1 - 1e-16}) {
    for (bool strict : {false, true}) {
      INFO(p << (strict ? " strictly" : ""));
      double const z = threshold_of_probability(p, strict, softf1::logit);
      auto const accepted = [&](double x) {
        double const q = softf1::decisions::to_probability(x, softf1::logit);
        return strict ? q > p : q >= p;
      };
      CHECK(accepted(z));
      CHECK_FALSE(accepted(std::nextafter(z, -HUGE_VAL)));
      CHECK(z == Approx(softf1::decisions::from_probability(p, softf1::logit)).margin(1e-15).epsilon(1e-9));
    }
  }
  CHECK(threshold_of_probability(0, false, softf1::logit) == -HUGE_VAL);
  CHECK(threshold_of_probability(0, true, softf1::logit) < -700);
  CHECK(std::isfinite(threshold_of_probability(0, true, softf1::logit)));
  CHECK(threshold_of_probability(1, true, softf1::logit) == HUGE_VAL);
  CHECK(std::isfinite(threshold_of_probability(1, false, softf1::logit)));
  CHECK(threshold_of_probability(0.3, false, softf1::probability) == 0.3);
  CHECK(threshold_of_probability(0.3, true, softf1::probability) == std::nextafter(0.3, 1.0));
}

TEST_CASE("the grid takes the lowest of equal thresholds, any objective, and marks labels without positives",
          "[thresholds]") {
  using namespace grid_tests;
  problem const p{4, 2, {0.9, 0.5, 0.6, 0.5, 0.41, 0.5, 0.7, 0.5}, {1, 0, 0, 0, 1, 0, 1, 0}, {}, {}, {0, 1}};
  auto const rows = rows_of(p, softf1::probability);
  auto const f1 = grid{}(rows, softf1::f1{});
  CHECK(f1.thresholds == std::vector<double>{softf1::strictly_above(0), 0.5});
  CHECK(f1.reasons == std::vector<std::string>{"grid", "no positives"});
  CHECK(grid{.strict = 0}(rows, softf1::f1{}).thresholds[0] == 0);
  CHECK(grid{}(rows, softf1::precision{}).thresholds[0] == softf1::strictly_above(0.6));
  CHECK(grid{.strict = 0}(rows, softf1::precision{}).thresholds[0] == 0.61);
  CHECK(grid{.points = 3}(rows, softf1::precision{}).thresholds[0] == softf1::strictly_above(0.0));

  auto const message = [&](grid const& search) {
    return error_text<softf1::value_error>([&] { search(rows, softf1::f1{}); });
  };
  CHECK(message({.points = 1}) == "grid: points must be a whole number from 2 to 1000000, got 1");
  CHECK(message({.points = 2.5}) == "grid: points must be a whole number from 2 to 1000000, got 2.5");
  CHECK(message({.strict = 2}) == "grid: strict must be 0 or 1, got 2");
}
