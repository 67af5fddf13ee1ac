// Weights of cells and of labels, on every kind of loss.
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/loss_cases.hpp"

namespace weights_tests {

using namespace softf1_test;
using softf1::as_matrix;
using softf1::loss_reduction;

std::vector<double> quarters(std::size_t n, std::uint64_t seed) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 71);
  std::vector<double> w;
  for (std::size_t k = 0; k < n; ++k) w.push_back(0.25 * static_cast<double>(1 + random.below(k, 8)));
  return w;
}

double largest_gap(std::vector<double> const& a, std::vector<double> const& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t k = 0; k < a.size(); ++k) most = std::fmax(most, std::fabs(a[k] - b[k]));
  return most;
}

std::vector<double> times(std::vector<double> numbers, double factor) {
  for (double& x : numbers) x *= factor;
  return numbers;
}

}  // namespace weights_tests

TEST_CASE("the gradient of a loss with weights of cells and rows is the central difference of its value",
          "[losses][weights]") {
  using namespace weights_tests;
  softf1::context<softf1::cpu> ctx;
  for (auto const& loss : loss_cases<softf1::cpu>()) {
    if (loss.surrogate) continue;
    problem const p = loss.fitted(random_problem(6, 4, 11, {.masked = true, .weighted = true}));
    for (auto reduction : {loss_reduction::mean, loss_reduction::weighted_mean, loss_reduction::sum}) {
      grade_options const o{.reduction = reduction, .cell_weights = quarters(24, 1)};
      auto const got = loss.grade(ctx, p, o);
      std::vector<double> differences;
      problem moved = p;
      for (std::size_t k = 0; k < p.scores.size(); ++k) {
        moved.scores[k] = p.scores[k] + 1e-5;
        double const above = loss.grade(ctx, moved, o).value;
        moved.scores[k] = p.scores[k] - 1e-5;
        differences.push_back((above - loss.grade(ctx, moved, o).value) / 2e-5);
        moved.scores[k] = p.scores[k];
      }
      INFO(loss.name << ", reduction " << static_cast<int>(reduction));
      CHECK(largest_gap(got.gradient, differences) <= 1e-6);
    }
  }
}

TEST_CASE("a weight of all cells of a row is a weight of the row, where cells are what it weighs",
          "[losses][weights]") {
  using namespace weights_tests;
  softf1::context<softf1::cpu> ctx;
  for (auto const& loss : loss_cases<softf1::cpu>()) {
    if (loss.terms == loss_terms::rows || loss.terms == loss_terms::several) continue;
    problem plain = random_problem(7, 3, 12), weighted = plain;
    weighted.weights = quarters(7, 2);
    std::vector<double> cells;
    for (double w : weighted.weights) cells.insert(cells.end(), 3, w);
    for (auto reduction : {loss_reduction::mean, loss_reduction::weighted_mean, loss_reduction::sum}) {
      auto const a = loss.grade(ctx, weighted, {.reduction = reduction});
      auto const b = loss.grade(ctx, plain, {.reduction = reduction, .cell_weights = cells});
      INFO(loss.name << ", reduction " << static_cast<int>(reduction));
      CHECK(a.value == Approx(b.value).epsilon(1e-13));
      CHECK(largest_gap(a.gradient, b.gradient) <= 1e-13);
    }
  }
}

TEST_CASE("weights of labels weigh the terms of labels, or their cells", "[losses][weights]") {
  using namespace weights_tests;
  softf1::context<softf1::cpu> ctx;
  std::vector<double> const w{0.5, 2, 0, 1.25};
  for (auto const& loss : loss_cases<softf1::cpu>()) {
    if (loss.terms != loss_terms::labels && loss.terms != loss_terms::cells) continue;
    // What a cell costs depends on the other labels too.
    if (loss.name.starts_with("distribution_balanced") || loss.name == "class_balanced with counts") continue;
    problem p = random_problem(9, 4, 13);
    for (std::size_t i = 0; i < 9; ++i) p.targets[p.at(i, i % 4)] = 1;  // every label is a term
    double sum = 0;
    std::vector<double> gradient(36);
    for (std::size_t j = 0; j < 4; ++j) {
      auto const one = loss.grade(ctx, take_cols(p, {j}), {.reduction = loss_reduction::sum});
      sum += w[j] * one.value;
      for (std::size_t i = 0; i < 9; ++i) gradient[p.at(i, j)] = w[j] * one.gradient[i];
    }
    INFO(loss.name);
    bool const of_cells = loss.terms == loss_terms::cells;
    auto const got = loss.grade(ctx, p, {.reduction = loss_reduction::sum, .label_weights = w});
    CHECK(got.value == Approx(sum).epsilon(1e-13));
    CHECK(largest_gap(got.gradient, gradient) <= 1e-13);
    auto const mean = loss.grade(ctx, p, {.label_weights = w});
    CHECK(mean.value == Approx(sum / (of_cells ? 36 : 4)).epsilon(1e-13));
    auto const weighted = loss.grade(ctx, p, {.reduction = loss_reduction::weighted_mean, .label_weights = w});
    double const all = 3.75 * (of_cells ? 9 : 1);
    CHECK(weighted.value == Approx(sum / all).epsilon(1e-13));
    CHECK(largest_gap(weighted.gradient, times(gradient, 1 / all)) <= 1e-13);
  }
}

TEST_CASE("weights of cells and labels that do not fit are refused in one sentence", "[losses][weights]") {
  using namespace weights_tests;
  std::vector<double> const z{1, -1, 2, 0.5, 0, -2}, y{1, 0, 1, 0, 1, 1};
  std::vector<double> const two(2, 1.0), three(3, 1.0), bad_labels{1, -1, 2};
  std::vector<float> const cells(6, 1.0f);
  auto const logits = as_matrix(z, 2, 3), targets = as_matrix(y, 2, 3);
  using options = softf1::loss_options<>;
  auto const text = [&](options const& o) {
    return error_text<softf1::error>([&] { softf1::loss_value(softf1::soft_f1{}, logits, targets, o); });
  };
  CHECK(text({.cell_weights = as_matrix(cells, 3, 2)}) == "soft_f1: cell_weights must have shape (2, 3), got (3, 2)");
  CHECK(text({.label_weights = two}) == "soft_f1: label_weights must have shape (3,), got (2,)");
  CHECK(text({.cell_weights = as_matrix(cells, 2, 3), .label_weights = three}) ==
        "soft_f1: weights of labels and of cells cannot both be given: multiply them into those of cells");
  for (double bad : {-0.5, HUGE_VAL, std::nan("")}) {
    std::vector<double> w(6, 1.0);
    w[4] = bad;
    CHECK(text({.cell_weights = as_matrix(w, 2, 3)}).find("at row 1, label 1") != std::string::npos);
  }
  CHECK(text({.label_weights = bad_labels}).find("got -1") != std::string::npos);
}
