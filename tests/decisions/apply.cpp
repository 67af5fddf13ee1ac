#include <softf1/decisions/apply.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace apply_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::threshold_set;

// A float and a threshold near it compare alike before and after the threshold is rounded.
bool equivalent(float x, double t) {
  return (static_cast<double>(x) >= t) == (x >= softf1::decisions::round_up<float>(t));
}

}  // namespace apply_tests

TEST_CASE("floats compare with the rounded threshold as they would as doubles", "[decisions]") {
  using namespace apply_tests;
  using limits = std::numeric_limits<float>;
  std::vector<float> floats{0,
                            -0.0f,
                            1,
                            -1,
                            limits::denorm_min(),
                            -limits::denorm_min(),
                            limits::min(),
                            limits::max(),
                            limits::lowest(),
                            limits::infinity(),
                            -limits::infinity(),
                            0.1f};
  softf1::random_stream const random(1);
  for (std::uint64_t k = 0; k < 500; ++k) {
    float const x = softf1::bit_cast<float>(random.bits(k));
    if (!std::isnan(x)) floats.push_back(x);
  }
  std::vector<double> thresholds{0,        -0.0,         1e300,         -1e300,     1e-300,    -1e-300,
                                 HUGE_VAL, -HUGE_VAL,    0.1,           5e-324,     -5e-324,   3.5e38,
                                 -3.5e38,  3.4028235e38, -3.4028235e38, 1.0 + 1e-9, 1.0 - 1e-9};
  for (float x : floats)
    for (double t : {static_cast<double>(x), std::nextafter(static_cast<double>(x), HUGE_VAL),
                     std::nextafter(static_cast<double>(x), -HUGE_VAL), static_cast<double>(x) * 1.00000003})
      thresholds.push_back(t);
  std::size_t wrong = 0;
  for (float x : floats)
    for (double t : thresholds) wrong += !equivalent(x, t);
  CHECK(wrong == 0);
  CHECK(softf1::decisions::round_up<double>(0.1) == 0.1);
}

TEMPLATE_TEST_CASE("matrix, bits and lists hold the same decisions", "[decisions]", SOFTF1_TEST_BACKENDS) {
  using namespace apply_tests;
  softf1::context<TestType> ctx;
  for (std::size_t labels : sizes{1, 5, 63, 64, 65, 130}) {
    problem const p = random_problem(7, labels, labels, {.distinct = 9});
    threshold_set rule;
    for (std::size_t j = 0; j < labels; ++j)
      rule.thresholds.push_back(j % 5 == 4 ? HUGE_VAL : p.scores[p.at(j % 7, j)]);
    matrix_on<float, TestType> const scores(ctx, p.scores, 7, labels, layout::strided);
    std::size_t const words = (labels + 63) / 64;
    softf1::buffer<std::uint8_t, TestType> yes(ctx, 7 * labels);
    softf1::buffer<std::uint64_t, TestType> bits(ctx, 7 * words);
    softf1::decide(ctx, scores.view(), rule, yes.matrix(7, labels));
    softf1::decide_bits(ctx, scores.view(), rule, bits.matrix(7, words));
    auto const y = download(ctx, yes);
    auto const b = download(ctx, bits);
    auto const stored_scores = scores.numbers(ctx);
    auto const lists = softf1::decide_lists(as_matrix(stored_scores, 7, labels), rule);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 7; ++i) {
      std::vector<std::size_t> list;
      for (std::size_t j = 0; j < 64 * words; ++j) {
        bool const expected = j < labels && stored_scores[i * labels + j] >= rule.thresholds[j];
        wrong += ((b[i * words + j / 64] >> (j % 64)) & 1) != expected;
        if (j < labels) wrong += y[i * labels + j] != expected;
        if (expected) list.push_back(j);
      }
      wrong += lists[i] != list;
    }
    INFO(labels << " labels");
    CHECK(wrong == 0);
  }
}

TEST_CASE("decide gives a matrix of the input's own kind, and refuses NaN, shapes and domains", "[decisions]") {
  using namespace apply_tests;
  std::vector<float> scores{1, -1, 0, 3, -2, -0.0f};
  CHECK(softf1::decide(as_matrix(scores, 2, 3), {}) == std::vector<std::uint8_t>{1, 0, 1, 1, 0, 1});
  CHECK(softf1::decide(as_matrix(scores, 2, 3), softf1::probability_threshold{0.6}, {.domain = softf1::probability}) ==
        std::vector<std::uint8_t>{1, 0, 0, 1, 0, 0});
  threshold_set const rule{{0.5, 0.5, 0.5}, softf1::probability};
  CHECK(error_text<softf1::value_error>([&] { softf1::decide(as_matrix(scores, 2, 3), rule); }) ==
        "decide: the decision rule is for probability scores, the scores are of domain logit");
  softf1::context<softf1::cpu> ctx;
  softf1::buffer<std::uint8_t> out(ctx, 6);
  softf1::buffer<std::uint64_t> bits(ctx, 6);
  softf1::matrix_view<const float> const z = as_matrix(scores, 2, 3);
  CHECK(error_text<softf1::shape_error>([&] { softf1::decide(ctx, z, {}, out.matrix(3, 2)); }) ==
        "decide: out must have shape (2, 3), got (3, 2)");
  CHECK(error_text<softf1::shape_error>([&] { softf1::decide_bits(ctx, z, {}, bits.matrix(2, 2)); }) ==
        "decide_bits: out must have shape (2, 1), got (2, 2)");
  scores[4] = std::nanf("");
  CHECK(error_text<softf1::value_error>([&] { softf1::decide(as_matrix(scores, 2, 3), {}); }) ==
        "decide: scores must not be NaN, got nan at row 1, label 1");
  CHECK(error_text<softf1::value_error>([&] { softf1::decide_bits(ctx, z, {}, bits.matrix(2, 1)); }) ==
        "decide_bits: scores must not be NaN, got nan at row 1, label 1");
}

TEST_CASE("top-k decides the k highest scores of each row, of equal ones the first", "[decisions][apply]") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  std::vector<float> const scores{0, 2, 1, 3, 3, 3, -inf, -inf, -inf, 1, inf, inf};
  softf1::matrix_view<const float> const view(scores.data(), 4, 3);
  using lists = std::vector<std::vector<std::size_t>>;
  CHECK(softf1::decide_lists(view, softf1::top_k{1}) == softf1::decide_lists(view, softf1::argmax{}));
  CHECK(softf1::decide_lists(view, softf1::top_k{2}) == lists{{1, 2}, {0, 1}, {0, 1}, {1, 2}});
  CHECK(softf1::decide_lists(view, softf1::top_k{5}) == lists(4, {0, 1, 2}));
  CHECK_THROWS_AS(softf1::decide_lists(view, softf1::top_k{0}), softf1::value_error);
}

TEST_CASE("argmax decides the first highest score of each row", "[decisions][apply]") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  std::vector<float> const scores{0,    2,    1,     //
                                  3,    3,    1,     //
                                  -inf, -inf, -inf,  //
                                  1,    inf,  inf,   //
                                  -5,   -4,   -3};
  softf1::matrix_view<const float> const view(scores.data(), 5, 3);
  CHECK(softf1::decide_lists(view, softf1::argmax{}) == std::vector<std::vector<std::size_t>>{{1}, {0}, {0}, {1}, {2}});
}
