#include <softf1/losses/softmax_cross_entropy.hpp>

#include <cmath>
#include <vector>

#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/problem.hpp"

namespace softmax_loss_tests {
using namespace softf1_test;
using softf1::as_matrix;
using softf1::softmax_cross_entropy;
}  // namespace softmax_loss_tests

TEST_CASE("softmax cross-entropy has its known values", "[losses][softmax]") {
  using namespace softmax_loss_tests;
  std::vector<double> const logits{5, 7, 4, 6};
  double const softmax[] = {.08714432, .64391426, .0320586, .23688282};
  for (std::size_t label = 0; label < 4; ++label) {
    std::vector<int> targets(4);
    targets[label] = 1;
    auto const [value, gradient] =
        softf1::value_and_gradient(softmax_cross_entropy{}, as_matrix(logits, 1, 4), as_matrix(targets, 1, 4));
    CHECK(value == Approx(-std::log(softmax[label])).epsilon(1e-6));
    for (std::size_t j = 0; j < 4; ++j) CHECK(gradient[j] == Approx(softmax[j] - targets[j]).margin(1e-8));
  }
}

TEST_CASE("softmax cross-entropy of equal logits is log L, however large they are", "[losses][softmax]") {
  using namespace softmax_loss_tests;
  for (double z : {0.0, 1e4, -1e4, 1e300, -1e300}) {
    std::vector<double> const logits(5, z), targets{0, 0, 1, 0, 0};
    CHECK(softf1::loss_value(softmax_cross_entropy{}, as_matrix(logits, 1, 5), as_matrix(targets, 1, 5)) ==
          Approx(std::log(5.0)).margin(std::fabs(z) * 1e-15));
  }
}

TEMPLATE_TEST_CASE("softmax cross-entropy agrees with a plain loop", "[losses][softmax]", SOFTF1_TEST_BACKENDS) {
  using namespace softmax_loss_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(6, 5, seed, {.masked = true, .weighted = true, .soft_targets = seed % 2 == 0});
    long double sum = 0, rows = 0;
    for (std::size_t i = 0; i < p.rows; ++i) {
      long double exponentials = 0, term = 0;
      bool any = false;
      for (std::size_t j = 0; j < p.cols; ++j)
        if (p.present(i, j)) any = true, exponentials += std::exp(static_cast<long double>(p.scores[p.at(i, j)]));
      for (std::size_t j = 0; j < p.cols; ++j)
        if (p.present(i, j)) term += p.targets[p.at(i, j)] * (std::log(exponentials) - p.scores[p.at(i, j)]);
      sum += p.weight(i) * term;
      rows += any;
    }
    problem_on<TestType> const data(ctx, p);
    softf1::buffer<double, TestType> value(ctx, 1);
    softf1::loss_value(ctx, softmax_cross_entropy{}, data.scores(), data.targets(), value.view(),
                       {data.mask(), data.weights()});
    CHECK(download(ctx, value)[0] == Approx(static_cast<double>(sum / rows)).epsilon(1e-13));
  }
}
