#include <softf1/decisions/calibration_map.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace calibration_map_tests {

using namespace softf1_test;
using softf1::calibration_map;
using softf1::decisions::label_map;
using softf1::decisions::map_kind;

/// The identity, a slope, beta calibration, lines, steps, one knot.
std::vector<label_map> maps() {
  return {{},
          {.a = 0.5, .b = 0.5, .c = -1},
          {.a = 0.5, .b = 2, .c = 0.25},
          {.kind = map_kind::linear, .scores = {0.125, 0.5, 0.75}, .probabilities = {0.25, 0.5, 1}},
          {.kind = map_kind::steps, .scores = {0.125, 0.5, 0.75}, .probabilities = {0.25, 0.5, 1}},
          {.kind = map_kind::steps, .scores = {0.5}, .probabilities = {0.625}}};
}

/// By its definition.
double expected(label_map const& map, double score, bool is_probability) {
  if (map.kind == map_kind::sigmoid) {
    double const z = is_probability ? std::log(score / (1 - score)) : score;
    double const p = 1 / (1 + std::exp(-z));
    return 1 / (1 + std::exp(-(map.a * std::log(p) - map.b * std::log1p(-p) + map.c)));
  }
  std::size_t k = 0;
  while (k < map.scores.size() && map.scores[k] <= score) ++k;
  if (k == 0) return map.probabilities.front();
  if (k == map.scores.size() || map.kind == map_kind::steps) return map.probabilities[k - 1];
  double const part = (score - map.scores[k - 1]) / (map.scores[k] - map.scores[k - 1]);
  return (1 - part) * map.probabilities[k - 1] + part * map.probabilities[k];
}

}  // namespace calibration_map_tests

TEMPLATE_TEST_CASE("a calibration gives each cell the probability of its label's map", "[calibration]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace calibration_map_tests;
  softf1::context<TestType> ctx;
  for (bool is_probability : {false, true}) {
    calibration_map const map{.maps = maps(), .domain = is_probability ? softf1::probability : softf1::logit};
    std::size_t const labels = map.labels(), rows = 100;
    problem p = random_problem(rows, labels, 7, {.spread = 8, .distinct = 33});
    if (is_probability)
      for (double& x : p.scores) x = (x + 8.25) / 16.5;
    for (layout how : {layout::dense, layout::column_major}) {
      matrix_on<double, TestType> const scores(ctx, p.scores, rows, labels, how);
      matrix_on<float, TestType> const floats(ctx, p.scores, rows, labels, how);
      matrix_on<double, TestType> out(ctx, rows, labels, how), from_floats(ctx, rows, labels);
      map.apply(ctx, scores.view(), out.view());
      map.apply(ctx, floats.view(), from_floats.view());
      auto const found = out.numbers(ctx), rounded = floats.numbers(ctx), of_rounded = from_floats.numbers(ctx);
      double worst = 0;
      for (std::size_t k = 0; k < found.size(); ++k) {
        auto const& of = map.maps[k % labels];
        worst = std::max(worst, std::fabs(found[k] - expected(of, p.scores[k], is_probability)));
        worst = std::max(worst, std::fabs(of_rounded[k] - expected(of, rounded[k], is_probability)));
      }
      CHECK(worst < 1e-14);
      CHECK(out.is_untouched_between(ctx));
    }
  }
}

TEMPLATE_TEST_CASE("extreme scores give finite probabilities, and what is no score gives NaN", "[calibration]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace calibration_map_tests;
  softf1::context<TestType> ctx;
  auto all = maps();
  all.push_back({.a = 0, .b = 0, .c = 1});
  all.push_back({.a = 0, .b = 1e300, .c = -1e300});
  std::size_t const labels = all.size();
  auto const applied = [&](softf1::score_domain domain, double score) {
    calibration_map const map{.maps = all, .domain = domain};
    matrix_on<double, TestType> const scores(ctx, std::vector<double>(labels, score), 1, labels);
    matrix_on<double, TestType> out(ctx, 1, labels);
    map.apply(ctx, scores.view(), out.view());
    return out.numbers(ctx);
  };
  for (double score : {HUGE_VAL, -HUGE_VAL, 1e308, -1e308, 800.0, -800.0})
    for (double p : applied(softf1::logit, score)) CHECK((p >= 0 && p <= 1));
  for (double score : {0.0, 1.0, 5e-324, 1 - 0x1p-53})
    for (double p : applied(softf1::probability, score)) CHECK((p >= 0 && p <= 1));
  CHECK(applied(softf1::logit, HUGE_VAL)[0] == 1);
  CHECK(applied(softf1::logit, -HUGE_VAL)[0] == 0);
  CHECK(applied(softf1::logit, -HUGE_VAL)[4] == 0.25);
  // A probability of 0 or 1 is taken as one of 2^-53 from there.
  CHECK(applied(softf1::probability, 0)[0] == Approx(0x1p-53).epsilon(1e-12));
  CHECK(applied(softf1::probability, 0)[1] == Approx(1 / (1 + std::exp(0.5 * 53 * std::log(2.0) + 1))).epsilon(1e-12));
  for (double p : applied(softf1::logit, std::nan(""))) CHECK(std::isnan(p));
  for (double score : {std::nan(""), -0.001, 1.001})
    for (double p : applied(softf1::probability, score)) CHECK(std::isnan(p));
}

TEST_CASE("a calibration of an owned matrix is one of its own kind", "[calibration]") {
  using namespace calibration_map_tests;
  calibration_map const map{.maps = {{.a = 2, .b = 2, .c = 1}, {}}};
  std::vector<float> const z{0.5f, -1, 0, 3};
  std::vector<float> const p = map.apply(softf1::as_matrix(z, 2, 2));
  CHECK(p[0] == Approx(1 / (1 + std::exp(-2.0))));
  CHECK(p[1] == Approx(1 / (1 + std::exp(1.0))));
  CHECK(error_text<softf1::shape_error>([&] { map.apply(softf1::as_matrix(z, 1, 4)); }) ==
        "calibration_map: scores must have shape (1, 2), got (1, 4)");
}

TEST_CASE("a calibration that is none is refused", "[calibration]") {
  using namespace calibration_map_tests;
  auto const refused = [](label_map const& wrong) {
    calibration_map const map{.maps = {{}, wrong}};
    return error_text<softf1::error>([&] { map.check("check"); });
  };
  double const nan = std::nan("");
  auto const knots = [](std::vector<double> scores, std::vector<double> p) {
    return label_map{.kind = map_kind::linear, .scores = std::move(scores), .probabilities = std::move(p)};
  };
  CHECK(refused({.a = -1}) == "check: the map of label 1 must have finite a >= 0, b >= 0 and c, got -1, 1, 0");
  CHECK(refused({.b = nan}) != "nothing was thrown");
  CHECK(refused({.c = HUGE_VAL}) != "nothing was thrown");
  CHECK(refused(knots({}, {})) == "check: the map of label 1 has no knots");
  CHECK(refused(knots({1, 2}, {0.5})) ==
        "check: the map of label 1: probabilities of its knots must have shape (2,), got (1,)");
  CHECK(refused(knots({1, 1}, {0, 1})) ==
        "check: the map of label 1: scores of knots must be finite and ascend, got 1");
  CHECK(refused(knots({nan}, {0.5})) != "nothing was thrown");
  CHECK(refused(knots({1, 2}, {0.5, 0.25})) ==
        "check: the map of label 1: probabilities of knots must lie in [0, 1] and not fall, got 0.25");
  CHECK(refused(knots({1}, {1.5})) != "nothing was thrown");
  CHECK(refused(knots({1, 2}, {0.5, 0.5})) == "nothing was thrown");
  calibration_map wrong{.maps = {{}}, .label_names = {"a", "b"}};
  CHECK_THROWS_AS(wrong.check("check"), softf1::shape_error);
  wrong = {.maps = {{}}, .domain = softf1::score_domain::calibrated};
  CHECK_THROWS_AS(wrong.check("check"), softf1::value_error);
}
