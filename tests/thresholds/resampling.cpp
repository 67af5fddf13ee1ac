#include <softf1/thresholds/resampling.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <softf1/scores/f1.hpp>
#include <softf1/scores/mcc.hpp>
#include <softf1/thresholds/account.hpp>
#include <softf1/thresholds/search.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace resampling_tests {

using namespace softf1_test;
using softf1::cpu;
using softf1::tuning_rows;
namespace thresholds = softf1::thresholds;

tuning_rows rows_of(problem const& p) {
  softf1::context<cpu> ctx;
  problem_on<cpu> const data(ctx, p);
  softf1::threshold_options<cpu> o;
  o.mask = data.mask();
  o.row_weights = data.weights();
  return tuning_rows(ctx, data.scores(), data.targets(), o);
}

softf1::threshold_set best(tuning_rows const& rows) { return thresholds::best{}(rows, softf1::f1{}); }

double macro_f1(std::vector<softf1::confusion<double>> const& counts) {
  double sum = 0;
  for (auto const& c : counts) {
    double const value = softf1::f1{}(c);
    sum += value == value ? value : 0;
  }
  return sum / static_cast<double>(counts.size());
}

}  // namespace resampling_tests

TEST_CASE("rows that are weighed anew are searched as rows that are repeated or left out", "[thresholds]") {
  using namespace resampling_tests;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const p = random_problem(20, 3, seed, {.masked = seed % 2 == 0, .distinct = seed % 3 * 5});
    softf1::random_stream const random(seed);
    std::vector<double> times;
    std::vector<std::size_t> repeated;
    for (std::size_t i = 0; i < p.rows; ++i) {
      times.push_back(static_cast<double>(random.below(i, 4)));
      repeated.insert(repeated.end(), static_cast<std::size_t>(times[i]), i);
    }
    auto const reweighted = rows_of(p).reweighted(times), taken = rows_of(take_rows(p, repeated));
    CHECK(best(reweighted).thresholds == best(taken).thresholds);
    CHECK(thresholds::global{}(reweighted, softf1::f1{}).thresholds ==
          thresholds::global{}(taken, softf1::f1{}).thresholds);
    softf1::threshold_set const zero{{0, 0, 0}};
    std::vector<double> const twice(p.rows, 2), halves(p.rows, 0.5);
    CHECK(best(reweighted.reweighted(twice).reweighted(halves)).thresholds == best(reweighted).thresholds);
    auto const a = counts_under(reweighted, zero), b = counts_under(taken, zero);
    auto const expected = label_counts(take_rows(p, repeated), {0, 0, 0});
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK((a[j].tp == expected[j].tp && a[j].fp == expected[j].fp && a[j].tn == expected[j].tn));
      CHECK((b[j].tp == expected[j].tp && b[j].fn == expected[j].fn && b[j].tn == expected[j].tn));
    }
  }
}

TEST_CASE("no strategy looks at rows of weight 0", "[thresholds]") {
  using namespace resampling_tests;
  thresholds::all::for_each([]<class Strategy>() {
    INFO(Strategy::name);
    std::size_t wrong = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      problem p = random_problem(24, 4, seed, {.masked = seed % 2 == 0, .prevalence = 0.4, .distinct = seed % 3 * 7});
      std::vector<double> times(p.rows);
      std::vector<std::size_t> kept;
      for (std::size_t i = 0; i < p.rows; ++i) {
        times[i] = (i + seed) % 3 == 0 ? 0 : 1;
        if (times[i] > 0) kept.push_back(i);
      }
      auto const all = rows_of(p);
      Strategy const strategy{};
      softf1::thresholds::objective_function const score = softf1::f1{};
      softf1::decision_rule const weighed = strategy(all.reweighted(times), score),
                                  alone = strategy(rows_of(take_rows(p, kept)), score);
      auto const a = decide_rows(all, weighed), b = decide_rows(all, alone);
      for (std::size_t k = 0; k < a.size(); ++k) wrong += a[k] != b[k];
      if (auto const* const set = std::get_if<softf1::threshold_set>(&weighed))
        wrong += set->reasons != std::get<softf1::threshold_set>(alone).reasons;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("each row is decided by thresholds that were found without its fold", "[thresholds]") {
  using namespace resampling_tests;
  problem const p = random_problem(30, 2, 3);
  auto const folds = thresholds::shuffled_folds(30, 4, 7);
  for (std::size_t f = 0; f < 4; ++f) CHECK(std::count(folds.begin(), folds.end(), f) >= 7);
  softf1::context<cpu> ctx;
  auto const found = cross_validate(ctx, rows_of(p), best, folds);
  REQUIRE(found.rules.size() == 4);
  std::vector<counts> expected(2, counts{});
  for (std::size_t f = 0; f < 4; ++f) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < 30; ++i)
      if (folds[i] != f) others.push_back(i);
    auto const set = best(rows_of(take_rows(p, others)));
    CHECK(thresholds::thresholds_in(found.rules[f], "test").thresholds == set.thresholds);
    for (std::size_t i = 0; i < 30; ++i)
      for (std::size_t j = 0; j < 2; ++j)
        if (folds[i] == f) count_cell(expected[j], p, i, j, set.thresholds[j], 1);
  }
  for (std::size_t j = 0; j < 2; ++j)
    CHECK((found.unseen[j].tp == expected[j].tp && found.unseen[j].fp == expected[j].fp &&
           found.unseen[j].fn == expected[j].fn && found.unseen[j].tn == expected[j].tn));
  // A search that draws rows again draws none of the fold that it is tried on.
  problem const noise = random_problem(30, 20, 5, {.prevalence = 0.3});
  auto const bagged = thresholds::search_named("best+bagged:resamples=9", softf1::f1{});
  auto const rows = rows_of(noise);
  CHECK(macro_f1(cross_validate(ctx, rows, bagged, folds).unseen) < macro_f1(counts_under(rows, bagged(rows))) - 0.02);
  CHECK(error_text<softf1::value_error>([] { thresholds::shuffled_folds(3, 4); }) ==
        "shuffled_folds: folds must be from 2 to the number of rows, got 4");
}

TEST_CASE("what a search overrates itself by on rare labels, its bootstrap says", "[thresholds]") {
  using namespace resampling_tests;
  // Scores that know nothing: F1 on new rows is that of any threshold, the tuned one is a search among noise.
  double overrated = 0, bootstrapped = 0, validated = 0;
  softf1::context<cpu> ctx;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem const known = random_problem(60, 2, 2 * seed, {.prevalence = 0.1}),
                  unknown = random_problem(4000, 2, 2 * seed + 1, {.prevalence = 0.1});
    auto const rows = rows_of(known);
    auto const tuned = best(rows);
    auto const there = rows_of(unknown);
    overrated += macro_f1(counts_under(rows, tuned)) - macro_f1(counts_under(there, tuned));
    bootstrapped += search_with_account(ctx, rows, best, softf1::f1{}, {.resamples = 50, .seed = seed}).optimism;
    validated +=
        search_with_account(ctx, rows, best, softf1::f1{}, {.resamples = 0, .folds = 5, .seed = seed}).optimism;
  }
  CHECK(overrated / 40 > 0.05);
  CHECK(bootstrapped / 40 == Approx(overrated / 40).margin(0.06));
  CHECK(validated / 40 == Approx(overrated / 40).margin(0.06));
}

TEST_CASE("medians, means and shrinkage of thresholds", "[thresholds]") {
  using namespace resampling_tests;
  auto const set = [](std::vector<double> const& t) {
    return softf1::threshold_set{t, softf1::logit, {}, {"best", "best", "best"}};
  };
  using thresholds::middle_thresholds;
  CHECK(middle_thresholds({set({1, 5, HUGE_VAL}), set({2, 7, 3}), set({9, 6, HUGE_VAL})}) ==
        std::vector<double>{2, 6, HUGE_VAL});
  CHECK(middle_thresholds({set({1, 5, 2}), set({2, 7, HUGE_VAL})}) == std::vector<double>{1.5, 6, 2});
  CHECK(middle_thresholds({set({1, 5, 2}), set({2, 7, 3}), set({6, 6, HUGE_VAL})}, true) ==
        std::vector<double>{3, 6, 3});
  softf1::threshold_set none{{0, 8, 8}, softf1::logit, {}, {"no positives", "best", "best"}};
  CHECK(middle_thresholds({none, set({2, 7, 3}), none, set({4, 9, 4})}, true) == std::vector<double>{3, 8, 5.75});
  CHECK(middle_thresholds({none, none})[0] == 0);
  CHECK(error_text<softf1::value_error>([] { middle_thresholds({}); }) ==
        "middle_thresholds: at least one set of thresholds must be given");
  auto const drawn = thresholds::shrunk_toward(set({4, 4, HUGE_VAL}), std::vector<double>{30, 10, 50},
                                               std::vector<double>{1, 2, 3}, 10);
  CHECK(drawn.thresholds == std::vector<double>{0.75 * 4 + 0.25 * 1, 0.5 * 4 + 0.5 * 2, 3});
  CHECK(drawn.reasons[1] == "best, shrunk");
  CHECK(thresholds::shrunk_toward(set({4, 5, 6}), std::vector<double>{0, 1, 1}, std::vector<double>{1, 1, HUGE_VAL}, 1)
            .thresholds == std::vector<double>{4, 3, 6});
}

TEST_CASE("a name gives a strategy with its refinements", "[thresholds]") {
  using namespace resampling_tests;
  auto const found = [](std::string_view text, tuning_rows const& rows) {
    return thresholds::search_named(text, softf1::f1{})(rows).rule;
  };
  auto const set_of = [&](std::string_view text, tuning_rows const& rows) {
    return std::get<softf1::threshold_set>(found(text, rows));
  };
  problem p = random_problem(60, 4, 5, {.masked = true, .weighted = true});
  for (std::size_t i = 0; i < p.rows; ++i) p.targets[p.at(i, 2)] = 0;                    // none
  for (std::size_t i = 0; i < p.rows; ++i) p.targets[p.at(i, 3)] = i % 20 == 0 ? 1 : 0;  // few
  auto const rows = rows_of(p);
  auto const plain = set_of("best", rows), one = set_of("global:macro=1", rows), f_star = set_of("f_star", rows);
  CHECK(plain.thresholds == best(rows).thresholds);
  for (auto const* text : {"best+k_fold:folds=4", "best+bagged:resamples=7,mean=1", "best+shrunk:strength=0"}) {
    INFO(text);
    auto const set = set_of(text, rows);
    CHECK(set.thresholds[2] == 0);
    CHECK(set.reasons[2] == "no positives");
    CHECK(set_of(text, rows).thresholds == set.thresholds);
    CHECK((set.thresholds != plain.thresholds) == (std::string_view(text) != "best+shrunk:strength=0"));
  }
  CHECK(set_of("best+shrunk:strength=1e300", rows).thresholds[0] == one.thresholds[0]);
  CHECK(set_of("best+shrunk:strength=1e300,f_star=1", rows).thresholds[3] == f_star.thresholds[3]);
  CHECK(set_of("best+shrunk:strength=1e300,label_free=1", rows).thresholds[0] ==
        set_of("label_free", rows).thresholds[0]);
  CHECK(error_text<softf1::value_error>([&] { found("best+back_off:f_star=1,label_free=1", rows); }) ==
        "back_off: f_star and label_free exclude each other");
  auto const backed = set_of("youden+back_off:min_positives=10", rows);
  CHECK(backed.thresholds[0] == set_of("youden", rows).thresholds[0]);
  CHECK(backed.thresholds[3] == one.thresholds[3]);
  CHECK(backed.reasons[3] == "few positives");
  CHECK(set_of("best+shrunk+k_fold", rows).reasons[0] == "best, shrunk, k_fold");
  CHECK(std::holds_alternative<softf1::top_k>(found("rcut:k=2", rows)));
  CHECK(error_text<softf1::value_error>([&] { found("rcut+bagged", rows); }) ==
        "bagged: expected a strategy that gives thresholds, got one that gives a rule of whole rows");
  CHECK(error_text<softf1::value_error>([&] { found("best+half", rows); }) ==
        "no refinement is named 'half', there are k_fold, bagged, shrunk, back_off");
  CHECK(error_text<softf1::value_error>([&] { found("best+k_fold:folds=1", rows); }) ==
        "k_fold: folds must be a whole number >= 2, got 1");
}

TEST_CASE("smoothed counts are means over ranks, and their best threshold that of a plain loop", "[thresholds]") {
  using namespace resampling_tests;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    problem const p = random_problem(2 + seed % 25, 1, seed, {.weighted = seed % 3 == 0, .distinct = seed % 2 * 9});
    auto const rows = rows_of(p);
    auto const curve = rows.label(0);
    if (!(curve.positives > 0)) continue;
    auto const accepted = [&](std::size_t k) { return curve.points[k].tp + curve.points[k].fp; };
    std::size_t const last = curve.points.size() - 1;
    // The area under the line through the points, from 0 to a: every segment, or its part.
    auto const area_to = [&](double a) {
      double area = 0;
      for (std::size_t k = 1; k <= last && accepted(k - 1) < a; ++k) {
        double const to = std::min(a, accepted(k)), wide = to - accepted(k - 1), all = accepted(k) - accepted(k - 1);
        double const rise = (curve.points[k].tp - curve.points[k - 1].tp) * wide / all;
        area += wide * (curve.points[k - 1].tp + rise / 2);
      }
      return area;
    };
    auto const f1_at = [&](std::size_t k, double tp) { return 2 * tp / (accepted(k) + curve.positives); };
    std::size_t exact = 0, at = 0;
    for (std::size_t k = 0; k <= last; ++k)
      if (f1_at(k, curve.points[k].tp) > f1_at(exact, curve.points[exact].tp)) exact = k;
    double const wrong = accepted(exact) + curve.positives - 2 * curve.points[exact].tp;
    double const width = 0.6 * std::min(curve.positives, wrong);
    auto const got = thresholds::smoothed_positives(curve, width);
    for (std::size_t k = 0; k <= last; ++k) {
      double const w = std::min({width, accepted(k), accepted(last) - accepted(k)});
      double const mean = w > 0 ? (area_to(accepted(k) + w) - area_to(accepted(k) - w)) / (2 * w) : curve.points[k].tp;
      CHECK(got[k] == Approx(mean).margin(1e-11));
      if (f1_at(k, got[k]) > f1_at(at, got[at])) at = k;
    }
    CHECK(thresholds::best{.smooth = 0.6}(rows, softf1::f1{}).thresholds[0] == thresholds::threshold_at(curve, at));
  }
}

TEST_CASE("sums of weights that are rounded, and scores without an end, are smoothed too", "[thresholds]") {
  using namespace resampling_tests;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    problem p = random_problem(2 + seed % 25, 3, seed, {.weighted = true, .distinct = seed % 2 * 5});
    for (double& w : p.weights) w = 0.1 + w / 3;
    for (double& x : p.scores)
      if (seed % 4 == 1 && x > 1) x = HUGE_VAL;
    auto const rows = rows_of(p);
    for (std::size_t j = 0; j < 3; ++j) {
      auto const curve = rows.label(j);
      auto const check = [&](softf1::confusion<double> const& c) {
        CHECK((c.tp >= 0 && c.fp >= 0 && c.fn >= 0 && c.tn >= 0));
        return softf1::mcc{}(c);
      };
      thresholds::smoothed_score(curve, check, 0.6);
    }
    // A power of two changes no rounding.
    problem scaled = p;
    for (double& w : scaled.weights) w *= 1024;
    CHECK(thresholds::best{.smooth = 0.6}(rows_of(scaled), softf1::f1{}).thresholds ==
          thresholds::best{.smooth = 0.6}(rows, softf1::f1{}).thresholds);
  }
  // One wrong cell that weighs nearly nothing moves nothing.
  problem p = random_problem(40, 1, 3);
  for (std::size_t i = 0; i < p.rows; ++i) p.targets[i] = p.scores[i] > 0.5;
  p.weights.assign(40, 1);
  auto const exact = best(rows_of(p)).thresholds;
  p.targets[static_cast<std::size_t>(std::min_element(p.scores.begin(), p.scores.end()) - p.scores.begin())] = 1;
  p.weights[static_cast<std::size_t>(std::min_element(p.scores.begin(), p.scores.end()) - p.scores.begin())] = 1e-13;
  CHECK(thresholds::best{.smooth = 0.6}(rows_of(p), softf1::f1{}).thresholds == exact);
}

TEST_CASE("smoothing leaves thresholds that make no mistakes where they are", "[thresholds]") {
  using namespace resampling_tests;
  for (std::size_t const positives : {1u, 2u, 5u, 40u}) {
    problem p{100, 1};
    for (std::size_t i = 0; i < p.rows; ++i) {
      p.scores.push_back(static_cast<double>(i));
      p.targets.push_back(i >= p.rows - positives);
    }
    CHECK(thresholds::best{.smooth = 5}(rows_of(p), softf1::f1{}).thresholds[0] ==
          static_cast<double>(p.rows - positives) - 0.5);
  }
}

TEST_CASE("an account says what was found, how it varies, and what it is worth on new rows", "[thresholds]") {
  using namespace resampling_tests;
  softf1::context<cpu> ctx, alone({.threads = 1});
  problem p = random_problem(400, 3, 11, {.prevalence = 0.2});
  for (std::size_t i = 0; i < p.rows; ++i) {
    p.targets[p.at(i, 2)] = 0;
    for (std::size_t j = 0; j < 2; ++j) p.scores[p.at(i, j)] += 1.5 * p.targets[p.at(i, j)];
  }
  auto const rows = rows_of(p);
  auto const found = search_with_account(ctx, rows, best, softf1::f1{}, {.resamples = 60, .level = 0.8});
  auto const& set = std::get<softf1::threshold_set>(found.rule);
  CHECK(set.thresholds == best(rows).thresholds);
  REQUIRE(set.accounts.size() == 3);
  auto const counts = label_counts(p, set.thresholds);
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(set.accounts[j].cells == 400);
    CHECK(set.accounts[j].positives == counts[j].support());
    CHECK(set.accounts[j].predicted == counts[j].predicted());
  }
  for (std::size_t j = 0; j < 2; ++j) {
    auto const& account = set.accounts[j];
    CHECK(account.tuned == softf1::f1{}(found.in_sample[j]));
    CHECK(account.low <= set.thresholds[j]);
    CHECK(account.high >= set.thresholds[j]);
    CHECK(account.low < account.high);
    CHECK(account.expected < account.tuned);
    CHECK(account.expected > account.tuned - 0.15);
  }
  CHECK(std::isnan(set.accounts[2].low));
  CHECK(set.origin.back().first == "optimism");
  CHECK(found.optimism == Approx((found.tuned[0] + found.tuned[1] - found.expected[0] - found.expected[1]) / 3));
  CHECK(found.expected[2] == found.tuned[2]);
  CHECK(found.optimism == Approx(found.macro_tuned - found.macro_expected));
  // Rows are drawn by number, whatever thread draws them.
  auto const again = search_with_account(alone, rows, best, softf1::f1{}, {.resamples = 60, .level = 0.8});
  CHECK(std::get<softf1::threshold_set>(again.rule).accounts[0].low == set.accounts[0].low);
  CHECK(again.macro_expected == found.macro_expected);
  // A rule of whole rows is cross-validated.
  auto const top = search_with_account(ctx, rows, thresholds::search_named("rcut:k=1", softf1::f1{}), softf1::f1{});
  CHECK(top.expected == top.tuned);
  CHECK(top.in_sample[0].predicted() + top.in_sample[1].predicted() + top.in_sample[2].predicted() == 400);
  CHECK(error_text<softf1::value_error>([&] {
          search_with_account(ctx, rows, thresholds::search_named("mcut+shrunk", softf1::f1{}), softf1::f1{});
        }) == "shrunk: expected a strategy that gives thresholds, got one that gives a rule of whole rows");
}
