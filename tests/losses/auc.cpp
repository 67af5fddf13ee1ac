#include <softf1/losses/auc.hpp>

#include <cmath>
#include <vector>

#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace auc_tests {

using namespace softf1_test;
using softf1::as_matrix;

// The mean over labels of the mean of curve(z_p − z_n) over pairs.
template <class Curve>
double mean_of_pairs(problem const& p, Curve const& curve) {
  double all = 0, labels = 0;
  for (std::size_t l = 0; l < p.cols; ++l) {
    double sum = 0, weight = 0;
    for (std::size_t i = 0; i < p.rows; ++i)
      for (std::size_t j = 0; j < p.rows; ++j) {
        bool const pair =
            p.present(i, l) && p.present(j, l) && p.targets[p.at(i, l)] == 1 && p.targets[p.at(j, l)] == 0;
        double const w = pair ? p.weight(i) * p.weight(j) : 0;
        sum += w * curve(p.scores[p.at(i, l)] - p.scores[p.at(j, l)]);
        weight += w;
      }
    if (weight > 0) all += sum / weight, labels += 1;
  }
  return labels > 0 ? all / labels : 0;
}

}  // namespace auc_tests

TEST_CASE("losses of pairs of rows are means over the pairs of labels with both classes", "[losses][auc]") {
  using namespace auc_tests;
  auto p = random_problem(12, 4, 1, {.masked = true, .weighted = true});
  for (std::size_t i = 0; i < p.rows; ++i) p.targets[p.at(i, 1)] = 1;
  auto const value = [&](auto const& loss) {
    return softf1::loss_value(loss, as_matrix(p.scores, 12, 4), as_matrix(p.targets, 12, 4),
                              {.mask = as_matrix(p.mask, 12, 4), .row_weights = p.weights});
  };
  CHECK(value(softf1::auc_logistic{}) ==
        Approx(mean_of_pairs(p, [](double d) { return std::log1p(std::exp(-d)); })).epsilon(1e-14));
  for (double margin : {1.0, 2.5})
    CHECK(value(softf1::auc_hinge{margin}) ==
          Approx(mean_of_pairs(p, [=](double d) { return std::fmax(0, margin - d); })).epsilon(1e-14));
  // An upper bound of 1 − AUROC.
  CHECK(value(softf1::auc_hinge{}) >= mean_of_pairs(p, [](double d) { return d < 0 ? 1.0 : d == 0 ? 0.5 : 0.0; }));
}

TEST_CASE("a margin of pairs of rows that is none is refused", "[losses][auc]") {
  using namespace auc_tests;
  double const z = 1, y = 1;
  CHECK(error_text<softf1::value_error>([&] {
          softf1::loss_value(softf1::auc_hinge{0}, as_matrix(&z, 1, 1), as_matrix(&y, 1, 1));
        }) == "auc_hinge: margin must be finite and > 0, got 0");
}
