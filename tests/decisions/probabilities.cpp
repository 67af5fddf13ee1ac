#include <softf1/decisions/probabilities.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"
#include "support/ulp.hpp"

namespace probability_tests {
using namespace softf1_test;
using softf1::as_matrix;
}  // namespace probability_tests

TEST_CASE("sigmoid and softmax have their known values", "[decisions]") {
  using namespace probability_tests;
  std::vector<double> const z{5, 7, 4, 6}, x{2, -1, .15, 3};
  auto const softmax = softf1::softmax(as_matrix(z, 1, 4));
  auto const sigmoid = softf1::sigmoid(as_matrix(x, 1, 4));
  double const expected_softmax[] = {.08714432, .64391426, .0320586, .23688282};
  double const expected_sigmoid[] = {.88079708, .26894142, .53742985, .95257413};
  for (std::size_t j = 0; j < 4; ++j) {
    CHECK(softmax[j] == Approx(expected_softmax[j]).margin(5e-9));
    CHECK(sigmoid[j] == Approx(expected_sigmoid[j]).margin(5e-9));
  }
}

TEMPLATE_TEST_CASE("sigmoid of a matrix is as exact as sigmoid of a number", "[decisions]", SOFTF1_TEST_BACKENDS) {
  using namespace probability_tests;
  softf1::context<TestType> ctx;
  problem const p = random_problem(300, 70, 1, {.spread = 80});
  for (layout how : {layout::dense, layout::column_major}) {
    matrix_on<float, TestType> const logits(ctx, p.scores, 300, 70, how);
    matrix_on<float, TestType> out(ctx, 300, 70, how);
    softf1::decisions::sigmoid(ctx, logits.view(), out.view());
    auto const z = logits.numbers(ctx), q = out.numbers(ctx);
    double worst = 0;
    for (std::size_t k = 0; k < z.size(); ++k)
      worst =
          std::fmax(worst, ulp_distance(static_cast<float>(q[k]), 1 / (1 + std::exp(-static_cast<long double>(z[k])))));
    CHECK(worst <= 4);
  }
}

TEMPLATE_TEST_CASE("rows of a softmax sum to 1, for far logits and any storage", "[decisions]", SOFTF1_TEST_BACKENDS) {
  using namespace probability_tests;
  softf1::context<TestType> ctx;
  problem const p = random_problem(50, 9, 2, {.spread = 1e4});
  matrix_on<softf1::half, TestType> const logits(ctx, p.scores, 50, 9);
  matrix_on<double, TestType> out(ctx, 50, 9, layout::padded);
  softf1::decisions::softmax(ctx, logits.view(), out.view());
  auto const q = out.numbers(ctx);
  for (std::size_t i = 0; i < 50; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 9; ++j) sum += q[p.at(i, j)];
    CHECK(sum == Approx(1).epsilon(1e-6));
  }
  CHECK(error_text<softf1::shape_error>([&] {
          matrix_on<double, TestType> wrong(ctx, 9, 50);
          softf1::decisions::softmax(ctx, logits.view(), wrong.view());
        }) == "softmax: out must have shape (50, 9), got (9, 50)");
}
