#include <softf1/losses/objective.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace objective_tests {

using softf1::cpu;
using softf1_test::error_text;
using softf1_test::problem;
using namespace softf1::losses;
using softf1::context;

struct answer {
  double value, value_alone;
  std::vector<double> gradient;
};

template <class T, class B>
answer ask(context<B>& ctx, objective<T, B>& loss, problem const& p) {
  softf1_test::problem_on<B, T, T> const data(ctx, p);
  softf1_test::matrix_on<T, B> gradient(ctx, p.rows, p.cols);
  softf1::buffer<double, B> value(ctx, 1);
  loss.value_and_gradient(ctx, data.scores(), data.targets(), value.view(), gradient.view());
  double const first = softf1_test::download(ctx, value)[0];
  loss.value(ctx, data.scores(), data.targets(), value.view());
  return {first, softf1_test::download(ctx, value)[0], gradient.numbers(ctx)};
}

template <class B>
answer ask(std::string const& text, problem const& p, objective_options const& options = {}) {
  context<B> ctx;
  // On devices, a few losses stand for all: what is tried there is the sum.
  using few = softf1::type_list<binary_cross_entropy, soft_f1, double_soft_f1, softmax_cross_entropy>;
  using known = std::conditional_t<std::is_same_v<B, cpu>, softf1::losses::all, few>;
  return ask(ctx, *make_objective<double, known>(ctx, text, p.cols, options), p);
}

// What the library says of a loss whose type is known.
template <class B, class Loss>
answer expected(Loss const& loss, problem const& p) {
  context<B> ctx;
  softf1_test::problem_on<B> const data(ctx, p);
  softf1_test::matrix_on<double, B> gradient(ctx, p.rows, p.cols);
  softf1::buffer<double, B> value(ctx, 1);
  value_and_gradient(ctx, loss, data.scores(), data.targets(), value.view(), gradient.view());
  double const found = softf1_test::download(ctx, value)[0];
  return {found, found, gradient.numbers(ctx)};
}

void check_same(answer const& a, answer const& b, double tolerance = 0) {
  CHECK(std::abs(a.value - b.value) <= tolerance);
  CHECK(std::abs(a.value_alone - b.value_alone) <= tolerance + 1e-15);
  REQUIRE(a.gradient.size() == b.gradient.size());
  for (std::size_t k = 0; k < a.gradient.size(); ++k) {
    INFO("element " << k);
    CHECK(std::abs(a.gradient[k] - b.gradient[k]) <= tolerance);
  }
}

answer weighted(double v, answer a, double w, answer const& b) {
  a.value = v * a.value + w * b.value;
  a.value_alone = v * a.value_alone + w * b.value_alone;
  for (std::size_t k = 0; k < a.gradient.size(); ++k) a.gradient[k] = v * a.gradient[k] + w * b.gradient[k];
  return a;
}

TEMPLATE_TEST_CASE("a text that names one loss gives that loss, bit for bit", "[losses][objective]",
                   SOFTF1_TEST_BACKENDS) {
  auto const p = softf1_test::random_problem(37, 5, 1);
  check_same(ask<TestType>("bce", p), expected<TestType>(binary_cross_entropy{}, p));
  check_same(ask<TestType>("soft_f1", p), expected<TestType>(soft_f1{}, p));
  check_same(ask<TestType>("double_soft_f1", p), expected<TestType>(double_soft_f1{}, p));
  check_same(ask<TestType>("softmax_cross_entropy", p), expected<TestType>(softmax_cross_entropy{}, p));
  auto const empty = softf1_test::constant_problem(0, 3, 0, 0);
  CHECK(ask<TestType>("bce:weight=2+soft_f1", empty).value == 0);
}

TEMPLATE_TEST_CASE("a sum of losses is the weighted sum of their values and gradients", "[losses][objective]",
                   SOFTF1_TEST_BACKENDS) {
  auto const p = softf1_test::random_problem(41, 4, 2);
  auto const bce = expected<TestType>(binary_cross_entropy{}, p), f1 = expected<TestType>(soft_f1{}, p);
  struct row {
    std::string text;
    double bce, f1;
  };
  for (row const& r : {row{"bce:weight=0.3+soft_f1:weight=0.7", 0.3, 0.7}, row{"bce+soft_f1", 1, 1},
                       row{"soft_f1:weight=0.25+bce:weight=2", 2, 0.25}, row{"bce:weight=0.3", 0.3, 0},
                       row{"bce:weight=0+soft_f1", 0, 1},
                       row{"bce:weight=0.5+soft_f1:weight=3+bce:weight=0.25", 0.75, 3}, row{"bce:weight=0", 0, 0}}) {
    INFO(r.text);
    check_same(ask<TestType>(r.text, p), weighted(r.bce, bce, r.f1, f1), 1e-14);
  }
}

TEMPLATE_TEST_CASE("one objective serves batches of many sizes, each for itself", "[losses][objective]",
                   SOFTF1_TEST_BACKENDS) {
  context<TestType> ctx;
  using two = softf1::type_list<binary_cross_entropy, soft_f1>;
  auto const loss = make_objective<double, two>(ctx, "bce:weight=0.5+soft_f1:weight=2", 3);
  for (std::size_t rows : {7u, 64u, 1u, 300u, 7u}) {
    auto const p = softf1_test::random_problem(rows, 3, rows);
    check_same(ask(ctx, *loss, p),
               weighted(.5, expected<TestType>(binary_cross_entropy{}, p), 2, expected<TestType>(soft_f1{}, p)), 1e-14);
  }
}

TEMPLATE_TEST_CASE("the gradient of a sum of losses is the slope of its value", "[losses][objective]",
                   SOFTF1_TEST_BACKENDS) {
  for (std::string const text :
       {"bce:weight=0.3+soft_f1:weight=0.7", "double_soft_f1+softmax_cross_entropy:weight=0.1"}) {
    auto p = softf1_test::random_problem(9, 4, 3);
    auto const found = ask<TestType>(text, p);
    constexpr double step = 1e-5;
    for (std::size_t k = 0; k < p.scores.size(); ++k) {
      double const at = p.scores[k];
      p.scores[k] = at + step;
      double const above = ask<TestType>(text, p).value_alone;
      p.scores[k] = at - step;
      double const below = ask<TestType>(text, p).value_alone;
      p.scores[k] = at;
      INFO(text << ", logit " << k);
      CHECK(std::abs(found.gradient[k] - (above - below) / (2 * step)) < 1e-9);
    }
  }
}

TEMPLATE_TEST_CASE("pos_weight goes to the losses of a sum that take one", "[losses][objective]",
                   SOFTF1_TEST_BACKENDS) {
  auto const p = softf1_test::random_problem(23, 3, 4);
  std::vector<double> const w{0.5, 1, 4};
  binary_cross_entropy heavy;
  heavy.pos_weight = w;
  check_same(ask<TestType>("bce", p, {w}), expected<TestType>(heavy, p));
  check_same(ask<TestType>("soft_f1+bce:weight=0.5", p, {w}),
             weighted(1, expected<TestType>(soft_f1{}, p), .5, expected<TestType>(heavy, p)), 1e-14);
}

TEST_CASE("an objective on floats has the double's value, and the same bits at any number of threads") {
  auto const p = softf1_test::random_problem(5000, 6, 5);
  std::string const text = "bce:weight=0.3+soft_f1:weight=0.7";
  auto const on = [&](int threads) {
    context<cpu> ctx({.threads = threads});
    return ask(ctx, *make_objective<float, softf1::type_list<binary_cross_entropy, soft_f1>>(ctx, text, p.cols), p);
  };
  auto const one = on(1);
  CHECK(one.value == Approx(ask<cpu>(text, p).value).epsilon(1e-5));
  for (int threads : {2, 3}) {
    auto const more = on(threads);
    CHECK(more.value == one.value);
    CHECK(more.value_alone == one.value_alone);
    CHECK(more.gradient == one.gradient);
  }
}

TEMPLATE_TEST_CASE("an objective answers NaN with NaN", "[losses][objective]", SOFTF1_TEST_BACKENDS) {
  auto p = softf1_test::random_problem(9, 2, 6);
  p.scores[3] = std::numeric_limits<double>::quiet_NaN();
  for (std::string const text : {"bce", "soft_f1", "bce+soft_f1:weight=0.5"}) {
    auto const found = ask<TestType>(text, p);
    CHECK(std::isnan(found.value));
    CHECK(std::isnan(found.value_alone));
  }
}

TEST_CASE("the weights of a sum follow a schedule while training, and are the last ones in evaluation",
          "[losses][objective]") {
  auto const p = softf1_test::random_problem(19, 3, 8);
  auto const bce = expected<cpu>(binary_cross_entropy{}, p), f1 = expected<cpu>(soft_f1{}, p);
  context<cpu> ctx;
  auto const loss = make_objective<double>(ctx, "bce:weight=0.2+soft_f1:weight=0.6", p.cols,
                                           {.schedule = loss_schedule_named("linear:epochs=2")});
  struct row {
    std::size_t epoch;
    double bce, f1;
  };
  for (row const& r : {row{1, 0.8, 0}, row{2, 0.5, 0.3}, row{3, 0.2, 0.6}, row{9, 0.2, 0.6}}) {
    loss->begin_epoch(r.epoch);
    INFO("epoch " << r.epoch);
    auto want = weighted(r.bce, bce, r.f1, f1);
    want.value_alone = 0.2 * bce.value + 0.6 * f1.value;
    check_same(ask(ctx, *loss, p), want, 1e-14);
  }
  CHECK(error_text<softf1::value_error>([&] {
          make_objective<double>(ctx, "bce", 2, {.schedule = loss_schedule_named("step:epochs=2")});
        }) == "bce: a schedule of weights needs a sum of losses, the first of which begins alone");
}

TEST_CASE("counts of labels reach the losses that take them, alone and in sums", "[losses][objective]") {
  auto const p = softf1_test::random_problem(12, 2, 9);
  class_balanced balanced;
  balanced.label_counts = {4, 100};
  distribution_balanced distributed;
  distributed.label_counts = {4, 100};
  distributed.rows = 300;
  objective_options const o{.label_counts = {4, 100}, .rows = 300};
  check_same(ask<cpu>("class_balanced", p, o), expected<cpu>(balanced, p));
  check_same(ask<cpu>("distribution_balanced", p, o), expected<cpu>(distributed, p));
  CHECK(std::abs(ask<cpu>("distribution_balanced", p).value - expected<cpu>(distributed, p).value) > 1e-3);
}

TEST_CASE("texts that name no objective are refused in one sentence") {
  struct row {
    std::string text, sentence;
  };
  std::string const names = "there are bce, focal, asymmetric, ";
  for (row const& r :
       {row{"huber", "no loss is named 'huber', " + names},
        row{"bce+huber:weight=1", "no loss is named 'huber', " + names},
        row{"bce:weight=-1", "bce: weight must be finite and >= 0, got -1"},
        row{"bce:weight=inf", "bce: weight must be finite and >= 0, got inf"},
        row{"bce:weight=nan", "bce: weight must be finite and >= 0, got nan"},
        row{"bce:weight=much", "bce: weight must be a number, got 'much'"},
        row{"bce:wait=1", "bce has no option 'wait', it has label_smoothing"},
        row{"zlpr:wait=1", "zlpr has no option 'wait', it takes none"},
        row{"soft_f1:average=mean", "average must be one of macro, micro, weighted, samples, got 'mean'"},
        row{"soft_f1:absent=running,average=samples",
            "soft_f1: running averages of counts need average macro or micro, got samples"},
        row{"soft:score=huber", "no score is named 'huber', there are precision"},
        row{"sigmoid_f1:slope=0", "sigmoid_f1: slope must be finite and > 0, got 0"}, row{"", "cannot read ''"},
        row{"bce+", "cannot read 'bce+'"}}) {
    INFO(r.text);
    context<cpu> ctx;
    auto const sentence = error_text<softf1::value_error>([&] { make_objective<double>(ctx, r.text, 2); });
    INFO(sentence);
    CHECK(sentence.starts_with(r.sentence));
  }
}

TEST_CASE("pos_weight that does not fit is refused") {
  context<cpu> ctx;
  CHECK(error_text<softf1::value_error>([&] {
          make_objective<double>(ctx, "soft_f1", 2, {{1, 2}});
        }) == "soft_f1: no loss of these takes pos_weight");
  auto const length = error_text<softf1::shape_error>([&] { make_objective<double>(ctx, "bce", 2, {{1, 2, 3}}); });
  INFO(length);
  CHECK(length.find("pos_weight") != length.npos);
  auto const sign = error_text<softf1::value_error>([&] { make_objective<double>(ctx, "bce", 2, {{1, -2}}); });
  INFO(sign);
  CHECK(sign.find("pos_weight") != sign.npos);
}

}  // namespace objective_tests
