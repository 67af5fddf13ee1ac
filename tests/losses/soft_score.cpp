#include <softf1/losses/soft_score.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <softf1/losses/soft_f1.hpp>
#include <softf1/losses/soft_f_beta.hpp>
#include <softf1/losses/value_and_gradient.hpp>
#include <softf1/scores/mcc.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace soft_score_tests {

using namespace softf1_test;
using softf1::absent_labels;
using softf1::as_matrix;
using softf1::averaging;

using real = long double;
using counts = std::array<real, 4>;  // tp, fp, fn, tn
using formula = std::function<real(counts const&)>;

void count(counts& c, problem const& p, std::size_t i, std::size_t j, real weight) {
  if (!p.present(i, j)) return;
  real const q = 1 / (1 + std::exp(-static_cast<real>(p.scores[p.at(i, j)]))), y = p.targets[p.at(i, j)];
  c[0] += weight * q * y;
  c[1] += weight * q * (1 - y);
  c[2] += weight * (1 - q) * y;
  c[3] += weight * (1 - q) * (1 - y);
}

// The mean over terms of 1 - score, by plain loops.
double reference(problem const& p, formula const& score, averaging how, absent_labels absent) {
  std::vector<counts> states;
  std::vector<real> weights;
  if (how == averaging::samples) {
    for (std::size_t i = 0; i < p.rows; ++i) {
      states.push_back({});
      for (std::size_t j = 0; j < p.cols; ++j) count(states.back(), p, i, j, 1);
      weights.push_back(p.weight(i));
    }
  } else {
    states.resize(how == averaging::macro ? p.cols : 1);
    weights.resize(states.size(), 1);
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 0; j < p.cols; ++j) count(states[how == averaging::macro ? j : 0], p, i, j, p.weight(i));
  }
  real sum = 0, terms = 0;
  for (std::size_t k = 0; k < states.size(); ++k) {
    auto const& c = states[k];
    if (c[0] + c[1] + c[2] + c[3] == 0) continue;
    if (absent == absent_labels::skip && c[0] + c[2] == 0) continue;
    real const value = score(c);
    sum += weights[k] * (1 - (std::isnan(value) ? 0 : value));
    terms += 1;
  }
  return terms == 0 ? 0 : static_cast<double>(sum / terms);
}

real f_of(real beta, real tp, real fp, real fn) {
  return (1 + beta * beta) * tp / ((1 + beta * beta) * tp + beta * beta * fn + fp);
}
real f1_formula(counts const& c) { return f_of(1, c[0], c[1], c[2]); }
real f2_formula(counts const& c) { return f_of(2, c[0], c[1], c[2]); }
real double_f1_formula(counts const& c) { return (f_of(1, c[0], c[1], c[2]) + f_of(1, c[3], c[2], c[1])) / 2; }
real mcc_formula(counts const& c) {
  return (c[0] * c[3] - c[1] * c[2]) / std::sqrt((c[0] + c[1]) * (c[0] + c[2]) * (c[3] + c[1]) * (c[3] + c[2]));
}

template <class B, class Loss>
double value_of(softf1::context<B>& ctx, Loss const& loss, problem const& p) {
  problem_on<B> const data(ctx, p);
  softf1::buffer<double, B> out(ctx, 1);
  softf1::loss_value(ctx, loss, data.scores(), data.targets(), out.view(), {data.mask(), data.weights()});
  return download(ctx, out)[0];
}

}  // namespace soft_score_tests

TEMPLATE_TEST_CASE("soft scores agree with a plain loop", "[losses][soft_score]", SOFTF1_TEST_BACKENDS) {
  using namespace soft_score_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(
        8, 5, seed,
        {.masked = seed % 3 != 0, .weighted = seed % 2 == 0, .soft_targets = seed % 5 == 0, .prevalence = 0.15});
    for (auto how : {averaging::macro, averaging::micro, averaging::samples})
      for (auto absent : {absent_labels::zero, absent_labels::skip}) {
        INFO("seed " << seed << ", average " << static_cast<int>(how) << ", absent " << static_cast<int>(absent));
        softf1::losses::soft_options const o{how, absent};
        CHECK(value_of(ctx, softf1::soft_f1(o), p) == Approx(reference(p, f1_formula, how, absent)).epsilon(1e-13));
        CHECK(value_of(ctx, softf1::soft_f_beta({2}, {how, absent}), p) ==
              Approx(reference(p, f2_formula, how, absent)).epsilon(1e-13));
        CHECK(value_of(ctx, softf1::double_soft_f1(o), p) ==
              Approx(reference(p, double_f1_formula, how, absent)).epsilon(1e-13));
        CHECK(value_of(ctx, softf1::soft(softf1::scores::mcc{}, o), p) ==
              Approx(reference(p, mcc_formula, how, absent)).epsilon(1e-11));
      }
  }
}

TEST_CASE("soft F1 and its gradient are the published formulas", "[losses][soft_score]") {
  using namespace soft_score_tests;
  problem const p = random_problem(12, 1, 3);
  double tp = 0, sums = 0;
  std::vector<double> q;
  for (std::size_t k = 0; k < 12; ++k) {
    q.push_back(1 / (1 + std::exp(-p.scores[k])));
    tp += q[k] * p.targets[k];
    sums += q[k] + p.targets[k];
  }
  double const f1 = 2 * tp / sums;
  auto const [value, gradient] =
      softf1::value_and_gradient(softf1::soft_f1(), as_matrix(p.scores, 12, 1), as_matrix(p.targets, 12, 1));
  CHECK(value == Approx(1 - f1).epsilon(1e-14));
  for (std::size_t k = 0; k < 12; ++k)
    CHECK(gradient[k] == Approx(-(2 * p.targets[k] - f1) / sums * q[k] * (1 - q[k])).epsilon(1e-12));
}

TEST_CASE("soft F1 has values that can be computed by hand", "[losses][soft_score]") {
  using namespace soft_score_tests;
  // Logits of 0 say one half everywhere: tp = fn = 1 and fp = tn = 1 in the first label; the second has no positive.
  std::vector<double> const logits(8), targets{1, 0, 1, 0, 0, 0, 0, 0};
  auto const z = as_matrix(logits, 4, 2);
  auto const y = as_matrix(targets, 4, 2);
  CHECK(softf1::loss_value(softf1::soft_f1(), z, y) == Approx((0.5 + 1.0) / 2));
  CHECK(softf1::loss_value(softf1::soft_f1({.absent = absent_labels::skip}), z, y) == Approx(0.5));
  CHECK(softf1::loss_value(softf1::soft_f1({.average = averaging::micro}), z, y) == Approx(1 - 2.0 / 6));
  CHECK(softf1::loss_value(softf1::soft_f1({.average = averaging::samples}), z, y) == Approx((0.5 + 0.5 + 1 + 1) / 4));
  CHECK(softf1::loss_value(softf1::double_soft_f1(), z, y) == Approx((0.5 + (1 + 1.0 / 3) / 2) / 2));
}

TEST_CASE("a label without positives has gradient 0 in soft F1, but not in double soft F1", "[losses][soft_score]") {
  using namespace soft_score_tests;
  std::vector<double> const logits{1, -2, 0.5}, targets(3);
  for (auto absent : {absent_labels::zero, absent_labels::skip}) {
    auto const [value, gradient] = softf1::value_and_gradient(softf1::soft_f1({.absent = absent}),
                                                              as_matrix(logits, 3, 1), as_matrix(targets, 3, 1));
    CHECK(value == (absent == absent_labels::zero ? 1.0 : 0.0));
    CHECK(gradient == std::vector<double>(3));
  }
  auto const both =
      softf1::value_and_gradient(softf1::double_soft_f1(), as_matrix(logits, 3, 1), as_matrix(targets, 3, 1));
  for (double g : both.gradient) CHECK(g > 0);
}

TEST_CASE("a label that occurs only with weight 0 or only in masked cells is absent", "[losses][soft_score]") {
  using namespace soft_score_tests;
  problem p = random_problem(6, 2, 4, {.prevalence = 0});
  p.targets[p.at(2, 0)] = 1;
  for (std::size_t i = 0; i < 6; ++i) p.targets[p.at(i, 1)] = static_cast<double>(i % 2);
  softf1::soft_f1 const loss({.absent = absent_labels::skip});
  softf1::context<softf1::cpu> ctx;
  double const second = value_of(ctx, loss, take_cols(p, {1}));
  problem masked = p;
  masked.mask.assign(12, 1);
  masked.mask[masked.at(2, 0)] = 0;
  CHECK(value_of(ctx, loss, masked) == Approx(second).epsilon(1e-14));
  problem weighted = p;
  weighted.weights = {1, 1, 0, 1, 1, 1};
  CHECK(value_of(ctx, loss, weighted) == Approx(value_of(ctx, loss, take_cols(weighted, {1}))).epsilon(1e-14));
}

TEST_CASE("a soft score has no weighted average", "[losses][soft_score]") {
  using namespace soft_score_tests;
  std::vector<double> const z(2), y(2);
  CHECK(error_text<softf1::value_error>([&] {
          softf1::loss_value(softf1::soft_f1({.average = averaging::weighted}), as_matrix(z, 1, 2), as_matrix(y, 1, 2));
        }) == "soft_f1: average must be macro, micro or samples, got weighted");
}
