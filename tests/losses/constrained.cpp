#include <softf1/losses/constrained.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <softf1/losses/value_and_gradient.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace constrained_tests {

using namespace softf1_test;
using numbers = std::vector<double>;

struct sums {
  double up = 0, down = 0, positives = 0, negatives = 0;
};

sums sums_of(problem const& p, std::size_t j) {
  sums s;
  for (std::size_t i = 0; i < p.rows; ++i) {
    if (!p.present(i, j)) continue;
    double const z = p.scores[p.at(i, j)], y = p.targets[p.at(i, j)], w = p.weight(i);
    s.up += w * y * std::max(0.0, 1 - z);
    s.down += w * (1 - y) * std::max(0.0, 1 + z);
    s.positives += w * y;
    s.negatives += w * (1 - y);
  }
  return s;
}

// What a loss costs a label: coefficients of both hinges and of the positives, by its multiplier; how that moves; and the
// value of the problem itself.
struct reference {
  std::function<numbers(double)> costs;
  std::function<double(double, sums const&)> moved;
  std::function<double(sums const&)> judged;
  double start;
};

double step(double m, double rate, double a, double b) {
  return std::max(0.0, m + (a + b > 0 ? rate * (a - b) / (a + b) : 0));
}

reference of(softf1::constrained_recall const& o) {
  double const ratio = o.precision / (1 - o.precision), rate = o.rate;
  return {[=](double m) { return numbers{1 + m, m * ratio, m}; },
          [=](double m, sums const& s) { return step(m, rate, s.up + ratio * s.down, s.positives); },
          [=](sums const& s) { return s.up + std::max(0.0, s.up + ratio * s.down - s.positives); }, 1};
}
reference of(softf1::constrained_precision const& o) {
  double const missed = 1 - o.recall, rate = o.rate;
  return {[=](double m) { return numbers{m, 1, m * missed}; },
          [=](double m, sums const& s) { return step(m, rate, s.up, missed * s.positives); },
          [=](sums const& s) { return s.down + std::max(0.0, s.up - missed * s.positives); }, 1};
}
reference of(softf1::maximum_f_beta const& o) {
  double const twice = 1 + o.beta * o.beta;
  auto const f = [=](sums const& s) {
    return std::max(0.0, twice * (s.positives - s.up) / (twice * s.positives - s.up + s.down));
  };
  return {[=](double m) { return numbers{twice - m, m, twice * (1 - m)}; },
          [=](double, sums const& s) { return f(s); },
          [=](sums const& s) { return (1 - f(s)) * (s.positives + s.negatives); }, 0.5};
}

problem batch(std::size_t k) {
  problem p = random_problem(40, 3, 77 + k, {.masked = true, .weighted = true});
  for (std::size_t i = 0; i < p.rows; ++i) p.targets[p.at(i, 2)] = 0;  // a label without positives
  return p;
}

template <class B, class Loss>
void check_steps(Loss const& loss) {
  reference const expected = of(loss);
  softf1::context<B> ctx;
  softf1::loss_union<Loss, B> all(ctx, loss, 3);
  numbers multipliers(3, expected.start);
  std::vector<sums> averages(3);
  double weight = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    problem const p = batch(k);
    problem_on<B> const data(ctx, p);
    matrix_on<double, B> gradient(ctx, p.rows, p.cols);
    softf1::buffer<double, B> value(ctx, 1);
    softf1::loss_options<B> const options{.mask = data.mask(), .row_weights = data.weights()};
    all.value_and_gradient(ctx, data.scores(), data.targets(), value.view(), gradient.view(), options);
    auto const got = gradient.numbers(ctx);
    double sum = 0, judged = 0;
    weight = loss.decay * weight + (1 - loss.decay);
    for (std::size_t j = 0; j < 3; ++j) {
      sums const s = sums_of(p, j);
      double const total = s.positives + s.negatives;
      numbers const cost = expected.costs(multipliers[j]);
      sum += (cost[0] * s.up + cost[1] * s.down - cost[2] * s.positives) / total / 3;
      judged += expected.judged(s) / total / 3;
      for (std::size_t i = 0; i < p.rows; ++i) {
        double const z = p.scores[p.at(i, j)], y = p.targets[p.at(i, j)], w = p.present(i, j) ? p.weight(i) : 0;
        double const slope = w * ((1 - y) * cost[1] * (z > -1) - y * cost[0] * (z < 1)) / total / 3;
        CHECK(got[p.at(i, j)] == Approx(slope).margin(1e-13));
      }
      auto& a = averages[j];
      double const d = loss.decay;
      a = {d * a.up + (1 - d) * s.up, d * a.down + (1 - d) * s.down, d * a.positives + (1 - d) * s.positives,
           d * a.negatives + (1 - d) * s.negatives};
      multipliers[j] =
          expected.moved(multipliers[j], {a.up / weight, a.down / weight, a.positives / weight, a.negatives / weight});
    }
    CHECK(download(ctx, value)[0] == Approx(sum).margin(1e-13));
    all.exact_value(ctx, value.view());
    CHECK(download(ctx, value)[0] == Approx(judged).margin(1e-13));
    all.advance(ctx);
    all.each_memory([&](std::string_view name, softf1::vector_view<double, B> view) {
      if (name != "multipliers") return;
      numbers const there = download(ctx, softf1::vector_view<double const, B>(view.data(), view.size()));
      for (std::size_t j = 0; j < 3; ++j) CHECK(there[j] == Approx(multipliers[j]).margin(1e-13));
    });
  }
}

// Precision and recall of deciding at z > 0.
struct rates {
  double precision, recall;
};

// A line z = a x + b, trained on one label whose classes overlap, by plain steps.
template <class Loss>
rates trained(Loss const& loss) {
  std::size_t const n = 4000;
  problem const noise = random_problem(n, 1, 5, {.prevalence = 0.3, .spread = 1});
  numbers x(n), z(n), g(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 2 * noise.scores[i] + 3 * noise.targets[i];
  softf1::context<> ctx;
  softf1::loss_union<Loss, softf1::cpu> all(ctx, loss, 1);
  double a = 1, b = 0, value = 0;
  for (int step = 0; step < 3000; ++step) {
    for (std::size_t i = 0; i < n; ++i) z[i] = a * x[i] + b;
    all.value_and_gradient(ctx, softf1::as_matrix(z, n, 1), softf1::as_matrix(noise.targets, n, 1),
                           softf1::vector_view<double>(&value, 1), softf1::as_matrix(g, n, 1));
    all.advance(ctx);
    double da = 0, db = 0;
    for (std::size_t i = 0; i < n; ++i) da += g[i] * x[i], db += g[i];
    double const rate = 0.5 / (1 + 0.01 * step);
    a -= rate * da, b -= rate * db;
  }
  double tp = 0, fp = 0, fn = 0;
  for (std::size_t i = 0; i < n; ++i) {
    bool const yes = a * x[i] + b > 0, is = noise.targets[i] == 1;
    tp += yes && is, fp += yes && !is, fn += !yes && is;
  }
  return {tp / (tp + fp), tp / (tp + fn)};
}

}  // namespace constrained_tests

TEMPLATE_TEST_CASE("losses under constraints take the steps of their definitions", "[losses]", SOFTF1_TEST_BACKENDS) {
  using namespace constrained_tests;
  softf1::constrained_recall recall;
  recall.precision = 0.8;
  check_steps<TestType>(recall);
  softf1::constrained_precision precision;
  precision.recall = 0.7;
  precision.decay = 0.5;
  check_steps<TestType>(precision);
  softf1::maximum_f_beta f;
  f.beta = 2;
  check_steps<TestType>(f);
}

TEST_CASE("what is trained under a constraint keeps it, and gives up no more than it must", "[losses]") {
  using namespace constrained_tests;
  for (double bound : {0.6, 0.8, 0.95}) {
    softf1::constrained_recall recall;
    recall.precision = bound;
    softf1::constrained_precision precision;
    precision.recall = bound;
    rates const of_recall = trained(recall), of_precision = trained(precision);
    INFO("bound " << bound << ": precision " << of_recall.precision << " recall " << of_recall.recall << "; recall "
                  << of_precision.recall << " precision " << of_precision.precision);
    CHECK(of_recall.precision >= bound - 0.01);
    CHECK(of_recall.recall > 0.3);
    CHECK(of_precision.recall >= bound - 0.01);
    CHECK(of_precision.precision > 0.3);
  }
  auto const f_of = [](rates const& r, double beta) {
    return (1 + beta * beta) * r.precision * r.recall / (beta * beta * r.precision + r.recall);
  };
  softf1::maximum_f_beta one, two;
  two.beta = 2;
  CHECK(f_of(trained(one), 1) > f_of(trained(two), 1) - 1e-9);
  CHECK(f_of(trained(two), 2) > f_of(trained(one), 2));
}

TEST_CASE("losses under constraints refuse rates that cannot be kept", "[losses]") {
  using namespace constrained_tests;
  softf1::context<> ctx;
  auto const error = [&](auto const& loss) {
    return error_text<softf1::value_error>([&] { softf1::loss_union<std::remove_cvref_t<decltype(loss)>, softf1::cpu>(ctx, loss, 2); });
  };
  softf1::constrained_recall recall;
  recall.precision = 1;
  CHECK(error(recall) == "constrained_recall: precision must be in (0, 1), got 1");
  softf1::constrained_precision precision;
  precision.rate = -1;
  CHECK(error(precision) == "constrained_precision: rate must be finite and >= 0, got -1");
  softf1::maximum_f_beta f;
  f.average = softf1::averaging::samples;
  CHECK(error(f) == "maximum_f_beta: average must be macro or micro: a row has no memory");
  f = {};
  f.decay = 1;
  CHECK(error(f) == "maximum_f_beta: decay must be in [0, 1), got 1");
}

TEST_CASE("a multiplier of 0 makes infinite logits cost nothing", "[losses][constrained]") {
  using namespace constrained_tests;
  softf1::context<> ctx;
  numbers const z{0.5, HUGE_VAL}, y{1, 0};
  softf1::loss_union<softf1::constrained_recall, softf1::cpu> all(ctx, {}, 1);
  auto const logits = softf1::as_matrix(z, 2, 1), targets = softf1::as_matrix(y, 2, 1);
  all.add(ctx, logits, targets);
  CHECK(all.value(ctx) == HUGE_VAL);
  all.each_memory([](std::string_view name, softf1::vector_view<double> view) {
    if (name == "multipliers") view(0) = 0;
  });
  CHECK(all.value(ctx) == 0.25);
}
