#include <softf1/thresholds/best.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <softf1/core/half.hpp>
#include <softf1/metrics/classification.hpp>
#include <softf1/scores/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace best_tests {

using namespace softf1_test;
using softf1::as_matrix;

// The best threshold for F1 of one label.
template <class S>
double best_f1(std::vector<S> const& scores, std::vector<int> const& targets) {
  return softf1::best_thresholds(softf1::f1{}, as_matrix(scores, scores.size(), 1),
                                 as_matrix(targets, targets.size(), 1))
      .thresholds[0];
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace best_tests

TEST_CASE("the best threshold lies midway to the next lower score", "[thresholds][best]") {
  using namespace best_tests;
  CHECK(best_f1<double>({4, 3, 2, 1}, {1, 1, 0, 0}) == 2.5);
  CHECK(best_f1<double>({1, 4, 2, 3}, {0, 1, 0, 1}) == 2.5);
  CHECK(best_f1<double>({4, 4, 1, 1}, {1, 0, 0, 0}) == 2.5);
  CHECK(best_f1<float>({0.75f, 0.5f}, {1, 0}) == 0.625);
  // In double: the midpoint of these floats is not a float.
  float const low = 1, high = std::nextafter(1.0f, 2.0f);
  CHECK(best_f1<float>({high, low}, {1, 0}) == 0.5 * (static_cast<double>(low) + static_cast<double>(high)));
}

TEST_CASE("where all are accepted the best threshold is the lowest score", "[thresholds][best]") {
  using namespace best_tests;
  CHECK(best_f1<double>({4, 3, 2, 1}, {0, 0, 0, 1}) == 1);
  CHECK(best_f1<double>({-7}, {1}) == -7);
  CHECK(best_f1<double>({3, 3, 3}, {0, 1, 0}) == 3);
}

TEST_CASE("where none is accepted the best threshold is +inf", "[thresholds][best]") {
  using namespace best_tests;
  std::vector<double> const scores{2, 1};
  std::vector<int> const targets{0, 1};
  auto const rule = softf1::best_thresholds(softf1::specificity{}, as_matrix(scores, 2, 1), as_matrix(targets, 2, 1));
  CHECK(rule.thresholds[0] == infinity);
  CHECK(rule.reasons[0] == "best");
}

TEST_CASE("among equal optima the highest threshold is taken", "[thresholds][best]") {
  using namespace best_tests;
  // F1 is 2/3 at 4 and above, and 2/3 again when all are accepted.
  CHECK(best_f1<double>({4, 3, 2, 1}, {1, 0, 0, 1}) == 3.5);
}

TEST_CASE("between adjacent doubles the best threshold accepts only the upper one", "[thresholds][best]") {
  using namespace best_tests;
  for (double low : {1.0, -1.0, 0.0, 1e300, -1e300, 5e-324, 1e-310}) {
    double const high = std::nextafter(low, infinity);
    INFO(low);
    CHECK(best_f1<double>({high, low}, {1, 0}) == high);
  }
  double const lowest = -std::numeric_limits<double>::max(), highest = std::numeric_limits<double>::max();
  CHECK(best_f1<double>({highest, lowest}, {1, 0}) == 0);
  CHECK(best_f1<double>({highest, std::nextafter(highest, 0)}, {1, 0}) == highest);
}

TEST_CASE("half precision scores are searched as the numbers that they are", "[thresholds][best]") {
  using namespace best_tests;
  problem const p = random_problem(400, 1, 6);
  std::vector<softf1::half> halves;
  std::vector<double> exact;
  std::vector<int> targets;
  for (std::size_t i = 0; i < p.rows; ++i) {
    halves.emplace_back(static_cast<float>(p.scores[i]));
    exact.push_back(static_cast<double>(static_cast<float>(halves.back())));
    targets.push_back(p.targets[i] == 1);
  }
  CHECK(best_f1(halves, targets) == best_f1(exact, targets));
  CHECK(best_f1(exact, targets) != best_f1(p.scores, targets));
}

TEST_CASE("infinite scores get thresholds that accept what they should", "[thresholds][best]") {
  using namespace best_tests;
  CHECK(best_f1<double>({infinity, -infinity}, {1, 0}) == infinity);
  CHECK(best_f1<double>({infinity, 1}, {1, 0}) == infinity);
  CHECK(best_f1<double>({1, -infinity}, {1, 0}) == 1);
  CHECK(best_f1<double>({1, -infinity}, {0, 1}) == -infinity);
  CHECK(best_f1<float>({HUGE_VALF, 0.0f, -HUGE_VALF}, {1, 1, 0}) == 0);
}

TEST_CASE("zeros of both signs are one score", "[thresholds][best]") {
  using namespace best_tests;
  CHECK(best_f1<double>({1, -0.0, 0.0, -1}, {1, 1, 0, 0}) == -0.5);
}

TEST_CASE("a label without positives gets probability 0.5, and says so", "[thresholds][best]") {
  using namespace best_tests;
  std::vector<double> const scores{0.9, 0.1, 0.8, 0.4}, none(4);
  std::vector<int> const targets{0, 1, 0, 0};
  for (bool weightless : {false, true}) {
    std::vector<double> const weights = weightless ? std::vector<double>{0, 0} : std::vector<double>{1, 2};
    auto const rule = softf1::best_thresholds(softf1::f1{}, as_matrix(scores, 2, 2), as_matrix(targets, 2, 2),
                                              {.domain = softf1::probability, .row_weights = weights});
    CHECK(rule.thresholds[0] == 0.5);
    CHECK(rule.reasons[0] == "no positives");
    CHECK(rule.reasons[1] == (weightless ? "no positives" : "best"));
    CHECK(rule.domain == softf1::probability);
  }
  auto const in_logits = softf1::best_thresholds(softf1::f1{}, as_matrix(scores, 2, 2), as_matrix(none, 2, 2));
  CHECK(in_logits.thresholds == std::vector<double>{0, 0});
  CHECK(in_logits.domain == softf1::logit);
}

TEST_CASE("the rule of the search belongs to the domain of its scores", "[thresholds][best]") {
  using namespace best_tests;
  std::vector<float> const scores{0.2f, 0.9f, 0.3f, 0.7f};
  std::vector<int> const targets{0, 1, 0, 1};
  auto const z = as_matrix(scores, 2, 2);
  auto const y = as_matrix(targets, 2, 2);
  auto const rule = softf1::best_thresholds(softf1::f1{}, z, y, {.domain = softf1::probability});
  CHECK(error_text<softf1::value_error>([&] { softf1::macro(softf1::f1{}, z, y, {.decision = rule}); }) ==
        "macro: the decision rule is for probability scores, the scores are of domain logit");
}

TEST_CASE("the search refuses what metrics refuse", "[thresholds][best]") {
  using namespace best_tests;
  std::vector<double> scores(6);
  std::vector<int> targets{0, 1, 0, 1, 1, 0};
  auto const search = [&](std::vector<double> const& weights = {1, 1, 1}) {
    return softf1::best_thresholds(softf1::f1{}, as_matrix(scores, 3, 2), as_matrix(targets, 3, 2),
                                   {.row_weights = weights});
  };
  CHECK(error_text<softf1::value_error>([&] { search({1, -1, 1}); }) ==
        "best_thresholds: row weights must be finite and >= 0, got -1 at row 1");
  targets[4] = 2;
  CHECK(error_text<softf1::value_error>(search) == "best_thresholds: targets must be 0 or 1, got 2 at row 2, label 0");
  scores[1] = std::nan("");
  CHECK(error_text<softf1::value_error>(search) ==
        "best_thresholds: scores must not be NaN, got nan at row 0, label 1");
  CHECK(error_text<softf1::shape_error>([&] {
          softf1::best_thresholds(softf1::f1{}, as_matrix(scores, 3, 2), as_matrix(targets, 2, 3));
        }) == "best_thresholds: targets must have shape (3, 2), got (2, 3)");
}

TEST_CASE("the search finds the same thresholds on any number of threads", "[thresholds][best][cpu]") {
  using namespace best_tests;
  using context = softf1::context<softf1::cpu>;
  problem const p = random_problem(1000, 23, 5, {.masked = true, .weighted = true, .distinct = 300});
  auto const search = [&](int threads) {
    context ctx(context::options{.threads = threads});
    problem_on<softf1::cpu, float> const data(ctx, p);
    return softf1::best_thresholds(ctx, softf1::f1{}, data.scores(), data.targets(),
                                   {.mask = data.mask(), .row_weights = data.weights()})
        .thresholds;
  };
  auto const expected = search(1);
  for (int threads : {2, 3, 7}) CHECK(search(threads) == expected);
}
