#include <softf1/report/calibration.hpp>

#include <cmath>
#include <string>

#include <softf1/decisions/apply.hpp>
#include <softf1/metrics/classification.hpp>
#include <softf1/report/html.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace calibration_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::thresholds::tuning_rows;

struct calibrated {
  problem p;
  softf1::context<cpu> ctx;
  problem_on<cpu> data;
  softf1::threshold_options<cpu> how;

  calibrated(problem made, softf1::score_domain domain) : p(std::move(made)), data(ctx, p) {
    how.domain = domain;
    how.mask = data.mask();
    how.row_weights = data.weights();
  }
  tuning_rows rows() { return {ctx, data.scores(), data.targets(), how}; }
  template <class Score>
  std::vector<double> metric(Score const& score, softf1::decision_rule const& rule) {
    return softf1::per_label(
        ctx, score, data.scores(), data.targets(),
        {.domain = how.domain, .decision = rule, .mask = how.mask, .row_weights = how.row_weights});
  }
};

problem as_probabilities(problem p) {
  for (double& z : p.scores) z = softf1::sigmoid(z);
  return p;
}

std::string short_of(double x) { return softf1::report::detail::value_text(x); }

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace calibration_tests

TEST_CASE("what a chart says of a threshold is what the metric reports there, to the bit", "[report]") {
  using namespace calibration_tests;
  for (std::string const name : {"f1", "mcc", "f_beta:beta=2"}) {
    auto const score = softf1::scores::objective_named(name);
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      auto const domain = seed % 2 ? softf1::logit : softf1::probability;
      problem const p = random_problem(1 + 7 * (seed % 11), 3, seed,
                                       {.masked = seed % 3 == 1, .weighted = seed % 4 == 1, .distinct = seed % 5 * 3});
      calibrated c(seed % 2 ? p : as_probabilities(p), domain);
      auto const rows = c.rows();
      softf1::decision_rule rule = softf1::thresholds::best{}(rows, score);
      if (seed % 7 == 0) rule = softf1::probability_threshold{0.3};
      auto const all = softf1::charts_of(rows, rule, name, score);
      auto const expected = c.metric(score, rule), precision = c.metric(softf1::scores::precision{}, rule),
                 recall = c.metric(softf1::scores::recall{}, rule);
      REQUIRE(all.labels.size() == 3);
      for (std::size_t j = 0; j < 3; ++j) {
        if (std::isnan(expected[j])) continue;  // a label without cells
        auto const& chart = all.labels[j];
        CHECK(chart.chosen.score == expected[j]);
        CHECK(chart.chosen.precision == precision[j]);
        CHECK(chart.chosen.recall == recall[j]);
        CHECK(chart.positives == rows.label(j).positives);
      }
      for (std::size_t tenth = 0; tenth <= 10; tenth += 5) {
        auto const there = c.metric(score, softf1::probability_threshold{static_cast<double>(tenth) / 10});
        for (std::size_t j = 0; j < 3; ++j)
          if (!std::isnan(there[j])) CHECK(all.labels[j].read[tenth].score == there[j]);
      }
    }
  }
}

TEST_CASE("a chart's curve has every threshold of few rows, and hundreds of points of many", "[report]") {
  using namespace calibration_tests;
  auto const f1 = softf1::scores::objective_named("f1");
  calibrated few({4, 1, {0.9, 0.6, 0.4, 0.7}, {1, 0, 1, 1}, {}, {}, {0}}, softf1::probability);
  auto const rows = few.rows();
  auto const chart = softf1::charts_of(rows, softf1::argmax{}, "f1", f1).labels[0];
  CHECK(std::isnan(chart.chosen.threshold));
  REQUIRE(chart.curve.size() == 5);
  double const thresholds[] = {0.4, 0.6, 0.7, 0.9, HUGE_VAL}, score[] = {6. / 7, 4. / 6, 4. / 5, 2. / 4, 0},
               precision[] = {0.75, 2. / 3, 1, 1, nan_value}, recall[] = {1, 2. / 3, 2. / 3, 1. / 3, 0};
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(chart.curve[k].threshold == thresholds[k]);
    CHECK(chart.curve[k].score == Approx(score[k]).epsilon(1e-15));
    CHECK(same(chart.curve[k].precision, precision[k]));
    CHECK(chart.curve[k].recall == recall[k]);
  }

  calibrated many(random_problem(20000, 2, 3, {.prevalence = 0.1}), softf1::logit);
  auto const long_rows = many.rows();
  auto const long_curve = long_rows.label(1);
  auto const thin = softf1::charts_of(long_rows, softf1::argmax{}, "f1", f1).labels[1].curve;
  CHECK(thin.size() > 50);
  CHECK(thin.size() < 800);
  // A step of the thinned curve is near the exact one, up and down and to the side.
  std::size_t far = 0;
  for (std::size_t k = 1; k < long_curve.points.size(); k += 7) {
    auto const place = [](double p) { return softf1::report::detail::place_of(p); };
    double const at = place(softf1::decisions::to_probability(long_curve.points[k].threshold, softf1::logit));
    double const exact = f1(long_curve.counts(k));
    bool near = false;
    for (std::size_t m = 0; m < thin.size(); ++m)
      near = near || (std::fabs(thin[m].score - exact) < 0.011 && at <= place(thin[m].threshold) + 0.011 &&
                      (m == 0 || at > place(thin[m - 1].threshold) - 0.011));
    far += !near;
  }
  CHECK(far == 0);
}

TEST_CASE("a page of charts has their accounts as text, and stays small for many labels", "[report]") {
  using namespace calibration_tests;
  auto const f1 = softf1::scores::objective_named("f1");
  calibrated c(random_problem(3000, 200, 5, {.prevalence = 0.1}), softf1::logit);
  auto const rows = c.rows();
  auto set = softf1::thresholds::best{}(rows, f1);
  set.thresholds[1] = HUGE_VAL;
  set.accounts.resize(200);
  set.accounts[0] = {.low = -1, .high = 1, .tuned = 0.25, .expected = 0.125};
  set.thresholds[0] = 0;
  std::vector<std::string> names;
  for (std::size_t j = 0; j < 200; ++j) names.push_back("label <" + std::to_string(j) + ">");
  softf1::report::document d{.title = "Thresholds"};
  d.thresholds = softf1::charts_of(rows, set, "f1", f1, names);
  d.tables = {softf1::report::table_of(d.thresholds)};
  CHECK(d.tables[0].rows[0] == std::vector<std::string>{"label <0>", short_of(rows.label(0).positives), "0.5", "0.269",
                                                        "0.731", "0.25", "0.125",
                                                        short_of(d.thresholds.labels[0].chosen.precision),
                                                        short_of(d.thresholds.labels[0].chosen.recall), "best"});
  CHECK(d.tables[0].rows[1][2] == "never");
  auto const html = softf1::report::to_html(d);
  CHECK(html.size() < 3'000'000);
  for (std::string const part :
       {"<b>label &lt;0&gt;</b>", "f1 0.25 tuned, 0.125 expected", "threshold 0.5 [0.269 to 0.731]", "threshold never",
        "f1, precision and recall of label &lt;0&gt;", "0.5 (chosen)", "<rect class=\"interval\""}) {
    INFO(part);
    CHECK(html.find(part) != html.npos);
  }
  CHECK(html.find("<script") == html.npos);
  CHECK(html.find("nan") == html.npos);

  set.domain = softf1::probability;
  CHECK(error_text<softf1::value_error>([&] { softf1::charts_of(rows, set, "f1", f1); }) ==
        "charts_of: the decision rule is for probability scores, the scores are of domain logit");
  CHECK(error_text<softf1::shape_error>([&] { softf1::charts_of(rows, softf1::argmax{}, "f1", f1, {"one"}); }) ==
        "charts_of: label names must have shape (200,), got (1,)");
}
