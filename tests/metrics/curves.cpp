#include <softf1/metrics/curves.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <softf1/metrics/classification.hpp>
#include <softf1/metrics/curve_operating.hpp>
#include <softf1/metrics/operating_figures.hpp>
#include <softf1/metrics/score_sketch.hpp>
#include <softf1/metrics/sketch_curves.hpp>
#include <softf1/scores/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace curve_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::averaging;
using softf1::count_curve;
using softf1::metrics::det_point;
using softf1::metrics::gain_point;
using softf1::metrics::precision_recall_point;
using softf1::metrics::roc_point;
using softf1::metrics::score_point;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class S = double, class B>
count_curve curve_of(softf1::context<B>& ctx, problem const& p, std::size_t j, layout how = layout::dense) {
  problem_on<B, S> const data(ctx, p, how);
  return softf1::label_curve(ctx, data.scores(), data.targets(), j,
                             softf1::ranking_options<B>{averaging::macro, data.mask(), data.weights()});
}

count_curve curve_of(problem const& p, std::size_t j = 0) {
  softf1::context<softf1::cpu> ctx;
  return curve_of(ctx, p, j);
}

/// The counts at every distinct score, by plain loops.
count_curve reference_curve(problem const& p, std::size_t j) {
  count_curve curve;
  std::vector<double> thresholds;
  for (std::size_t i = 0; i < p.rows; ++i)
    if (p.present(i, j)) thresholds.push_back(p.scores[p.at(i, j)]);
  std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  curve.points.push_back({infinity, 0, 0});
  for (double t : thresholds) {
    counts c{};
    for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, j, t, p.weight(i));
    if (c.tp != curve.points.back().tp || c.fp != curve.points.back().fp) curve.points.push_back({t, c.tp, c.fp});
  }
  curve.positives = curve.points.back().tp;
  curve.negatives = curve.points.back().fp;
  return curve;
}

bool same(count_curve const& a, count_curve const& b) {
  bool equal = a.points.size() == b.points.size() && a.positives == b.positives && a.negatives == b.negatives;
  for (std::size_t k = 0; equal && k < a.points.size(); ++k)
    equal = a.points[k].threshold == b.points[k].threshold && a.points[k].tp == b.points[k].tp &&
            a.points[k].fp == b.points[k].fp;
  return equal;
}

problem small_problem(std::uint64_t seed) {
  problem p = random_problem(seed % 23, 1 + seed % 3, seed,
                             {.masked = seed % 2 == 0,
                              .weighted = seed % 3 == 0,
                              .prevalence = seed % 4 == 3 ? 0.9 : 0.3,
                              .distinct = seed % 5 * 3});
  for (std::size_t k = 0; k < p.scores.size(); ++k) {
    if (seed % 7 == 0 && k % 3 == 0) p.scores[k] = k % 2 ? 0.0 : -0.0;
    if (seed % 11 == 0 && k % 4 == 0) p.scores[k] = k % 8 ? infinity : -infinity;
    p.scores[k] = static_cast<float>(p.scores[k]);
  }
  return p;
}

/// The classical example of scikit-learn's documentation.
problem four_scores() { return {4, 1, {0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}, {}, {}, {0}}; }

}  // namespace curve_tests

TEMPLATE_TEST_CASE("curves count what each threshold accepts", "[metrics][curves]", SOFTF1_TEST_BACKENDS) {
  using namespace curve_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    problem const p = small_problem(seed);
    INFO("seed " << seed);
    for (std::size_t j = 0; j < p.cols; ++j) {
      CHECK(same(curve_of(ctx, p, j), reference_curve(p, j)));
      CHECK(same(curve_of<float>(ctx, p, j, layout::column_major), reference_curve(p, j)));
    }
    problem_on<TestType> const data(ctx, p);
    softf1::ranking_options<TestType> const options{averaging::micro, data.mask(), data.weights()};
    CHECK(same(softf1::pooled_curve(ctx, data.scores(), data.targets(), options), reference_curve(pooled(p), 0)));
  }
}

TEST_CASE("curves have scikit-learn's points", "[metrics][curves]") {
  using namespace curve_tests;
  count_curve const curve = curve_of(four_scores());
  auto const roc = softf1::roc_curve(curve);
  double const fpr[] = {0, 0, 0.5, 0.5, 1}, tpr[] = {0, 0.5, 0.5, 1, 1}, down[] = {infinity, 0.8, 0.4, 0.35, 0.1};
  REQUIRE(roc.size() == 5);
  for (std::size_t k = 0; k < 5; ++k)
    CHECK((roc[k].fpr == fpr[k] && roc[k].tpr == tpr[k] && roc[k].threshold == down[k]));
  auto const pr = softf1::precision_recall_curve(curve);
  double const precision[] = {0.5, 2.0 / 3, 0.5, 1, 1}, recall[] = {1, 1, 0.5, 0.5, 0};
  REQUIRE(pr.size() == 5);
  for (std::size_t k = 0; k < 5; ++k)
    CHECK((pr[k].precision == precision[k] && pr[k].recall == recall[k] && pr[k].threshold == down[4 - k]));
  auto const det = softf1::det_curve(curve);
  auto const gain = softf1::gain_curve(curve);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK((det[k].fpr == fpr[k] && det[k].fnr == 1 - tpr[k]));
    CHECK((gain[k].gain == tpr[k] && gain[k].share == 0.25 * static_cast<double>(k)));
    CHECK(same_number(gain[k].lift, k == 0 ? nan_value : tpr[k] / gain[k].share, 0));
  }
  // Computed with scikit-learn 1.5.2.
  CHECK(softf1::partial_roc_auc(curve, 1) == 0.75);
  CHECK(softf1::partial_roc_auc(curve, 0.5) == Approx(2.0 / 3));
  CHECK(softf1::partial_roc_auc(curve, 0.1) == Approx(0.7368421052631579));
  CHECK(softf1::partial_roc_auc(curve, 0.5, false) == 0.25);
}

TEST_CASE("what a curve shows at a threshold is what the metric reports there", "[metrics][curves]") {
  using namespace curve_tests;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem const p = small_problem(seed);
    std::vector<float> const scores(p.scores.begin(), p.scores.end());
    auto const z = as_matrix(scores, p.rows, p.cols);
    auto const y = as_matrix(p.targets, p.rows, p.cols);
    INFO("seed " << seed);
    for (std::size_t j = 0; j < p.cols; ++j) {
      auto const curve = softf1::label_curve(z, y, j);
      auto const points = softf1::score_curve(curve, softf1::f1{});
      for (std::size_t k = 0; k < points.size(); ++k) {
        if (!curve.reachable(k)) continue;
        softf1::threshold_set rule{std::vector<double>(p.cols, points[k].threshold)};
        auto const reported = softf1::per_label(softf1::f1{}, z, y, {.decision = rule});
        CHECK(same_number(points[k].score, reported[j], 0));
        CHECK(same_number(softf1::f1{}(curve.counts_at(points[k].threshold)), softf1::f1{}(curve.counts(k)), 0));
      }
    }
  }
}

TEST_CASE("counts at any threshold", "[metrics][curves]") {
  using namespace curve_tests;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const p = small_problem(seed);
    count_curve const curve = curve_of(p);
    std::vector<double> thresholds{infinity, -infinity, 0.1, -3};
    for (double z : p.scores) thresholds.insert(thresholds.end(), {z, std::nextafter(z, infinity)});
    for (double t : thresholds) {
      counts c{};
      for (std::size_t i = 0; i < p.rows; ++i) count_cell(c, p, i, 0, t, p.weight(i));
      auto const got = curve.counts_at(t);
      CHECK((got.tp == c.tp && got.fp == c.fp && got.fn == c.fn && got.tn == c.tn));
    }
  }
}

TEST_CASE("areas under curves are the ranking metrics", "[metrics][curves]") {
  using namespace curve_tests;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    problem const p = small_problem(seed);
    count_curve const curve = curve_of(p);
    INFO("seed " << seed);
    CHECK(same_number(softf1::partial_roc_auc(curve, 1), reference_roc_auc(p, 0), 1e-13));
    auto const pr = softf1::precision_recall_curve(curve);
    double sum = curve.positives > 0 ? 0 : nan_value;
    for (std::size_t k = 1; k < pr.size(); ++k) sum += (pr[k - 1].recall - pr[k].recall) * pr[k - 1].precision;
    CHECK(same_number(sum, reference_average_precision(p, 0), 1e-13));
  }
}

TEST_CASE("operating points are the best of all thresholds that keep the promise", "[metrics][curves]") {
  using namespace curve_tests;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    problem const p = small_problem(seed);
    count_curve const curve = curve_of(p);
    for (double at_least : {0.0, 0.3, 0.5, 0.8, 1.0, 1.1}) {
      INFO("seed " << seed << ", at least " << at_least);
      double recall = 0, precision = 0, sensitivity = 0;
      for (std::size_t k = 0; k < curve.points.size(); ++k) {
        counts const c = curve.counts(k);
        if (softf1::precision{}(c) >= at_least) recall = std::max(recall, softf1::recall{}(c));
        if (softf1::recall{}(c) >= at_least && k > 0) precision = std::max(precision, softf1::precision{}(c));
        if (softf1::specificity{}(c) >= at_least && curve.reachable(k))
          sensitivity = std::max(sensitivity, softf1::recall{}(c));
      }
      if (!(curve.positives > 0)) recall = precision = sensitivity = nan_value;
      if (!(curve.negatives > 0)) sensitivity = nan_value;
      auto const r = softf1::recall_at_precision(curve, at_least);
      auto const q = softf1::precision_at_recall(curve, at_least);
      auto const s = softf1::sensitivity_at_specificity(curve, at_least);
      CHECK(same_number(r.score, recall, 0));
      CHECK(same_number(q.score, precision, 0));
      CHECK(same_number(s.score, sensitivity, 0));
      for (auto const& point : {r, q, s}) CHECK((std::isnan(point.promise) || point.promise >= at_least));
      if (!std::isnan(r.promise)) CHECK(softf1::recall{}(curve.counts_at(r.threshold)) == r.score);
      if (!std::isnan(s.promise)) CHECK(softf1::recall{}(curve.counts_at(s.threshold)) == s.score);
      if (at_least > 1) CHECK((r.threshold == infinity && std::isnan(r.promise)));
    }
  }
  count_curve const curve = curve_of(four_scores());
  CHECK(softf1::recall_at_precision(curve, 0.6).threshold == 0.35);
  CHECK(softf1::precision_at_recall(curve, 0.5).threshold == 0.8);
  CHECK(softf1::sensitivity_at_specificity(curve, 0.5).threshold == 0.35);
  CHECK(softf1::specificity_at_sensitivity(curve, 0.5).threshold == 0.8);
  // Among equals the one that promises more.
  count_curve const perfect = curve_of({4, 1, {4, 3, 2, 1}, {1, 1, 0, 0}, {}, {}, {0}});
  CHECK(softf1::precision_at_recall(perfect, 0.1).threshold == 3);
  CHECK(softf1::recall_at_precision(perfect, 0.1).threshold == 3);
}

TEST_CASE("a thinned curve passes every point that it left out within the tolerance", "[metrics][curves]") {
  using namespace curve_tests;
  problem const p = random_problem(4000, 1, 3, {.prevalence = 0.2});
  count_curve const curve = curve_of(p);
  auto const roc = softf1::roc_curve(curve);
  auto const pr = softf1::precision_recall_curve(curve);
  for (double tolerance : {0.0, 0.002, 0.01, 0.2}) {
    auto const check = [&](auto const& all, auto x, auto y) {
      auto const kept = softf1::thin_curve(all, x, y, tolerance);
      CHECK((kept.front().threshold == all.front().threshold && kept.back().threshold == all.back().threshold));
      for (auto const& point : all) {
        bool near = false;
        for (auto const& there : kept)
          near = near || std::max(std::fabs(point.*x - there.*x), std::fabs(point.*y - there.*y)) <= tolerance;
        if (!near) FAIL("a point at threshold " << point.threshold << " is farther than " << tolerance);
      }
      return kept.size();
    };
    std::size_t const left = check(roc, &roc_point::fpr, &roc_point::tpr);
    check(pr, &precision_recall_point::recall, &precision_recall_point::precision);
    if (tolerance > 0) CHECK(static_cast<double>(left) <= 2 / tolerance + 2);
    if (tolerance == 0) CHECK(left == roc.size());
  }
  CHECK(error_text<softf1::value_error>([&] { softf1::thin_curve(roc, &roc_point::fpr, &roc_point::tpr, -1); }) ==
        "thin_curve: tolerance must be >= 0, got -1");
}

TEST_CASE("a sketch has points of the exact curve, and holds the rest between its bounds",
          "[metrics][curves][sketch]") {
  using namespace curve_tests;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    problem const p = small_problem(seed);
    softf1::context<softf1::cpu> ctx;
    problem_on<softf1::cpu> const data(ctx, p);
    softf1::score_sketch sketch({softf1::logit, 3 + seed % 40});
    sketch.add(ctx, data.scores(), data.targets(), {averaging::macro, data.mask(), data.weights()});
    auto const bins = sketch.label(0);
    count_curve const exact = curve_of(p), edges = softf1::curve_at_edges(bins);
    INFO("seed " << seed);
    for (std::size_t k = 1; k < edges.points.size(); ++k) {
      auto const there = exact.counts_at(edges.points[k].threshold), here = edges.counts(k);
      CHECK((there.tp == here.tp && there.fp == here.fp && there.fn == here.fn && there.tn == here.tn));
    }
    auto const band = softf1::banded_score_curve(bins, softf1::f1{});
    for (std::size_t k = 1; k < exact.points.size(); ++k) {
      double const value = softf1::f1{}(exact.counts(k)), f1 = std::isnan(value) ? 0 : value;
      auto at = band.begin();
      while (at + 1 != band.end() && at->threshold > exact.points[k].threshold) ++at;
      bool const on_edge = at->threshold == exact.points[k].threshold;
      CHECK((on_edge ? at->score == f1 : at->lower <= f1 + 1e-12 && f1 <= at->upper + 1e-12));
    }
    for (double max_fpr : {0.1, 0.5, 1.0}) {
      auto const partial = softf1::bounded_roc_auc(bins, max_fpr);
      double const area = softf1::partial_roc_auc(exact, max_fpr);
      CHECK(std::isnan(area) == std::isnan(partial.value));
      if (!std::isnan(area)) CHECK((partial.lower <= area + 1e-12 && area <= partial.upper + 1e-12));
    }
    for (double at_least : {0.3, 0.8}) {
      if (!(exact.positives > 0)) continue;
      softf1::reaching<softf1::recall, softf1::precision> const goal{{}, {}, at_least};
      auto const best = softf1::best_bin_edge(bins, goal).score;
      double const recall = softf1::recall_at_precision(exact, at_least).score;
      CHECK((best.lower <= recall && recall <= best.upper));
    }
  }
}

TEST_CASE("curves refuse NaN, other targets and labels that are not there", "[metrics][curves]") {
  using namespace curve_tests;
  problem p = random_problem(6, 3, 9);
  auto const z = as_matrix(p.scores, 6, 3), y = as_matrix(p.targets, 6, 3);
  p.targets[p.at(4, 1)] = 3;
  CHECK(error_text<softf1::value_error>([&] { softf1::label_curve(z, y, 1); }) ==
        "label_curve: targets must be 0 or 1, got 3 at row 4, label 1");
  p.scores[p.at(2, 2)] = nan_value;
  CHECK(error_text<softf1::value_error>([&] { softf1::pooled_curve(z, y); }) ==
        "pooled_curve: scores must not be NaN, got nan at row 2, label 2");
  CHECK(error_text<softf1::value_error>([&] { softf1::label_curve(z, y, 3); }) ==
        "label_curve: label must be less than 3, got 3");
  CHECK(error_text<softf1::value_error>([&] { softf1::partial_roc_auc(curve_of(four_scores()), 0); }) ==
        "partial_roc_auc: max_fpr must lie in (0, 1], got 0");
}

TEST_CASE("operating points are found for scores that are undefined, or negative, at the ends", "[metrics][curves]") {
  using namespace curve_tests;
  softf1::context<softf1::cpu> ctx;
  // Positives and negatives in turn: recall where NPV, which is undefined where all is accepted, is at least 0.6.
  problem p{4, 1, {4, 3, 2, 1}, {1, 0, 1, 0}, {}, {}, indices(1)};
  auto const npv =
      softf1::best_operating_point(curve_of(p), softf1::recall{}, softf1::negative_predictive_value{}, 0.6);
  CHECK((npv.score == 1 && npv.promise == 1));
  // The positive comes last: all that can be had is negative.
  p.targets = {0, 0, 0, 1};
  auto const worst = softf1::best_operating_point(curve_of(p), softf1::mcc{}, softf1::specificity{}, 0.1);
  CHECK(worst.score < 0);
  CHECK(worst.promise >= 0.1);
  CHECK(softf1::recall_at_precision(curve_of(p), 0.9).score == 0);
  p.targets = {0, 0, 0, 0};
  CHECK(std::isnan(softf1::recall_at_precision(curve_of(p), 0.1).score));
}

TEST_CASE("operating figures of labels have means without what is undefined", "[metrics][curves]") {
  using namespace curve_tests;
  // Right, wrong, right, wrong; one class only; wrong, right.
  std::vector<count_curve> const curves{
      {{{infinity, 0, 0}, {4, 1, 0}, {3, 1, 1}, {2, 2, 1}, {1, 2, 2}}, 2, 2},
      {{{infinity, 0, 0}, {4, 1, 0}}, 1, 0},
      {{{infinity, 0, 0}, {4, 0, 1}, {3, 1, 1}}, 1, 1},
  };
  softf1::operating_options const options{1, 0.5};
  std::vector<softf1::operating_figures> labels;
  for (auto const& curve : curves) labels.push_back(softf1::operating_figures_of(curve, options));
  auto const mean = softf1::mean_operating_figures(labels);
  CHECK(labels[0].partial_roc_auc == 0.75);
  CHECK(std::isnan(labels[1].partial_roc_auc));
  CHECK(mean.partial_roc_auc == (0.75 + 0) / 2);
  CHECK(mean.points[0].name == "precision_at_recall");
  CHECK(mean.points[0].best.score == (1 + 1 + 0.5) / 3);
  CHECK(mean.points[2].name == "sensitivity_at_specificity");
  CHECK(mean.points[2].best.score == (1 + 0.0) / 2);
  CHECK(std::isnan(mean.points[0].best.threshold));
  auto const text = softf1::operating_text(labels, {"a", "b", "c"}, options);
  CHECK(text.find("\nb                  -               1.0000               1.0000                           -") !=
        text.npos);
  CHECK(text.find("\nmacro         0.3750 ") != text.npos);
}
