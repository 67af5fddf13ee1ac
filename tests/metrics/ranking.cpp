#include <softf1/metrics/ranking.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace ranking_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::averaging;
using softf1::metrics::ranking_options;
using softf1::metrics::ranking_scores;

template <class S = double, class B>
std::vector<ranking_scores> ranked(softf1::context<B>& ctx, problem const& p, layout how = layout::dense) {
  problem_on<B, S> const data(ctx, p, how);
  return softf1::metrics::rank_labels(ctx, data.scores(), data.targets(),
                                      ranking_options<B>{averaging::macro, data.mask(), data.weights()});
}

template <class S = double, class B>
ranking_scores pooled_ranking(softf1::context<B>& ctx, problem const& p) {
  problem_on<B, S> const data(ctx, p);
  return softf1::metrics::rank_pooled(ctx, data.scores(), data.targets(),
                                      ranking_options<B>{averaging::micro, data.mask(), data.weights()});
}

bool same(ranking_scores const& a, ranking_scores const& b) {
  return same_number(a.average_precision, b.average_precision, 1e-13) && same_number(a.roc_auc, b.roc_auc, 1e-13);
}

}  // namespace ranking_tests

TEMPLATE_TEST_CASE("average precision and AUROC agree with quadratic loops", "[metrics][ranking]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace ranking_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    problem p = random_problem(
        seed % 25, 1 + seed % 4, seed,
        {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.3, .distinct = seed % 5 * 3});
    // Zeros of both signs are equal; infinities sort at the ends.
    for (std::size_t k = 0; k < p.scores.size(); ++k) {
      if (seed % 7 == 0 && k % 3 == 0) p.scores[k] = k % 2 ? 0.0 : -0.0;
      if (seed % 11 == 0 && k % 4 == 0) p.scores[k] = k % 8 ? HUGE_VAL : -HUGE_VAL;
    }
    for (double& z : p.scores) z = static_cast<float>(z);
    auto const in_double = ranked(ctx, p), in_float = ranked<float>(ctx, p, layout::column_major);
    INFO("seed " << seed);
    for (std::size_t j = 0; j < p.cols; ++j) {
      ranking_scores const expected{reference_average_precision(p, j), reference_roc_auc(p, j), {}};
      CHECK(same(in_double[j], expected));
      CHECK(same(in_float[j], expected));
    }
    problem const all = pooled(p);
    ranking_scores const expected{reference_average_precision(all, 0), reference_roc_auc(all, 0), {}};
    CHECK(same(pooled_ranking(ctx, p), expected));
    CHECK(same(pooled_ranking<float>(ctx, p), expected));
  }
}

TEMPLATE_TEST_CASE("columns that are long enough for a radix sort, and for several pieces, rank alike",
                   "[metrics][ranking]", SOFTF1_TEST_BACKENDS) {
  using namespace ranking_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t distinct : sizes{0, 40}) {
    problem const p = random_problem(6000, 2, 3, {.masked = true, .weighted = true, .distinct = distinct});
    auto const got = ranked(ctx, p);
    for (std::size_t j = 0; j < 2; ++j)
      CHECK(same(got[j], {reference_average_precision(p, j), reference_roc_auc(p, j), {}}));
  }
}

TEST_CASE("ranking metrics have values that can be computed by hand", "[metrics][ranking]") {
  using namespace ranking_tests;
  std::vector<double> const scores{4, 3, 2, 1};
  std::vector<int> const targets{1, 0, 1, 0};
  auto const z = as_matrix(scores, 4, 1);
  auto const y = as_matrix(targets, 4, 1);
  CHECK(softf1::average_precision(z, y) == Approx((1 + 2.0 / 3) / 2));
  CHECK(softf1::roc_auc(z, y) == 0.75);
  std::vector<double> const constant(4, 0.3);
  CHECK(softf1::average_precision(as_matrix(constant, 4, 1), y) == 0.5);
  CHECK(softf1::roc_auc(as_matrix(constant, 4, 1), y) == 0.5);
  std::vector<double> const zeros{-0.0, 0.0, 0.0, -0.0};
  CHECK(softf1::roc_auc(as_matrix(zeros, 4, 1), y) == 0.5);
}

TEST_CASE("labels for which a ranking metric is undefined leave the mean, and are counted", "[metrics][ranking]") {
  using namespace ranking_tests;
  problem p = random_problem(8, 3, 4, {.prevalence = 0.5});
  for (std::size_t i = 0; i < 8; ++i) {
    p.targets[p.at(i, 0)] = 0;
    p.targets[p.at(i, 1)] = 1;
    p.targets[p.at(i, 2)] = static_cast<double>(i % 2);
  }
  softf1::context<softf1::cpu> ctx;
  auto const labels = ranked(ctx, p);
  CHECK(std::isnan(labels[0].average_precision));
  CHECK(std::isnan(labels[0].roc_auc));
  CHECK(labels[1].average_precision == 1);
  CHECK(std::isnan(labels[1].roc_auc));
  using softf1::metrics::average_labels;
  auto const ap = average_labels(labels, &ranking_scores::average_precision, averaging::macro);
  CHECK(ap.left_out == 1);
  CHECK(ap.value == Approx((1 + labels[2].average_precision) / 2));
  auto const auc = average_labels(labels, &ranking_scores::roc_auc, averaging::macro);
  CHECK(auc.left_out == 2);
  CHECK(auc.value == labels[2].roc_auc);
  CHECK(average_labels(labels, &ranking_scores::average_precision, averaging::weighted).value ==
        Approx((8 + 4 * labels[2].average_precision) / 12));
  auto const z = as_matrix(p.scores, 8, 3);
  auto const y = as_matrix(p.targets, 8, 3);
  CHECK(softf1::average_precision(z, y) == ap.value);
  CHECK(softf1::roc_auc(z, y) == auc.value);
  CHECK(softf1::average_precision(z, y, {.average = averaging::micro}) == pooled_ranking(ctx, p).average_precision);
  std::vector<double> const none(24);
  CHECK(std::isnan(softf1::average_precision(z, as_matrix(none, 8, 3))));
  CHECK(std::isnan(softf1::average_precision(z, as_matrix(none, 8, 3), {.average = averaging::weighted})));
}

TEMPLATE_TEST_CASE("ranking: order does not matter, masking is deleting, weight 2 is twice", "[metrics][ranking]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace ranking_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(12, 3, seed, {.distinct = 7});
    problem masked = p, weighted = p;
    masked.mask.assign(36, 1);
    for (std::size_t j = 0; j < 3; ++j) masked.mask[masked.at(5, j)] = 0, masked.scores[masked.at(5, j)] = nan_value;
    weighted.weights.assign(12, 1);
    weighted.weights[5] = 2;
    auto twice = indices(12);
    twice.push_back(5);
    for (auto const& [a, b] : {std::pair{p, take_rows(p, random_order(12, seed))},
                               {masked, take_rows(p, all_but(12, 5))},
                               {weighted, take_rows(p, twice)}}) {
      auto const ra = ranked(ctx, a), rb = ranked(ctx, b);
      for (std::size_t j = 0; j < 3; ++j) CHECK(same(ra[j], rb[j]));
      CHECK(same(pooled_ranking(ctx, a), pooled_ranking(ctx, b)));
    }
  }
}

TEST_CASE("ranking refuses NaN and other targets, naming row and label", "[metrics][ranking]") {
  using namespace ranking_tests;
  problem p = random_problem(6, 3, 9);
  auto const z = as_matrix(p.scores, 6, 3);
  auto const y = as_matrix(p.targets, 6, 3);
  for (auto how : {averaging::macro, averaging::micro, averaging::weighted, averaging::samples}) {
    p.targets[p.at(4, 1)] = 3;
    CHECK(error_text<softf1::value_error>([&] { softf1::roc_auc(z, y, {.average = how}); }) ==
          "roc_auc: targets must be 0 or 1, got 3 at row 4, label 1");
    p.scores[p.at(2, 2)] = nan_value;
    CHECK(error_text<softf1::value_error>([&] { softf1::average_precision(z, y, {.average = how}); }) ==
          "average_precision: scores must not be NaN, got nan at row 2, label 2");
    p.scores[p.at(2, 2)] = 0;
  }
  p.targets[p.at(4, 1)] = 1;
  softf1::row_rankings by_row;
  by_row.add(z, y);
  CHECK(softf1::average_precision(z, y, {.average = averaging::samples}) == by_row.average_precision());
  CHECK(softf1::roc_auc(z, y, {.average = averaging::samples}) == by_row.roc_auc());
  CHECK(error_text<softf1::shape_error>([&] { softf1::roc_auc(z, as_matrix(p.targets, 3, 6)); }) ==
        "roc_auc: targets must have shape (6, 3), got (3, 6)");
}
