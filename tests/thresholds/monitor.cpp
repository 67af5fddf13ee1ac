#include <softf1/thresholds/monitor.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/best.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace monitor_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::shifted_threshold;
using softf1::threshold_set;
using softf1::thresholds::tuning_rows;

double log_odds(double p) { return std::log(p) - std::log1p(-p); }

// Two normal classes d' apart: x ~ N(d' y, 1). The score is the true log-odds of y at the share `known`; labels have
// the share `prevalence`.
problem drawn(std::size_t rows, std::size_t labels, double known, double prevalence, std::uint64_t seed) {
  constexpr double distance = 1.5;
  softf1::random_stream const random(seed, softf1::random_purpose::test, 77);
  problem p{rows, labels, {}, {}, {}, {}, indices(labels)};
  for (std::size_t k = 0; k < rows * labels; ++k) {
    double const y = random.uniform(2 * k) < prevalence ? 1 : 0;
    double const u = std::min(std::max(random.uniform(2 * k + 1), 1e-12), 1 - 1e-12);
    double const x = softf1::math::normal_quantile(u) + distance * y;
    p.scores.push_back(distance * x - 0.5 * distance * distance + log_odds(known));
    p.targets.push_back(y);
  }
  return p;
}

tuning_rows rows_of(problem const& p, softf1::score_domain domain = softf1::logit) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  return {ctx, data.scores(), data.targets(), {.domain = domain}};
}

// The best thresholds, with what drift_of needs of their accounts.
threshold_set tuned_on(tuning_rows const& rows) {
  auto set = softf1::thresholds::best{}(rows, softf1::f1{});
  for (std::size_t j = 0; j < rows.labels(); ++j) {
    auto const c = rows.label(j).counts_at(set.thresholds[j]);
    set.accounts.push_back({.cells = c.total(), .positives = c.support(), .predicted = c.predicted()});
  }
  return set;
}

double f1_at(tuning_rows const& rows, std::size_t j, double threshold) {
  return softf1::f1{}(rows.label(j).counts_at(threshold));
}

problem as_probabilities(problem p) {
  for (double& z : p.scores) z = 1 / (1 + std::exp(-z));
  return p;
}

}  // namespace monitor_tests

TEST_CASE("without drift no label is named but for the level, and thresholds stay", "[thresholds]") {
  using namespace monitor_tests;
  std::size_t alarms = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    auto const set = tuned_on(rows_of(drawn(400, 6, 0.1, 0.1, 2 * seed)));
    auto const drift = softf1::drift_of(rows_of(drawn(600, 6, 0.1, 0.1, 2 * seed + 1)), set);
    bool any = false;
    for (auto const& label : drift) {
      any = any || label.drifted;
      if (!label.drifted) CHECK(label.suggested == label.threshold);
    }
    alarms += any;
  }
  CHECK(alarms <= 15);
}

TEST_CASE("a share of positives that has moved is found, and the suggested threshold is nearly the best",
          "[thresholds]") {
  using namespace monitor_tests;
  for (auto const& [then, now] : {std::pair{0.1, 0.3}, {0.3, 0.1}, {0.2, 0.5}}) {
    for (auto domain : {softf1::logit, softf1::probability}) {
      INFO(then << " to " << now << ", " << softf1::decisions::name_of(domain));
      auto const as = [&](problem const& p) { return domain == softf1::logit ? p : as_probabilities(p); };
      auto const set = tuned_on(rows_of(as(drawn(20000, 3, then, then, 11)), domain));
      auto const today = rows_of(as(drawn(6000, 3, then, now, 12)), domain);
      auto const drift = softf1::drift_of(today, set);
      for (std::size_t j = 0; j < 3; ++j) {
        auto const& label = drift[j];
        CHECK(label.drifted);
        CHECK(label.rate_then == set.accounts[j].predicted / 20000);
        CHECK(label.prior_then == Approx(then).margin(0.02));
        CHECK(label.prior_now == Approx(now).margin(0.03));
        CHECK((label.suggested < label.threshold) == (now > then));
        // For another objective it keeps its place among true probabilities.
        auto const plain = softf1::drift_of(today, set, {.beta = nan_value})[j];
        CHECK(plain.suggested == shifted_threshold(label.threshold, label.prior_then, label.prior_now, domain));
        CHECK((plain.suggested < label.suggested) == (now > then));
        double const best = f1_at(today, j, softf1::thresholds::best{}(today, softf1::f1{}).thresholds[j]);
        CHECK(f1_at(today, j, label.suggested) > best - 0.025);
        CHECK(f1_at(today, j, label.suggested) > f1_at(today, j, label.threshold));
      }
    }
  }
}

TEST_CASE("a rule with the suggested thresholds is no news to itself", "[thresholds]") {
  using namespace monitor_tests;
  auto const set = tuned_on(rows_of(drawn(3000, 3, 0.2, 0.2, 7)));
  auto const today = rows_of(drawn(3000, 3, 0.2, 0.4, 8));
  auto const drift = softf1::drift_of(today, set);
  auto const suggested = softf1::suggested_set(today, set, drift);
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(suggested.thresholds[j] == drift[j].suggested);
    CHECK(suggested.reasons[j] == "drift");
    CHECK(suggested.accounts[j].positives == drift[j].prior_now * 3000);
    CHECK(std::isnan(suggested.accounts[j].tuned));
  }
  for (auto const& label : softf1::drift_of(today, suggested)) CHECK(label.p == 1);
  auto const same = softf1::suggested_set(today, suggested, softf1::drift_of(today, suggested));
  CHECK(same.thresholds == suggested.thresholds);
}

TEST_CASE("what is said of drift depends neither on targets nor on the order of rows, and follows labels",
          "[thresholds]") {
  using namespace monitor_tests;
  auto const set = tuned_on(rows_of(drawn(300, 4, 0.2, 0.2, 3)));
  problem const today = drawn(200, 4, 0.2, 0.4, 4);
  problem no_targets = take_rows(today, random_order(200, 5));
  no_targets.targets.assign(800, 0);
  auto const a = softf1::drift_of(rows_of(today), set), b = softf1::drift_of(rows_of(no_targets), set);
  auto const order = random_order(4, 6);
  threshold_set moved = set;
  for (std::size_t k = 0; k < 4; ++k) {
    moved.thresholds[k] = set.thresholds[order[k]];
    moved.accounts[k] = set.accounts[order[k]];
  }
  auto const c = softf1::drift_of(rows_of(take_cols(today, order)), moved);
  for (std::size_t j = 0; j < 4; ++j) {
    auto const same = [&](softf1::thresholds::label_drift const& x, softf1::thresholds::label_drift const& y) {
      CHECK(x.rate_now == y.rate_now);
      CHECK(x.p == y.p);
      CHECK(x.adjusted == y.adjusted);
      CHECK(x.drifted == y.drifted);
      CHECK(x.prior_now == y.prior_now);
      CHECK(x.suggested == y.suggested);
    };
    same(a[j], b[j]);
    same(a[order[j]], c[j]);
    CHECK(a[j].adjusted >= a[j].p);
  }
}

TEST_CASE("drift is said as far as it is known", "[thresholds]") {
  using namespace monitor_tests;

  // Where half of the rows were positive and a quarter are now, a score of 1/2 means 1/4.
  CHECK(shifted_threshold(log_odds(0.25), 0.5, 0.25, softf1::logit) == Approx(log_odds(0.5)).margin(1e-12));
  CHECK(shifted_threshold(0.25, 0.5, 0.25, softf1::probability) == Approx(0.5).epsilon(1e-12));
  CHECK(shifted_threshold(0.5, 0.25, 0.5, softf1::probability) == Approx(0.25).epsilon(1e-12));
  CHECK(shifted_threshold(HUGE_VAL, 0.25, 0.5, softf1::logit) == HUGE_VAL);
  CHECK(shifted_threshold(0.4, 0, 0.5, softf1::probability) == 0.4);

  auto const rows = rows_of(drawn(300, 2, 0.2, 0.2, 3));
  auto set = tuned_on(rows);
  set.accounts[1] = {};
  auto const drift = softf1::drift_of(rows, set);
  CHECK(drift[0].p == 1);
  CHECK_FALSE(drift[0].drifted);
  for (double x : {drift[1].rate_then, drift[1].p, drift[1].adjusted, drift[1].prior_then, drift[1].prior_now})
    CHECK(std::isnan(x));
  CHECK_FALSE(drift[1].drifted);
  CHECK(drift[1].suggested == set.thresholds[1]);
  // No row of today has it: half a row.
  set.accounts[0] = {.cells = 300, .positives = 60, .predicted = 300};
  CHECK(std::isfinite(softf1::drift_of(rows_of(constant_problem(100, 2, -40, 0)), set)[0].suggested));

  set.accounts.clear();
  CHECK(error_text<softf1::value_error>([&] { softf1::drift_of(rows, set); }) ==
        "drift_of: the decision rule does not say how often it predicted each label on the rows it was found on, "
        "calibrate again");
  CHECK(error_text<softf1::value_error>([&] { softf1::drift_of(rows, set, {.level = 1}); }) ==
        "drift_of: level must lie in (0, 1), got 1");
}
