#include <softf1/losses/aucm.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace aucm_tests {

using namespace softf1_test;

double sigma(double z) { return 1 / (1 + std::exp(-z)); }

// The mean over labels with pairs of f(positive, negative), over pairs.
template <class F>
double mean_over_pairs(problem const& p, F const& f) {
  double sum = 0, labels = 0;
  for (std::size_t j = 0; j < p.cols; ++j) {
    double of_label = 0, pairs = 0;
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t k = 0; k < p.rows; ++k) {
        if (!p.present(i, j) || !p.present(k, j) || p.targets[p.at(i, j)] != 1 || p.targets[p.at(k, j)] != 0) continue;
        double const w = p.weight(i) * p.weight(k);
        of_label += w * f(sigma(p.scores[p.at(i, j)]), sigma(p.scores[p.at(k, j)]));
        pairs += w;
      }
    if (pairs > 0) sum += of_label / pairs, labels += 1;
  }
  return labels > 0 ? sum / labels : 0;
}

// min over a and b, max over alpha, of the authors' objective divided by the shares of both classes, for one label.
double saddle_point(problem const& p, double margin) {
  double best = 0;
  std::vector<double> yes, no;
  for (std::size_t i = 0; i < p.rows; ++i) (p.targets[i] == 1 ? yes : no).push_back(sigma(p.scores[i]));
  auto const mean_square = [](std::vector<double> const& x, double from) {
    double sum = 0;
    for (double v : x) sum += (v - from) * (v - from);
    return sum / static_cast<double>(x.size());
  };
  auto const mean = [](std::vector<double> const& x) {
    double sum = 0;
    for (double v : x) sum += v;
    return sum / static_cast<double>(x.size());
  };
  double least = 1e9;
  for (double a = 0; a <= 1; a += 0.001) least = std::min(least, mean_square(yes, a));
  best += least;
  least = 1e9;
  for (double b = 0; b <= 1; b += 0.001) least = std::min(least, mean_square(no, b));
  best += least;
  double most = -1e9;
  for (double alpha = 0; alpha <= 2; alpha += 0.001)
    most = std::max(most, 2 * alpha * (margin + mean(no) - mean(yes)) - alpha * alpha);
  return best + most;
}

}  // namespace aucm_tests

TEST_CASE("auc_square is the mean over pairs", "[losses]") {
  using namespace aucm_tests;
  for (bool masked : {false, true}) {
    problem const p = random_problem(50, 4, 3, {.masked = masked, .weighted = masked});
    softf1::auc_square loss;
    loss.margin = 0.7;
    softf1::context<> ctx;
    problem_on<softf1::cpu> const data(ctx, p);
    double value = 0;
    softf1::loss_value(ctx, loss, data.scores(), data.targets(), softf1::vector_view<double>(&value, 1),
                       {.mask = data.mask(), .row_weights = data.weights()});
    auto const square = [](double yes, double no) { return (0.7 - (yes - no)) * (0.7 - (yes - no)); };
    CHECK(value == Approx(mean_over_pairs(p, square)).epsilon(1e-12));
  }
}

TEST_CASE("aucm is its authors' saddle point", "[losses]") {
  using namespace aucm_tests;
  for (double margin : {0.1, 0.4, 1.0})
    for (double shift : {0.0, 3.0}) {
      problem p = random_problem(60, 1, 9, {.spread = 2});
      for (std::size_t i = 0; i < p.rows; ++i) p.scores[i] += shift * (p.targets[i] - 0.5);
      softf1::aucm loss;
      loss.margin = margin;
      double const value = softf1::value_and_gradient(loss, softf1::as_matrix(p.scores, p.rows, 1),
                                                      softf1::as_matrix(p.targets, p.rows, 1)).value;
      CHECK(value == Approx(saddle_point(p, margin)).margin(2e-6));
    }
}

TEMPLATE_TEST_CASE("aucm over running averages of its sums takes the slopes of all rows", "[losses]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace aucm_tests;
  problem const p = random_problem(64, 2, 21);
  softf1::aucm streaming, plain;
  streaming.streaming = true;
  softf1::context<TestType> ctx;
  softf1::loss_union<softf1::aucm, TestType> all(ctx, streaming, 2), once(ctx, plain, 2);
  problem_on<TestType> const data(ctx, p);
  matrix_on<double, TestType> gradient(ctx, p.rows, 2), expected(ctx, p.rows, 2);
  softf1::buffer<double, TestType> value(ctx, 1), exact(ctx, 1);
  once.value_and_gradient(ctx, data.scores(), data.targets(), exact.view(), expected.view());
  // The same batch again and again: averages are those of the batch from the first step on.
  for (int step = 0; step < 3; ++step) {
    all.value_and_gradient(ctx, data.scores(), data.targets(), value.view(), gradient.view());
    CHECK(download(ctx, value)[0] == Approx(download(ctx, exact)[0]).epsilon(1e-12));
    auto const got = gradient.numbers(ctx), wanted = expected.numbers(ctx);
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == Approx(wanted[k]).margin(1e-14));
    all.advance(ctx);
  }
  // A batch of positives alone: without memory no term, with it one of the averages.
  problem const yes = constant_problem(8, 2, 0.3, 1);
  problem_on<TestType> const positives(ctx, yes);
  matrix_on<double, TestType> slopes(ctx, 8, 2);
  once.value_and_gradient(ctx, positives.scores(), positives.targets(), exact.view(), slopes.view());
  CHECK(download(ctx, exact)[0] == 0);
  all.value_and_gradient(ctx, positives.scores(), positives.targets(), value.view(), slopes.view());
  CHECK(download(ctx, value)[0] > 0);
  for (double g : slopes.numbers(ctx)) CHECK(g < 0);
  all.exact_value(ctx, value.view());
  CHECK(download(ctx, value)[0] == 0);
}

TEST_CASE("losses of moments refuse margins that are none", "[losses]") {
  using namespace aucm_tests;
  softf1::aucm loss;
  loss.margin = 0;
  std::vector<double> const z{1, 2}, y{0, 1};
  CHECK(error_text<softf1::value_error>([&] {
          softf1::value_and_gradient(loss, softf1::as_matrix(z, 2, 1), softf1::as_matrix(y, 2, 1));
        }) == "aucm: margin must be finite and > 0, got 0");
}
