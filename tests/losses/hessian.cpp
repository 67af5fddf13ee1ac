#include <softf1/losses/hessian.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <softf1/losses/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace hessian_tests {

using namespace softf1_test;

struct answer {
  double value;
  std::vector<double> gradient, hessian;
};

template <class B, class Loss>
answer ask(softf1::context<B>& ctx, Loss const& loss, problem const& p, softf1::loss_reduction reduction) {
  problem_on<B> const data(ctx, p);
  matrix_on<double, B> gradient(ctx, p.rows, p.cols), hessian(ctx, p.rows, p.cols);
  softf1::buffer<double, B> value(ctx, 1);
  softf1::value_gradient_and_hessian(ctx, loss, data.scores(), data.targets(), value.view(), gradient.view(),
                                     hessian.view(),
                                     {.mask = data.mask(), .row_weights = data.weights(), .reduction = reduction});
  return {download(ctx, value)[0], gradient.numbers(ctx), hessian.numbers(ctx)};
}

template <class Loss>
problem problem_for(std::uint64_t seed) {
  problem p = random_problem(7, 3, seed, {.masked = true, .weighted = true, .soft_targets = seed % 2 == 0});
  if (softf1::losses::detail::targets_of<Loss>() == softf1::targets_rule::zero_or_one)
    for (double& y : p.targets) y = y > 0.5 ? 1 : 0;
  return p;
}

}  // namespace hessian_tests

TEMPLATE_TEST_CASE("the Hessian of a loss of cells is the central difference of its gradient", "[losses][hessian]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace hessian_tests;
  softf1::context<TestType> ctx;
  auto const check = [&](auto const& loss, std::string const& name) {
    using loss_type = std::remove_cvref_t<decltype(loss)>;
    for (auto reduction : {softf1::loss_reduction::mean, softf1::loss_reduction::sum}) {
      problem const p = problem_for<loss_type>(3);
      auto const got = ask(ctx, loss, p, reduction);
      INFO(name << ", reduction " << static_cast<int>(reduction));
      problem above = p, below = p;
      for (double& z : above.scores) z += 1e-5;
      for (double& z : below.scores) z -= 1e-5;
      // Cells do not depend on each other: all are moved at once.
      auto const up = ask(ctx, loss, above, reduction), down = ask(ctx, loss, below, reduction);
      for (std::size_t k = 0; k < p.scores.size(); ++k)
        CHECK(std::fabs(got.hessian[k] - (up.gradient[k] - down.gradient[k]) / 2e-5) <= 1e-8);
      problem_on<TestType> const data(ctx, p);
      matrix_on<double, TestType> gradient(ctx, p.rows, p.cols);
      softf1::buffer<double, TestType> value(ctx, 1);
      softf1::value_and_gradient(ctx, loss, data.scores(), data.targets(), value.view(), gradient.view(),
                                 {.mask = data.mask(), .row_weights = data.weights(), .reduction = reduction});
      CHECK(got.value == download(ctx, value)[0]);
      auto const expected = gradient.numbers(ctx);
      for (std::size_t k = 0; k < p.scores.size(); ++k) CHECK(std::fabs(got.gradient[k] - expected[k]) <= 1e-15);
    }
  };
  using few = softf1::type_list<softf1::binary_cross_entropy, softf1::focal>;
  using tried = std::conditional_t<std::is_same_v<TestType, softf1::cpu>, softf1::losses::of_cells, few>;
  tried::for_each([&]<class Loss>() { check(Loss{}, std::string(Loss::name)); });
  check(softf1::asymmetric{.gamma_negative = 2, .gamma_positive = 0.5, .margin = 0}, "asymmetric without margin");
}

TEST_CASE("second derivatives are finite at saturated logits", "[losses][hessian]") {
  using namespace hessian_tests;
  softf1::context<softf1::cpu> ctx;
  softf1::losses::of_cells::for_each([&]<class Loss>() {
    for (double size : {80.0, 1e4}) {
      problem p = problem_for<Loss>(5);
      for (double& z : p.scores) z = z < 0 ? -size : size;
      auto const got = ask(ctx, Loss{}, p, softf1::loss_reduction::sum);
      INFO(std::string(Loss::name) << " at " << size);
      for (double h : got.hessian) CHECK(std::isfinite(h));
    }
  });
}

TEST_CASE("a loss is an objective of boosting libraries, in the layout of each", "[losses][hessian]") {
  using namespace hessian_tests;
  problem const p = random_problem(5, 3, 7);
  std::vector<float> rows(15), columns(15), row_targets(15), column_targets(15);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      rows[i * 3 + j] = columns[j * 5 + i] = static_cast<float>(p.scores[p.at(i, j)]);
      row_targets[i * 3 + j] = column_targets[j * 5 + i] = static_cast<float>(p.targets[p.at(i, j)]);
    }
  softf1::boosting_objective<softf1::binary_cross_entropy> by_rows{.labels = 3}, by_labels = by_rows;
  by_labels.layout = softf1::booster_layout::label_major;
  std::vector<float> g(15), h(15), gt(15), ht(15);
  double const value = by_rows(rows.data(), row_targets.data(), 5, g.data(), h.data());
  CHECK(by_labels(columns.data(), column_targets.data(), 5, gt.data(), ht.data()) == Approx(value).epsilon(1e-6));
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      float const q = 1 / (1 + std::exp(-rows[i * 3 + j]));
      CHECK(g[i * 3 + j] == Approx(q - row_targets[i * 3 + j]).epsilon(1e-5));
      CHECK(h[i * 3 + j] == Approx(q * (1 - q)).epsilon(1e-5));
      CHECK(gt[j * 5 + i] == Approx(g[i * 3 + j]).epsilon(1e-6));
      CHECK(ht[j * 5 + i] == Approx(h[i * 3 + j]).epsilon(1e-6));
    }
  // Focal losses bend down somewhere; boosters are given no such Hessian.
  softf1::boosting_objective<softf1::focal> const focal{.labels = 1, .least_hessian = 0.5};
  std::vector<double> const z{-3, 3}, y{1, 1};
  std::vector<double> first(2), second(2);
  focal(z.data(), y.data(), 2, first.data(), second.data());
  CHECK(second == std::vector<double>{0.5, 0.5});
  std::vector<double> const bad{0, std::numeric_limits<double>::quiet_NaN()};
  CHECK(error_text<softf1::value_error>([&] { focal(bad.data(), y.data(), 2, first.data(), second.data()); }) ==
        "focal: logits must not be NaN, got nan at row 1, label 0");
  softf1::boosting_objective<softf1::focal> const negative{.labels = 1, .least_hessian = -1};
  CHECK(error_text<softf1::value_error>([&] { negative(z.data(), y.data(), 2, first.data(), second.data()); }) ==
        "focal: least_hessian must be finite and >= 0, got -1");
}
