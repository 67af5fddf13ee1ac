#include <softf1/losses/label_correlation.hpp>

#include <cmath>
#include <vector>

#include <softf1/losses/value_and_gradient.hpp>
#include <softf1/training/head.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

TEST_CASE("label_correlation is the mean squared difference over pairs of labels", "[losses]") {
  using namespace softf1_test;
  problem const p = random_problem(30, 4, 8, {.masked = true, .prevalence = 0.5});
  auto const similar = softf1::training::label_cosines(softf1::as_matrix(p.targets, p.rows, p.cols));
  double sum = 0, rows = 0;
  for (std::size_t i = 0; i < p.rows; ++i) {
    double of_row = 0, weight = 0;
    for (std::size_t j = 0; j < 4; ++j)
      for (std::size_t k = 0; k < j; ++k) {
        if (!p.present(i, j) || !p.present(i, k)) continue;
        double const gap = p.scores[p.at(i, j)] - p.scores[p.at(i, k)];
        of_row += similar[4 * j + k] * gap * gap;
        weight += similar[4 * j + k];
      }
    if (weight > 0) sum += of_row / weight, rows += 1;
  }
  softf1::label_correlation loss;
  loss.similarities = similar;
  softf1::context<> ctx;
  problem_on<softf1::cpu> const data(ctx, p);
  double value = 0;
  softf1::loss_value(ctx, loss, data.scores(), data.targets(), softf1::vector_view<double>(&value, 1),
                     {.mask = data.mask()});
  CHECK(value == Approx(sum / rows).epsilon(1e-12));
}

TEST_CASE("label_correlation refuses similarities that are none", "[losses]") {
  using namespace softf1_test;
  std::vector<double> const z{1, 2}, y{0, 1};
  softf1::label_correlation loss;
  auto const error = [&]<class E>(E const*) {
    return error_text<E>([&] { softf1::value_and_gradient(loss, softf1::as_matrix(z, 1, 2), softf1::as_matrix(y, 1, 2)); });
  };
  loss.similarities = {1, 0.5, 0.25, 1};
  CHECK(error(static_cast<softf1::value_error const*>(nullptr)) ==
        "label_correlation: similarities must be symmetric, finite and >= 0, got 0.5 for labels 0 and 1");
  loss.similarities = {1, 0.5};
  CHECK(error(static_cast<softf1::shape_error const*>(nullptr)) ==
        "label_correlation: similarities must have shape (4,), got (2,)");
}

TEST_CASE("cosines of labels are those of their columns", "[training]") {
  std::vector<std::uint8_t> const y{1, 1, 0,  //
                                    1, 0, 0,  //
                                    1, 1, 0,  //
                                    0, 1, 0};
  auto const s = softf1::training::label_cosines(softf1::as_matrix(y, 4, 3));
  std::vector<double> const expected{1, 2.0 / 3, 0, 2.0 / 3, 1, 0, 0, 0, 0};
  for (std::size_t k = 0; k < 9; ++k) CHECK(s[k] == Approx(expected[k]).margin(1e-15));
}
