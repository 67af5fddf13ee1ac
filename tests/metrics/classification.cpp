#include <softf1/metrics/classification.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <softf1/scores/any_score.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace classification_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::averaging;
using softf1::threshold_set;

// One of the averages of the thin forms; views of host memory.
template <class Score>
double averaged(Score const& score, problem_on<softf1::cpu> const& data, averaging how,
                softf1::metric_options<softf1::cpu> const& o) {
  switch (how) {
    case averaging::macro:
      return softf1::macro(score, data.scores(), data.targets(), o);
    case averaging::micro:
      return softf1::micro(score, data.scores(), data.targets(), o);
    case averaging::weighted:
      return softf1::weighted(score, data.scores(), data.targets(), o);
    default:
      return softf1::samples(score, data.scores(), data.targets(), o);
  }
}

}  // namespace classification_tests

TEST_CASE("averaged scores agree with plain loops, for every score and average", "[metrics]") {
  using namespace classification_tests;
  softf1::context<softf1::cpu> ctx;
  std::size_t wrong = 0, compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    problem const p = random_problem(
        seed % 9, 1 + seed % 5, seed,
        {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = seed % 4 == 0 ? 0.1 : 0.5, .distinct = 6});
    problem_on<softf1::cpu> const data(ctx, p);
    // Thresholds that scores meet exactly, and infinite ones.
    std::vector<double> thresholds;
    for (std::size_t j = 0; j < p.cols; ++j)
      thresholds.push_back(j % 4 == 2    ? HUGE_VAL
                           : j % 4 == 3  ? -HUGE_VAL
                           : p.rows == 0 ? 0
                                         : p.scores[p.at(p.rows / 2, j)]);
    for (double zero : {0.0, 1.0, nan_value})
      for (auto const& score : softf1::every_score()) {
        softf1::metric_options<softf1::cpu> const o{.decision = threshold_set{thresholds},
                                                    .mask = data.mask(),
                                                    .row_weights = data.weights(),
                                                    .zero_division = zero};
        for (auto how : {averaging::macro, averaging::micro, averaging::weighted, averaging::samples}) {
          double const got = averaged(score, data, how, o),
                       expected = reference_average(p, thresholds, score, how, zero);
          ++compared;
          if (same_number(got, expected, 1e-12)) continue;
          ++wrong;
          FAIL_CHECK(score.name() << ", average " << static_cast<int>(how) << ", seed " << seed << ", zero_division "
                                  << zero << ": got " << got << ", expected " << expected);
        }
        auto const labels = softf1::per_label(score, data.scores(), data.targets(), o);
        auto const counts = label_counts(p, thresholds);
        for (std::size_t j = 0; j < p.cols; ++j) {
          double const value = counts[j].total() > 0 ? score(counts[j]) : nan_value;
          wrong += !same_number(labels[j], counts[j].total() > 0 && std::isnan(value) ? zero : value, 1e-12);
        }
      }
    auto const wrong_cells = [](counts const& c) { return (c.fp + c.fn) / (c.tp + c.fp + c.fn + c.tn); };
    auto const is_right = [](counts const& c) { return c.fp + c.fn == 0 ? 1.0 : 0.0; };
    softf1::metric_options<softf1::cpu> const o{
        .decision = threshold_set{thresholds}, .mask = data.mask(), .row_weights = data.weights()};
    CHECK(same_number(softf1::hamming_loss(data.scores(), data.targets(), o),
                      reference_average(p, thresholds, wrong_cells, averaging::micro, 0), 1e-12));
    CHECK(same_number(softf1::subset_accuracy(data.scores(), data.targets(), o),
                      reference_average(p, thresholds, is_right, averaging::samples, 0), 1e-12));
  }
  CHECK(wrong == 0);
  CHECK(compared == 60 * 3 * softf1::scores::all::size * 4);
}

TEST_CASE("averages have values that can be computed by hand", "[metrics]") {
  using namespace classification_tests;
  //                          label 0: tp 2, fp 1, fn 0, tn 1   label 1: tp 1, fp 0, fn 2, tn 1   label 2: tn 4
  std::vector<float> const scores{1, -1, -1, 1, 1, -1, 1, -1, -1, -1, -1, -1};
  std::vector<int> const targets{1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0};
  auto const z = as_matrix(scores, 4, 3);
  auto const y = as_matrix(targets, 4, 3);
  CHECK(softf1::per_label(softf1::f1{}, z, y) == std::vector<double>{0.8, 0.5, 0});
  CHECK(softf1::per_label(softf1::f1{}, z, y, {.zero_division = 1}) == std::vector<double>{0.8, 0.5, 1});
  CHECK(std::isnan(softf1::per_label(softf1::f1{}, z, y, {.zero_division = nan_value})[2]));
  CHECK(softf1::macro(softf1::f1{}, z, y) == Approx(1.3 / 3));
  CHECK(softf1::macro(softf1::f1{}, z, y, {.zero_division = nan_value}) == Approx(0.65));
  CHECK(softf1::micro(softf1::f1{}, z, y) == Approx(6.0 / 9));
  CHECK(softf1::weighted(softf1::f1{}, z, y) == Approx((2 * 0.8 + 3 * 0.5) / 5));
  CHECK(softf1::samples(softf1::f1{}, z, y) == Approx((2.0 / 3 + 2.0 / 3 + 2.0 / 3 + 0) / 4));
  CHECK(softf1::samples(softf1::f1{}, z, y, {.zero_division = 1}) == Approx(3.0 / 4));
  CHECK(softf1::hamming_loss(z, y) == Approx(3.0 / 12));
  CHECK(softf1::subset_accuracy(z, y) == 0.25);
  std::vector<double> const weights{0, 0, 0, 2};
  CHECK(softf1::subset_accuracy(z, y, {.row_weights = weights}) == 1);
}

TEST_CASE("zero_division replaces the composed score, not its parts", "[metrics]") {
  using namespace classification_tests;
  // Nothing is predicted, so that precision is undefined, but F1 is 0.
  std::vector<float> const scores(3, -1);
  std::vector<int> const targets{1, 0, 1};
  CHECK(softf1::macro(softf1::precision{}, as_matrix(scores, 3, 1), as_matrix(targets, 3, 1), {.zero_division = 1}) ==
        1);
  CHECK(softf1::macro(softf1::f1{}, as_matrix(scores, 3, 1), as_matrix(targets, 3, 1), {.zero_division = 1}) == 0);
}

TEST_CASE("a score equal to the threshold is a yes", "[metrics]") {
  using namespace classification_tests;
  std::vector<float> const scores{0, 0};
  std::vector<int> const targets{1, 1};
  auto const z = as_matrix(scores, 2, 1);
  auto const y = as_matrix(targets, 2, 1);
  CHECK(softf1::macro(softf1::recall{}, z, y) == 1);
  threshold_set const strict{{softf1::strictly_above(0)}};
  CHECK(softf1::macro(softf1::recall{}, z, y, {.decision = strict}) == 0);
  std::vector<float> const halves{0.5f, 0.5f};
  CHECK(softf1::macro(softf1::recall{}, as_matrix(halves, 2, 1), y, {.domain = softf1::probability}) == 1);
}

TEST_CASE("logits decide like their probabilities", "[metrics]") {
  using namespace classification_tests;
  problem const p = random_problem(50, 4, 5);
  std::vector<double> probabilities;
  for (double z : p.scores) probabilities.push_back(softf1::sigmoid(z));
  auto const y = as_matrix(p.targets, 50, 4);
  for (double at : {0.0, 0.2, 0.5, 0.9, 1.0})
    CHECK(softf1::macro(softf1::f1{}, as_matrix(p.scores, 50, 4), y, {.decision = softf1::probability_threshold{at}}) ==
          softf1::macro(softf1::f1{}, as_matrix(probabilities, 50, 4), y,
                        {.domain = softf1::probability, .decision = softf1::probability_threshold{at}}));
}

TEST_CASE("the order of rows does not matter to a metric, masked rows are as deleted, weight 2 is a row twice",
          "[metrics]") {
  using namespace classification_tests;
  softf1::context<softf1::cpu> ctx;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(10, 4, seed, {.masked = true});
    problem deleted = take_rows(p, all_but(10, 3)), masked = p, twice = take_rows(p, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 6});
    for (std::size_t j = 0; j < 4; ++j) masked.mask[masked.at(3, j)] = 0;
    problem weighted = p;
    weighted.weights.assign(10, 1);
    weighted.weights[6] = 2;
    for (auto const& [a, b] :
         {std::pair{p, take_rows(p, random_order(10, seed))}, {deleted, masked}, {twice, weighted}}) {
      problem_on<softf1::cpu> const da(ctx, a), db(ctx, b);
      for (auto how : {averaging::macro, averaging::micro, averaging::weighted, averaging::samples})
        CHECK(same_number(averaged(softf1::f1{}, da, how, {.mask = da.mask(), .row_weights = da.weights()}),
                          averaged(softf1::f1{}, db, how, {.mask = db.mask(), .row_weights = db.weights()}), 1e-14));
    }
  }
}

TEST_CASE("a metric names itself in its errors", "[metrics]") {
  using namespace classification_tests;
  std::vector<float> scores(6);
  std::vector<int> targets(6);
  auto const z = as_matrix(scores, 2, 3);
  CHECK(error_text<softf1::shape_error>([&] { softf1::macro(softf1::f1{}, z, as_matrix(targets, 3, 2)); }) ==
        "macro: targets must have shape (2, 3), got (3, 2)");
  targets[4] = 2;
  CHECK(error_text<softf1::value_error>([&] { softf1::micro(softf1::f1{}, z, as_matrix(targets, 2, 3)); }) ==
        "micro: targets must be 0 or 1, got 2 at row 1, label 1");
  CHECK(error_text<softf1::value_error>([&] { softf1::samples(softf1::f1{}, z, as_matrix(targets, 2, 3)); }) ==
        "samples: targets must be 0 or 1, got 2 at row 1, label 1");
  CHECK(error_text<softf1::value_error>([&] { softf1::hamming_loss(z, as_matrix(targets, 2, 3)); }) ==
        "hamming_loss: targets must be 0 or 1, got 2 at row 1, label 1");
  softf1::context<softf1::cpu> ctx;
  CHECK(error_text<softf1::value_error>([&] { softf1::subset_accuracy(ctx, z, as_matrix(targets, 2, 3)); }) ==
        "subset_accuracy: targets must be 0 or 1, got 2 at row 1, label 1");
  CHECK(error_text<softf1::value_error>([&] {
          softf1::subset_accuracy(z, as_matrix(targets, 2, 3), {.label_weights = {1, 2, 1}});
        }) == "subset_accuracy: label weights are for macro, micro and weighted alone");
  scores[2] = std::nanf("");
  CHECK(error_text<softf1::value_error>([&] { softf1::per_label(softf1::f1{}, z, as_matrix(targets, 2, 3)); }) ==
        "per_label: scores must not be NaN, got nan at row 0, label 2");
}
