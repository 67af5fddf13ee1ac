// Gradients that are not those of the value, beside the closed form that they state, by plain loops.
#include <algorithm>
#include <cmath>
#include <vector>

#include <softf1/losses/asymmetric.hpp>
#include <softf1/losses/soft_f_beta.hpp>
#include <softf1/losses/straight_through_f1.hpp>
#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/problem.hpp"

namespace surrogates_tests {

using namespace softf1_test;
using softf1::absent_labels;
using softf1::averaging;

double sigma(double z) { return 1 / (1 + std::exp(-z)); }

struct graded {
  double value;
  std::vector<double> gradient;
};

template <class B, class Loss>
graded grade(softf1::context<B>& ctx, softf1::loss_union<Loss, B>& all, problem const& p) {
  problem_on<B> const data(ctx, p);
  matrix_on<double, B> gradient(ctx, p.rows, p.cols);
  softf1::buffer<double, B> value(ctx, 1);
  all.value_and_gradient(ctx, data.scores(), data.targets(), value.view(), gradient.view(),
                         {data.mask(), data.weights()});
  return {download(ctx, value)[0], gradient.numbers(ctx)};
}

template <class B, class Loss>
graded grade(Loss const& loss, problem const& p) {
  softf1::context<B> ctx;
  softf1::loss_union<Loss, B> all(ctx, loss, p.cols);
  return grade(ctx, all, p);
}

void check_same(graded const& got, graded const& expected) {
  CHECK(got.value == Approx(expected.value).epsilon(1e-13));
  REQUIRE(got.gradient.size() == expected.gradient.size());
  for (std::size_t k = 0; k < got.gradient.size(); ++k) {
    INFO("cell " << k << ": " << got.gradient[k] << ", not " << expected.gradient[k]);
    CHECK(std::fabs(got.gradient[k] - expected.gradient[k]) <= 1e-12 * std::fabs(expected.gradient[k]));
  }
}

struct counts {
  double tp = 0, fp = 0, fn = 0;

  counts operator+(counts const& o) const { return {tp + o.tp, fp + o.fp, fn + o.fn}; }
  counts operator*(double x) const { return {x * tp, x * fp, x * fn}; }
  double support() const { return tp + fn; }
  // 1 − F-beta, and its derivatives by p of a positive and of a negative cell.
  double loss(double beta) const {
    double const b = beta * beta;
    return support() == 0 ? 1 : 1 - (1 + b) * tp / ((1 + b) * tp + b * fn + fp);
  }
  double of_positive(double beta) const {
    double const b = beta * beta, bottom = (1 + b) * tp + b * fn + fp;
    return -(1 + b) * (b * tp + b * fn + fp) / (bottom * bottom);
  }
  double of_negative(double beta) const {
    double const b = beta * beta, bottom = (1 + b) * tp + b * fn + fp;
    return (1 + b) * tp / (bottom * bottom);
  }
};

// Counts of each column of `decided`, what is counted of a logit.
template <class Decided>
std::vector<counts> counts_of(problem const& p, Decided const& decided) {
  std::vector<counts> all(p.cols);
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j = 0; j < p.cols; ++j) {
      if (!p.present(i, j)) continue;
      double const d = decided(p.scores[p.at(i, j)]), y = p.targets[p.at(i, j)], w = p.weight(i);
      all[j] = all[j] + counts{w * y * d, w * (1 - y) * d, w * y * (1 - d)};
    }
  return all;
}

std::vector<counts> pooled(std::vector<counts> const& of) {
  counts all;
  for (auto const& c : of) all = all + c;
  return {all};
}

// The mean over units (labels, or one for all) of 1 − F-beta of their counts, and its slopes times σ'(z).
graded expected(problem const& p, std::vector<counts> const& units, double beta) {
  double const share = 1 / static_cast<double>(units.size());
  graded g{0, std::vector<double>(p.scores.size())};
  for (auto const& u : units) g.value += share * u.loss(beta);
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j = 0; j < p.cols; ++j) {
      counts const& u = units[units.size() == 1 ? 0 : j];
      if (!p.present(i, j) || u.support() == 0) continue;
      double const s = sigma(p.scores[p.at(i, j)]), y = p.targets[p.at(i, j)];
      g.gradient[p.at(i, j)] =
          share * p.weight(i) * s * (1 - s) * (y * u.of_positive(beta) + (1 - y) * u.of_negative(beta));
    }
  return g;
}

}  // namespace surrogates_tests

TEMPLATE_TEST_CASE("straight_through_f1 counts decisions, and its gradient is theirs times the slope of the sigmoid",
                   "[losses][surrogates]", SOFTF1_TEST_BACKENDS) {
  using namespace surrogates_tests;
  for (double threshold : {0.0, 1.25})
    for (auto average : {averaging::macro, averaging::micro})
      for (bool soft : {false, true}) {
        problem const p = random_problem(40, 3, 5, {.masked = true, .weighted = true, .soft_targets = soft});
        auto const labels = counts_of(p, [=](double z) { return z >= threshold ? 1.0 : 0.0; });
        INFO("threshold " << threshold << ", average " << static_cast<int>(average) << ", soft targets " << soft);
        check_same(grade<TestType>(softf1::straight_through_f1({threshold}, {.average = average}), p),
                   expected(p, average == averaging::micro ? pooled(labels) : labels, 1));
      }
}

TEMPLATE_TEST_CASE("the detached asymmetric loss has the value of the other, and the slope of its logarithms alone",
                   "[losses][surrogates]", SOFTF1_TEST_BACKENDS) {
  using namespace surrogates_tests;
  struct row {
    double negative, positive, margin;
  };
  for (row const& r : {row{4, 1, 0.05}, row{2, 3, 0}, row{1.5, 0.5, 0.2}, row{0, 0, 0.05}}) {
    problem const p = random_problem(40, 3, 6, {.masked = true, .weighted = true, .soft_targets = true});
    softf1::asymmetric loss{
        .gamma_negative = r.negative, .gamma_positive = r.positive, .margin = r.margin, .detach = true};
    auto const got = grade<TestType>(loss, p);
    graded e{0, std::vector<double>(p.scores.size())};
    double cells = 0;
    for (std::size_t k = 0; k < p.scores.size(); ++k) cells += p.mask[k] != 0;
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 0; j < p.cols; ++j) {
        if (!p.present(i, j)) continue;
        double const s = sigma(p.scores[p.at(i, j)]), y = p.targets[p.at(i, j)], w = p.weight(i) / cells;
        double const m = std::max(s - r.margin, 0.0), up = std::pow(1 - s, r.positive);
        double const down = m > 0 ? std::pow(m, r.negative) : 0.0;
        e.value += w * (y * up * -std::log(s) + (1 - y) * down * -std::log(1 - m));
        e.gradient[p.at(i, j)] = w * (y * up * (s - 1) + (1 - y) * down / (1 - m) * s * (1 - s));
      }
    INFO("gammas " << r.negative << " and " << r.positive << ", margin " << r.margin);
    check_same(got, e);
    loss.detach = false;
    auto const whole = grade<TestType>(loss, p);
    CHECK(whole.value == got.value);
    CHECK((whole.gradient == got.gradient) == (r.negative == 0 && r.positive == 0));
  }
}

TEMPLATE_TEST_CASE("running averages of counts, of many labels and of all at once, give the slopes that they state",
                   "[losses][surrogates]", SOFTF1_TEST_BACKENDS) {
  using namespace surrogates_tests;
  double const decay = 0.8, beta = 2;
  for (auto average : {averaging::macro, averaging::micro})
    for (bool streaming : {false, true}) {
      softf1::context<TestType> ctx;
      softf1::soft_f_beta const loss(
          {beta}, {.average = average, .absent = absent_labels::running, .decay = decay, .streaming = streaming});
      softf1::loss_union<softf1::soft_f_beta, TestType> all(ctx, loss, 3);
      std::vector<counts> averages(average == averaging::micro ? 1 : 3);
      double weight = 0;
      for (std::size_t step = 0; step < 5; ++step) {
        problem p = random_problem(12, 3, 80 + step, {.masked = true, .weighted = true});
        // Labels go missing: one after the other, and in one step all.
        for (std::size_t k = 0; k < p.targets.size(); ++k)
          if (k % 3 == step % 3 || step == 3) p.targets[k] = 0;
        auto units = counts_of(p, sigma);
        if (average == averaging::micro) units = pooled(units);
        weight = decay * weight + 1 - decay;
        for (std::size_t u = 0; u < units.size(); ++u) {
          averages[u] = averages[u] * decay + units[u] * (1 - decay);
          if (streaming || units[u].support() == 0) units[u] = averages[u] * (1 / weight);
        }
        INFO("average " << static_cast<int>(average) << ", streaming " << streaming << ", step " << step);
        check_same(grade(ctx, all, p), expected(p, units, beta));
        all.advance(ctx);
      }
    }
}
