#include <softf1/optimizers/update.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <softf1/optimizers/all.hpp>

#include "optimizers/expectations.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace update_tests {

using namespace softf1_test;
using softf1::vector_view;

// As in tests/conformance/optimizer_expectations.py.
double gradient(std::size_t step, std::size_t k) { return (static_cast<double>((7 * step + 5 * k) % 11) - 5) / 4; }

std::vector<double> gradients(std::size_t step, std::size_t size) {
  std::vector<double> g(size);
  for (std::size_t k = 0; k < size; ++k) g[k] = gradient(step, k);
  return g;
}

softf1::update_rule rule_named(std::string_view text) {
  softf1::update_rule rule;
  softf1::with_named<softf1::optimizers::all>(softf1::parse_specs(text).at(0), "optimizer",
                                              [&](auto const& r) { rule = r; });
  return rule;
}

template <class T>
std::vector<T> as(std::vector<double> const& x) {
  return {x.begin(), x.end()};
}

// After `steps` steps from the parameters of the table, repeated to `size`.
template <class T, class B>
std::vector<T> after(softf1::context<B>& ctx, std::string_view rule, std::size_t steps, std::size_t size) {
  namespace e = optimizer_expectations;
  std::vector<T> start(size);
  for (std::size_t k = 0; k < size; ++k) start[k] = static_cast<T>(e::parameters[k % e::parameters.size()]);
  auto parameters = upload(ctx, start);
  softf1::optimizer<T, B> optimizer(ctx, rule_named(rule), size);
  for (std::size_t step = 1; step <= steps; ++step) {
    auto const g = upload(ctx, as<T>(gradients(step, size)));
    optimizer.step(ctx, parameters.view(), g.view(), e::learning_rates[step - 1]);
  }
  return download(ctx, parameters);
}

}  // namespace update_tests

TEMPLATE_TEST_CASE("update rules do what torch's do", "[optimizers]", SOFTF1_TEST_BACKENDS) {
  using namespace update_tests;
  namespace e = optimizer_expectations;
  softf1::context<TestType> ctx;
  for (auto const& [rule, rows] : e::expectations) {
    INFO(rule);
    REQUIRE(rows.size() == e::learning_rates.size());
    for (std::size_t step = 1; step <= rows.size(); ++step) {
      auto const in_double = after<double>(ctx, rule, step, e::parameters.size());
      auto const in_float = after<float>(ctx, rule, step, e::parameters.size());
      for (std::size_t k = 0; k < e::parameters.size(); ++k) {
        INFO("step " << step << ", parameter " << k);
        CHECK(in_double[k] == Approx(rows[step - 1][k]).epsilon(1e-13).margin(1e-14));
        CHECK(static_cast<double>(in_float[k]) == Approx(rows[step - 1][k]).epsilon(1e-5).margin(1e-5));
      }
    }
  }
}

TEST_CASE("the table of expectations has every rule", "[optimizers]") {
  namespace e = optimizer_expectations;
  softf1::optimizers::all::for_each([]<class Rule>() {
    bool found = false;
    for (auto const& c : e::expectations) found = found || c.rule == Rule::name;
    INFO(Rule::name);
    CHECK(found);
  });
}

TEST_CASE("update gives the same bits for any number of threads", "[optimizers]") {
  using namespace update_tests;
  softf1::context<> one({.threads = 1}), four({.threads = 4});
  for (auto const* rule : {"sgd", "sgd:momentum=0.9,nesterov=1", "adam", "adamw"})
    CHECK(after<float>(one, rule, 3, 50001) == after<float>(four, rule, 3, 50001));
}

TEMPLATE_TEST_CASE("an optimizer goes on from a checkpoint", "[optimizers]", SOFTF1_TEST_BACKENDS) {
  using namespace update_tests;
  softf1::context<TestType> ctx;
  for (auto const* name : {"sgd", "sgd:momentum=0.9", "adam", "adamw"}) {
    INFO(name);
    std::size_t const size = 5;
    auto straight = upload(ctx, std::vector<double>(size, 1)), resumed = upload(ctx, std::vector<double>(size, 1));
    using optimizer = softf1::optimizer<double, TestType>;
    optimizer a(ctx, rule_named(name), size), first(ctx, rule_named(name), size), second(ctx, rule_named(name), size);
    for (std::size_t step = 1; step <= 4; ++step) {
      auto const g = upload(ctx, gradients(step, size));
      a.step(ctx, straight.view(), g.view(), 0.1);
      if (step == 3) second.restore(ctx, std::as_const(first).state(), first.steps(ctx));
      (step < 3 ? first : second).step(ctx, resumed.view(), g.view(), 0.1);
    }
    CHECK(second.steps(ctx) == 4);
    CHECK(download(ctx, resumed) == download(ctx, straight));
  }
}

TEMPLATE_TEST_CASE("update runs from views alone, its clock among them", "[optimizers]", SOFTF1_TEST_BACKENDS) {
  using namespace update_tests;
  softf1::context<TestType> ctx;
  auto parameters = upload(ctx, std::vector<double>{1, 2}), state = upload(ctx, std::vector<double>(4));
  auto const g = upload(ctx, std::vector<double>{0.5, -1}), clock = upload(ctx, std::vector<double>{0.1, 1});
  softf1::optimizers::update(ctx, softf1::optimizers::adam{}, g.view(), state.matrix(2, 2), clock.view(),
                             parameters.view());
  // The first step of Adam has the length of the learning rate.
  auto const after_step = download(ctx, parameters), moments = download(ctx, state);
  CHECK(after_step[0] == Approx(0.9).epsilon(1e-7));
  CHECK(after_step[1] == Approx(2.1).epsilon(1e-7));
  CHECK(moments[0] == Approx(0.05));
  CHECK(moments[3] == Approx(0.001));
}

TEST_CASE("update refuses what does not fit", "[optimizers]") {
  using namespace update_tests;
  softf1::context<> ctx;
  std::vector<double> p(6), g(6), state(12), clock{0.1, 1};
  auto const run = [&](auto const& rule, std::size_t gradients, std::size_t slots, std::ptrdiff_t stride = 1) {
    return error_text<softf1::error>([&] {
      softf1::optimizers::update(ctx, rule, vector_view<double const>(g.data(), gradients),
                                 softf1::matrix_view<double>(state.data(), slots, 3),
                                 vector_view<double const>(clock.data(), 2),
                                 vector_view<double>(p.data(), {3}, {stride}));
    });
  };
  using namespace softf1::optimizers;
  CHECK(run(adam{}, 3, 2) == "nothing was thrown");
  CHECK(run(sgd{}, 3, 0) == "nothing was thrown");
  CHECK(run(adam{}, 2, 2) == "update: gradients must have shape (3,), got (2,)");
  CHECK(run(adam{}, 3, 1) == "update: state must have shape (2, 3), got (1, 3)");
  CHECK(run(adam{}, 3, 2, 2) ==
        "update: gradients, rows of state, clock and parameters must be dense, got one with gaps");
  CHECK(run(adam{.beta1 = 1}, 3, 2) == "adam: beta1 must be in [0, 1), got 1");
  CHECK(run(adam{.beta2 = -1}, 3, 2) == "adam: beta2 must be in [0, 1), got -1");
  CHECK(run(adamw{.epsilon = -1}, 3, 2) == "adamw: epsilon must be finite and >= 0, got -1");
  CHECK(run(adamw{.weight_decay = std::nan("")}, 3, 2) == "adamw: weight_decay must be finite and >= 0, got nan");
  CHECK(run(sgd{.momentum = 1}, 3, 1) == "sgd: momentum must be in [0, 1), got 1");
  CHECK(run(sgd{.nesterov = 1}, 3, 0) == "sgd: nesterov needs a momentum > 0, got 0");
  CHECK(run(sgd{.momentum = 0.5, .nesterov = 2}, 3, 1) == "sgd: nesterov must be 0 or 1, got 2");
  CHECK(run(sgd{.weight_decay = -1}, 3, 0) == "sgd: weight_decay must be finite and >= 0, got -1");
}

TEST_CASE("an optimizer refuses bad learning rates, lengths and states", "[optimizers]") {
  using namespace update_tests;
  softf1::context<> ctx;
  std::vector<double> p(3), g(3);
  softf1::optimizer<double> optimizer(ctx, softf1::optimizers::adam{}, 3);
  auto const step = [&](std::size_t size, double learning_rate) {
    return error_text<softf1::error>([&] {
      optimizer.step(ctx, vector_view<double>(p.data(), size), vector_view<double const>(g.data(), 3), learning_rate);
    });
  };
  CHECK(step(3, -1) == "optimizer: learning_rate must be finite and >= 0, got -1");
  CHECK(step(3, std::nan("")) == "optimizer: learning_rate must be finite and >= 0, got nan");
  CHECK(step(2, 0.1) == "optimizer: parameters must have shape (3,), got (2,)");
  CHECK(optimizer.steps(ctx) == 0);
  CHECK(error_text<softf1::error>([&] {
          optimizer.restore(ctx, softf1::matrix_view<double const>(g.data(), 1, 3), 1);
        }) == "optimizer: state must have shape (2, 3), got (1, 3)");
  CHECK(error_text<softf1::value_error>([&] {
          softf1::optimizer<double>(ctx, softf1::optimizers::sgd{.momentum = 2}, 3);
        }) == "sgd: momentum must be in [0, 1), got 2");
}
