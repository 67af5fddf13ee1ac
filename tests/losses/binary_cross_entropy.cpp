#include <softf1/losses/binary_cross_entropy.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace bce_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::binary_cross_entropy;

// The textbook form, in long double.
long double term(double z, double y, double pos_weight) {
  long double const p = 1 / (1 + std::exp(-static_cast<long double>(z)));
  return -(pos_weight * y * std::log(p) + (1 - y) * std::log1p(-p));
}

}  // namespace bce_tests

TEST_CASE("binary cross-entropy has its known values", "[losses][bce]") {
  using namespace bce_tests;
  std::vector<double> const logits{0, 2, -1, 0};
  std::vector<double> const targets{1, 0, 0, 0.25};
  auto const of = [&](std::size_t k) {
    return softf1::loss_value(binary_cross_entropy{}, as_matrix(&logits[k], 1, 1), as_matrix(&targets[k], 1, 1));
  };
  CHECK(of(0) == Approx(0.693147180559945309).epsilon(1e-15));
  CHECK(of(1) == Approx(2.126928011042972496).epsilon(1e-15));
  CHECK(of(2) == Approx(0.313261687518222834).epsilon(1e-15));
  CHECK(of(3) == Approx(0.693147180559945309).epsilon(1e-15));
  auto const [value, gradient] =
      softf1::value_and_gradient(binary_cross_entropy{}, as_matrix(logits, 2, 2), as_matrix(targets, 2, 2));
  CHECK(value == Approx((0.693147180559945309 * 2 + 2.126928011042972496 + 0.313261687518222834) / 4).epsilon(1e-15));
  CHECK(gradient[0] == Approx(-0.5 / 4).epsilon(1e-15));
  CHECK(gradient[1] == Approx(0.880797077977882444 / 4).epsilon(1e-15));
  CHECK(gradient[2] == Approx(0.268941421369995121 / 4).epsilon(1e-15));
  CHECK(gradient[3] == Approx(0.25 / 4).epsilon(1e-15));
}

TEST_CASE("binary cross-entropy of far logits is linear, not infinite", "[losses][bce]") {
  using namespace bce_tests;
  for (double z : {-1e4, -100.0, 100.0, 1e4})
    for (double y : {0.0, 1.0}) {
      double const expected = z < 0 ? y * -z : (1 - y) * z;
      CHECK(softf1::loss_value(binary_cross_entropy{}, as_matrix(&z, 1, 1), as_matrix(&y, 1, 1)) ==
            Approx(expected).margin(1e-40));
    }
}

TEMPLATE_TEST_CASE("binary cross-entropy agrees with a plain loop", "[losses][bce]", SOFTF1_TEST_BACKENDS) {
  using namespace bce_tests;
  softf1::context<TestType> ctx;
  std::vector<double> const pos_weight{1, 0, 2.5, 0.25};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    problem const p = random_problem(9, 4, seed, {.masked = true, .weighted = true, .soft_targets = seed % 2 == 0});
    long double sum = 0, weight = 0, count = 0;
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 0; j < p.cols; ++j)
        if (p.present(i, j)) {
          sum += p.weight(i) * term(p.scores[p.at(i, j)], p.targets[p.at(i, j)], pos_weight[j]);
          weight += p.weight(i);
          count += 1;
        }
    problem_on<TestType> const data(ctx, p);
    auto const value = [&](softf1::loss_reduction reduction) {
      softf1::buffer<double, TestType> out(ctx, 1);
      softf1::loss_value(ctx, binary_cross_entropy{pos_weight}, data.scores(), data.targets(), out.view(),
                         {.mask = data.mask(), .row_weights = data.weights(), .reduction = reduction});
      return download(ctx, out)[0];
    };
    CHECK(value(softf1::loss_reduction::mean) == Approx(static_cast<double>(sum / count)).epsilon(1e-14));
    CHECK(value(softf1::loss_reduction::weighted_mean) == Approx(static_cast<double>(sum / weight)).epsilon(1e-14));
    CHECK(value(softf1::loss_reduction::sum) == Approx(static_cast<double>(sum)).epsilon(1e-14));
  }
}

TEST_CASE("pos_weight must be one finite number >= 0 a label", "[losses][bce]") {
  using namespace bce_tests;
  std::vector<double> const logits(6), targets(6);
  auto const run = [&](std::vector<double> pos_weight) {
    return [&, pos_weight] {
      softf1::loss_value(binary_cross_entropy{pos_weight}, as_matrix(logits, 2, 3), as_matrix(targets, 2, 3));
    };
  };
  CHECK(error_text<softf1::shape_error>(run({1, 2})) == "bce: pos_weight must have shape (3,), got (2,)");
  CHECK(error_text<softf1::value_error>(run({1, -2, 1})) ==
        "bce: pos_weight must be finite and >= 0, got -2 for label 1");
  CHECK(error_text<softf1::value_error>(run({1, 1, std::nan("")})) ==
        "bce: pos_weight must be finite and >= 0, got nan for label 2");
  CHECK(error_text<softf1::value_error>(run({HUGE_VAL, 1, 1})) ==
        "bce: pos_weight must be finite and >= 0, got inf for label 0");
}
