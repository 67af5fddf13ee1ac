#include "support/loss_cases.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace loss_properties {

using namespace softf1_test;
using softf1::loss_reduction;

double largest(std::vector<double> const& numbers) {
  double most = 0;
  for (double x : numbers) most = std::max(most, std::fabs(x));
  return most;
}

// The largest |a − b|; infinite where the lengths differ or one is NaN.
double distance(std::vector<double> const& a, std::vector<double> const& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    double const d = std::fabs(a[k] - b[k]);
    if (!(d <= most)) most = std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
  }
  return most;
}

double relative_distance(double a, double b) { return distance({a}, {b}) / std::max(1.0, std::fabs(b)); }

// Both value and gradient.
double distance(graded const& a, graded const& b) {
  return std::max(relative_distance(a.value, b.value),
                  distance(a.gradient, b.gradient) / std::max(1.0, largest(b.gradient)));
}

bool all_finite(graded const& g) { return std::isfinite(g.value) && std::isfinite(largest(g.gradient)); }

// Each row and each column has a positive and a negative cell, so that every label and row is a term of every loss.
problem problem_with_all_terms(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  problem p = random_problem(rows, cols, seed);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) p.targets[p.at(i, j)] = (i + j) % 3 == 0 ? 1.0 : 0.0;
  return p;
}

struct named_problem {
  std::string name;
  problem data;
};

// Ordinary ones, and the edges.
std::vector<named_problem> problems() {
  std::vector<named_problem> all;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) all.push_back({"random", random_problem(7, 5, seed)});
  all.push_back({"masked and weighted", random_problem(9, 4, 4, {.masked = true, .weighted = true})});
  all.push_back({"soft targets", random_problem(6, 5, 5, {.masked = true, .weighted = true, .soft_targets = true})});
  all.push_back({"one row", random_problem(1, 6, 6, {.prevalence = 0.5})});
  all.push_back({"one label", random_problem(8, 1, 7)});
  all.push_back({"one cell", random_problem(1, 1, 8)});
  all.push_back({"no positives", random_problem(6, 3, 9, {.prevalence = 0})});
  all.push_back({"all positives", random_problem(6, 3, 10, {.prevalence = 1.1})});
  all.push_back({"rare positives", random_problem(6, 5, 11, {.prevalence = 0.1})});
  problem far = random_problem(6, 4, 12);
  for (double& z : far.scores) z = z < 0 ? -80 : 80;
  all.push_back({"logits of +-80", far});
  return all;
}

struct infinite_problem {
  std::string name;
  problem data;
  bool ties;  // some of the infinities are the same
};

// One infinite logit among others, right or wrong, and whole rows, columns and tables of them.
std::vector<infinite_problem> infinite_problems() {
  double const infinity = std::numeric_limits<double>::infinity();
  problem const usual = problem_with_all_terms(6, 4, 22);
  std::vector<infinite_problem> all;
  auto const set = [&](std::string name, auto const& place, auto const& logit) {
    auto& added = all.emplace_back(infinite_problem{std::move(name), usual, false});
    std::size_t count = 0;
    for (std::size_t i = 0; i < usual.rows; ++i)
      for (std::size_t j = 0; j < usual.cols; ++j)
        if (place(i, j)) ++count, added.data.scores[usual.at(i, j)] = logit(usual.targets[usual.at(i, j)] != 0);
    added.ties = count > 1;
  };
  auto const right = [=](bool y) { return y ? infinity : -infinity; };
  auto const wrong = [=](bool y) { return y ? -infinity : infinity; };
  auto const up = [=](bool) { return infinity; };
  auto const down = [=](bool) { return -infinity; };
  auto const places = [&](std::string const& name, auto const& place) {
    set(name + ", right", place, right);
    set(name + ", wrong", place, wrong);
    set(name + ", up", place, up);
    set(name + ", down", place, down);
  };
  places("a positive", [](std::size_t i, std::size_t j) { return i == 2 && j == 1; });
  places("a negative", [](std::size_t i, std::size_t j) { return i == 2 && j == 2; });
  places("a row", [](std::size_t i, std::size_t) { return i == 3; });
  places("a column", [](std::size_t, std::size_t j) { return j == 0; });
  places("all", [](std::size_t, std::size_t) { return true; });
  return all;
}

// Far logits in place of infinite ones: numbers of every storage type.
problem with_finite(problem p) {
  for (double& z : p.scores)
    if (std::isinf(z)) z = std::copysign(6e4, z);
  return p;
}

}  // namespace loss_properties

// On the host: that the device says the same is parity.cpp's to show.
TEST_CASE("the gradient of a loss is the central difference of its value", "[losses][cpu]") {
  using namespace loss_properties;
  softf1::context<softf1::cpu> ctx;
  double const step = 1e-5;
  for (auto const& loss : loss_cases<softf1::cpu>())
    for (auto const& [name, given] : problems())
      for (auto reduction : {loss_reduction::mean, loss_reduction::weighted_mean, loss_reduction::sum}) {
        problem const p = loss.fitted(given);
        auto const got = loss.grade(ctx, p, {.reduction = reduction});
        INFO(loss.name << ", " << name << ", reduction " << static_cast<int>(reduction));
        CHECK(relative_distance(loss.value(ctx, p, reduction), got.value) <= 1e-14);
        if (loss.surrogate) continue;
        std::vector<double> differences;
        problem moved = p;
        for (std::size_t k = 0; k < p.scores.size(); ++k) {
          moved.scores[k] = p.scores[k] + step;
          double const above = loss.value(ctx, moved, reduction);
          moved.scores[k] = p.scores[k] - step;
          double const below = loss.value(ctx, moved, reduction);
          moved.scores[k] = p.scores[k];
          differences.push_back((above - below) / (2 * step));
        }
        CHECK(distance(got.gradient, differences) <= 1e-6 * std::max(1.0, largest(got.gradient)));
      }
}

TEMPLATE_TEST_CASE("a loss of saturated logits is finite", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (auto const& loss : loss_cases<TestType>())
    for (double size : {80.0, 1e4})
      for (double prevalence : {0.0, 0.4, 1.1}) {
        problem p = random_problem(6, 4, 21, {.prevalence = prevalence});
        for (double& z : p.scores) z = z < 0 ? -size : size;
        INFO(loss.name << ", logits of +-" << size << ", prevalence " << prevalence);
        auto const check = [&](problem const& q) {
          for (auto const* grade : {&loss.grade, &loss.grade_float, &loss.grade_half})
            if (*grade) CHECK(all_finite((*grade)(ctx, q, {})));
        };
        check(p);
        for (double sign : {-1.0, 1.0}) {
          problem same = p;
          for (double& z : same.scores) z = sign * size;
          INFO("all logits " << sign * size);
          check(same);
        }
      }
}

TEMPLATE_TEST_CASE("a loss of infinite logits is what it tends to", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (auto const& loss : loss_cases<TestType>()) {
    if (loss.finite) continue;  // refused or infinite: value_and_gradient.cpp
    for (auto const& [name, infinite, ties] : infinite_problems()) {
      problem const far = with_finite(infinite);
      INFO(loss.name << ", " << name);
      for (auto const* grade : {&loss.grade, &loss.grade_float, &loss.grade_half}) {
        if (!*grade) continue;
        double const tolerance = grade == &loss.grade ? 1e-9 : loss.float_error * 1e-5;
        auto const got = (*grade)(ctx, infinite, {}), near = (*grade)(ctx, far, {});
        bool const bounded = std::fabs(near.value) < 50;
        INFO("value " << got.value << ", with logits of +-6e4 " << near.value);
        CHECK((bounded ? relative_distance(got.value, near.value) <= tolerance : got.value == HUGE_VAL));
        if (!bounded && loss.steep) continue;
        CHECK(std::isfinite(largest(got.gradient)));
        if (bounded && !ties)
          CHECK(distance(got.gradient, near.gradient) <= tolerance * std::max(1.0, largest(near.gradient)));
        bool same_signs = true;
        for (std::size_t k = 0; k < got.gradient.size(); ++k) same_signs &= got.gradient[k] * near.gradient[k] >= 0;
        CHECK(same_signs);
      }
      auto const whole = loss.grade(ctx, infinite, {});
      for (auto how : {union_of::added, union_of::merged}) {
        auto const parts =
            loss.grade_union(ctx, {take_rows(infinite, {0}), take_rows(infinite, all_but(infinite.rows, 0))}, how);
        CHECK((parts.value == whole.value || relative_distance(parts.value, whole.value) <= 1e-12));
        if (std::isfinite(largest(whole.gradient))) CHECK(distance(parts.gradient, whole.gradient) <= 1e-12);
      }
    }
  }
}

TEMPLATE_TEST_CASE("the order of rows and of labels does not matter to a loss", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (auto const& loss : loss_cases<TestType>())
    for (auto const& [name, p] : problems()) {
      INFO(loss.name << ", " << name);
      auto const rows = random_order(p.rows, 31), cols = random_order(p.cols, 32);
      auto const whole = loss.grade(ctx, p, {});
      auto const moved = loss.grade(ctx, take_cols(take_rows(p, rows), cols), {});
      CHECK(distance(moved, {whole.value, pick(p, whole.gradient, rows, cols)}) <= 1e-12);
    }
}

TEMPLATE_TEST_CASE("any partition of the rows merges to the loss of the whole", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  auto all = problems();
  all.push_back({"several chunks", random_problem(400, 3, 41, {.masked = true, .weighted = true})});
  for (auto const& loss : loss_cases<TestType>())
    for (auto const& [name, p] : all)
      for (std::size_t parts : {std::size_t{1}, std::size_t{2}, std::size_t{5}}) {
        auto const dealt = random_partition(p.rows, parts, 42);
        std::vector<problem> batches;
        std::vector<std::size_t> order;
        for (auto const& rows : dealt) {
          batches.push_back(take_rows(p, rows));
          order.insert(order.end(), rows.begin(), rows.end());
        }
        auto const whole = loss.grade(ctx, p, {});
        graded const expected{whole.value, pick(p, whole.gradient, order, indices(p.cols))};
        INFO(loss.name << ", " << name << ", " << parts << " parts");
        for (auto how : {union_of::added, union_of::merged, union_of::ranks}) {
          auto const got = loss.grade_union(ctx, batches, how);
          CHECK(distance(got, expected) <= 1e-12);
          auto const again = loss.grade_union(ctx, batches, how);
          CHECK((again.value == got.value && again.gradient == got.gradient));
        }
      }
}

TEMPLATE_TEST_CASE("masking a row does the same as deleting it", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  problem const p = random_problem(8, 5, 51, {.weighted = true});
  for (auto const& loss : loss_cases<TestType>())
    for (std::size_t row : {std::size_t{0}, std::size_t{4}, std::size_t{7}}) {
      problem masked = p;
      masked.mask.assign(p.scores.size(), 1);
      for (std::size_t j = 0; j < p.cols; ++j) masked.mask[p.at(row, j)] = 0;
      auto const rest = all_but(p.rows, row);
      auto const got = loss.grade(ctx, masked, {});
      INFO(loss.name << ", row " << row);
      CHECK(distance({got.value, pick(p, got.gradient, rest, indices(p.cols))},
                     loss.grade(ctx, take_rows(p, rest), {})) <= 1e-13);
    }
}

TEMPLATE_TEST_CASE("masking a cell does the same as deleting it", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (auto const& loss : loss_cases<TestType>()) {
    if (loss.terms == loss_terms::several) continue;  // each of its terms is another case
    // A cell can be deleted from a single column, and from a single row. Label-wise losses see the other labels only in
    // the mean, row-wise ones the other rows.
    bool const row_wise = loss.terms == loss_terms::rows;
    problem const p = row_wise ? random_problem(1, 7, 52) : random_problem(7, 1, 52);
    for (std::size_t k = 0; k < 7; ++k) {
      problem masked = p;
      masked.mask.assign(7, 1);
      masked.mask[k] = 0;
      auto const rest = all_but(7, k);
      auto const got = loss.grade(ctx, masked, {});
      std::vector<std::size_t> const one{0};
      INFO(loss.name << ", cell " << k);
      CHECK(got.gradient[k] == 0);
      graded const kept{got.value, row_wise ? pick(p, got.gradient, one, rest) : pick(p, got.gradient, rest, one)};
      CHECK(distance(kept, loss.grade(ctx, row_wise ? take_cols(p, rest) : take_rows(p, rest), {})) <= 1e-13);
    }
  }
}

TEMPLATE_TEST_CASE("what stands in a masked cell changes nothing", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  double const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  problem p = random_problem(9, 4, 53, {.masked = true, .weighted = true});
  p.mask[0] = 0;
  for (auto const& loss : loss_cases<TestType>()) {
    auto const clean = loss.grade(ctx, p, {});
    for (double rubbish : {nan, infinity, -infinity, 1e300}) {
      problem dirty = p;
      for (std::size_t k = 0; k < p.mask.size(); ++k)
        if (p.mask[k] == 0) dirty.scores[k] = dirty.targets[k] = rubbish;
      auto const got = loss.grade(ctx, dirty, {});
      INFO(loss.name << ", " << rubbish << " in masked cells");
      CHECK(got.value == clean.value);
      CHECK(got.gradient == clean.gradient);
    }
    for (std::size_t k = 0; k < p.mask.size(); ++k)
      if (p.mask[k] == 0 && clean.gradient[k] != 0) FAIL_CHECK(loss.name << ": gradient in a masked cell");
  }
}

TEMPLATE_TEST_CASE("infinite and far logits of no weight cost nothing and change nothing", "[losses]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  double const infinity = std::numeric_limits<double>::infinity();
  problem p = problem_with_all_terms(6, 4, 23);
  std::vector<double> cell_weights(24, 1);
  for (std::size_t k : {1, 7, 12, 22}) cell_weights[k] = 0;
  for (auto const& loss : loss_cases<TestType>()) {
    if (loss.finite) continue;
    for (bool of_rows : {false, true}) {
      p.weights = of_rows ? std::vector<double>{1, 0, 2, 1, 0, 1} : std::vector<double>{};
      auto const weightless = [&](std::size_t k) {
        return of_rows ? p.weights[k / p.cols] == 0 : cell_weights[k] == 0;
      };
      grade_options options;
      if (!of_rows) options.cell_weights = cell_weights;
      auto const usual = loss.grade(ctx, p, options);
      for (double z : {infinity, -infinity, 3e3, -3e3}) {
        problem moved = p;
        for (std::size_t k = 0; k < p.scores.size(); ++k)
          if (weightless(k)) moved.scores[k] = z;
        auto const got = loss.grade(ctx, moved, options);
        INFO(loss.name << ", logits of " << z << " without weights of " << (of_rows ? "rows" : "cells"));
        CHECK(distance(got, usual) <= 1e-13);
        for (std::size_t k = 0; k < p.scores.size(); ++k)
          if (weightless(k) && got.gradient[k] != 0) FAIL_CHECK("gradient " << got.gradient[k] << " of cell " << k);
      }
    }
  }
}

TEMPLATE_TEST_CASE("a mask of ones and weights of one change nothing", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  problem const p = random_problem(30, 5, 54);
  problem same = p;
  same.mask.assign(p.scores.size(), 1);
  same.weights.assign(p.rows, 1);
  for (auto const& loss : loss_cases<TestType>()) {
    INFO(loss.name);
    CHECK(distance(loss.grade(ctx, same, {}), loss.grade(ctx, p, {})) <= 1e-14);
  }
}

TEMPLATE_TEST_CASE("a row of weight 2 counts like the row twice", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  problem p = random_problem(6, 4, 55, {.masked = true});
  p.weights.assign(p.rows, 1);
  p.weights[2] = 2;
  problem const twice = [&] {
    auto rows = indices(p.rows);
    rows.push_back(2);
    problem q = take_rows(p, rows);
    q.weights.clear();
    return q;
  }();
  for (auto const& loss : loss_cases<TestType>())
    for (auto reduction : {loss_reduction::weighted_mean, loss_reduction::sum, loss_reduction::mean}) {
      bool const counts = loss.terms == loss_terms::labels || loss.terms == loss_terms::all;
      if (reduction == loss_reduction::mean && !counts) continue;  // divides by the number of rows or cells
      auto const weighted = loss.grade(ctx, p, {.reduction = reduction});
      auto const repeated = loss.grade(ctx, twice, {.reduction = reduction});
      std::vector<double> folded(repeated.gradient.begin(),
                                 repeated.gradient.end() - static_cast<std::ptrdiff_t>(p.cols));
      for (std::size_t j = 0; j < p.cols; ++j) folded[p.at(2, j)] += repeated.gradient[p.rows * p.cols + j];
      INFO(loss.name << ", reduction " << static_cast<int>(reduction));
      CHECK(distance(weighted, {repeated.value, folded}) <= 1e-13);
    }
}

TEMPLATE_TEST_CASE("reductions divide by the number of terms, by their weight, or by nothing", "[losses]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  problem p = problem_with_all_terms(6, 9, 56);
  for (auto const& loss : loss_cases<TestType>()) {
    if (loss.terms == loss_terms::several) continue;
    p.weights.clear();
    double const rows = static_cast<double>(p.rows), cols = static_cast<double>(p.cols);
    double const terms = loss.terms == loss_terms::cells    ? rows * cols
                         : loss.terms == loss_terms::labels ? cols
                         : loss.terms == loss_terms::rows   ? rows
                                                            : 1.0;
    INFO(loss.name);
    double const mean = loss.value(ctx, p, loss_reduction::mean);
    CHECK(mean > 0);
    CHECK(loss.value(ctx, p, loss_reduction::sum) == Approx(terms * mean).epsilon(1e-13));
    CHECK(loss.value(ctx, p, loss_reduction::weighted_mean) == Approx(mean).epsilon(1e-13));

    p.weights = {0.5, 2, 1, 1, 3, 0.25};
    double const weight = loss.terms == loss_terms::cells ? 7.75 * cols : loss.terms == loss_terms::rows ? 7.75 : terms;
    double const sum = loss.value(ctx, p, loss_reduction::sum);
    CHECK(loss.value(ctx, p, loss_reduction::mean) == Approx(sum / terms).epsilon(1e-13));
    CHECK(loss.value(ctx, p, loss_reduction::weighted_mean) == Approx(sum / weight).epsilon(1e-13));
  }
}

TEMPLATE_TEST_CASE("a batch without terms has loss 0 and gradient 0", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  problem masked = random_problem(4, 3, 57);
  masked.mask.assign(12, 0);
  problem weightless = random_problem(4, 3, 58);
  weightless.weights.assign(4, 0);
  for (auto const& loss : loss_cases<TestType>())
    for (auto const& p :
         {random_problem(0, 3, 59), random_problem(3, 0, 60), random_problem(0, 0, 61), masked, weightless})
      for (auto reduction : {loss_reduction::mean, loss_reduction::weighted_mean, loss_reduction::sum}) {
        INFO(loss.name << ", shape " << p.rows << " x " << p.cols);
        auto const got = loss.grade(ctx, p, {.reduction = reduction});
        CHECK(got.value == 0);
        CHECK(largest(got.gradient) == 0);
        CHECK(loss.value(ctx, p, reduction) == 0);
      }
}

TEMPLATE_TEST_CASE("a loss of half, bfloat16 and float storage is close to the loss in double", "[losses]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (std::size_t rows : {std::size_t{5}, std::size_t{300}}) {
    // Eighths in [-4, 4] are numbers of every storage type.
    problem p = random_problem(rows, 6, 62, {.masked = true, .weighted = true});
    for (double& z : p.scores) z = std::round(8 * z) / 8;
    for (auto const& loss : loss_cases<TestType>()) {
      auto const exact = loss.grade(ctx, p, {});
      double const most = largest(exact.gradient);
      INFO(loss.name << ", " << rows << " rows");
      if (!loss.grade_float) continue;
      auto const in_float = loss.grade_float(ctx, p, {});
      CHECK(relative_distance(in_float.value, exact.value) <= loss.float_error * 2e-6);
      CHECK(distance(in_float.gradient, exact.gradient) <= loss.float_error * 4e-6 * most);
      if (!loss.grade_half) continue;
      auto const in_half = loss.grade_half(ctx, p, {});
      CHECK(relative_distance(in_half.value, exact.value) <= loss.float_error * 2e-6);
      CHECK(distance(in_half.gradient, exact.gradient) <= 5e-3 * most);
    }
  }
}

TEMPLATE_TEST_CASE("the layout of logits, targets, mask and gradient does not matter to a loss", "[losses]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (bool masked : {false, true}) {
    problem const p = random_problem(140, 5, 63, {.masked = masked, .weighted = masked});
    for (auto const& loss : loss_cases<TestType>()) {
      auto const dense = loss.grade(ctx, p, {});
      for (layout input : {layout::dense, layout::padded, layout::strided, layout::column_major})
        for (layout output : {layout::dense, layout::padded, layout::strided, layout::column_major}) {
          INFO(loss.name << ", layouts " << static_cast<int>(input) << " and " << static_cast<int>(output));
          CHECK(distance(loss.grade(ctx, p, {.input = input, .output = output}), dense) <= 1e-13);
        }
    }
  }
}

TEST_CASE("a loss has the same bits for any number of threads", "[losses][cpu]") {
  using namespace loss_properties;
  using context = softf1::context<softf1::cpu>;
  for (bool masked : {false, true}) {
    problem const p = random_problem(700, 67, 64, {.masked = masked, .weighted = masked});
    for (auto const& loss : loss_cases<softf1::cpu>()) {
      context one(context::options{.threads = 1});
      auto const& in_float = loss.grade_float ? loss.grade_float : loss.grade;
      auto const expected = loss.grade(one, p, {}), expected_float = in_float(one, p, {});
      for (int threads : {2, 3, 7}) {
        context ctx(context::options{.threads = threads});
        auto const got = loss.grade(ctx, p, {}), got_float = in_float(ctx, p, {});
        INFO(loss.name << ", " << threads << " threads");
        CHECK(got.value == expected.value);
        CHECK((got.gradient == expected.gradient));
        CHECK(got_float.value == expected_float.value);
        CHECK((got_float.gradient == expected_float.gradient));
      }
    }
  }
}

TEST_CASE("a loss is the same on every instruction set, up to rounding", "[losses][cpu]") {
  using namespace loss_properties;
  using context = softf1::context<softf1::cpu>;
  context baseline(context::options{.set = softf1::instruction_set::baseline}), best;
  problem const p = random_problem(300, 19, 65, {.masked = true, .weighted = true});
  for (auto const& loss : loss_cases<softf1::cpu>()) {
    INFO(loss.name);
    CHECK(distance(loss.grade(baseline, p, {}), loss.grade(best, p, {})) <= 1e-13);
    if (loss.grade_float)
      CHECK(distance(loss.grade_float(baseline, p, {}), loss.grade_float(best, p, {})) <= loss.float_error * 1e-5);
  }
}

TEMPLATE_TEST_CASE("a NaN among the logits is not in the gradient alone", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace loss_properties;
  softf1::context<TestType> ctx;
  for (auto const& loss : loss_cases<TestType>()) {
    INFO(loss.name);
    for (std::size_t at : {std::size_t{0}, std::size_t{4}, std::size_t{11}}) {
      auto p = loss.fitted(random_problem(6, 3, 31));
      p.scores[at] = std::numeric_limits<double>::quiet_NaN();
      graded const got = loss.grade(ctx, p, {});
      bool const finite = std::all_of(got.gradient.begin(), got.gradient.end(), [](double g) { return g * 0 == 0; });
      CHECK((std::isnan(got.value) || finite));
    }
  }
}
