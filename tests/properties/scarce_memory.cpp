// What runs out of memory says so and leaves its context as it was: typed over softf1::cuda alone, where
// SOFTF1_TEST_BACKENDS has it.
#include "support/scarce_memory.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <softf1/losses/objective.hpp>
#include <softf1/metrics/report.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/scores/all.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/loss_cases.hpp"

namespace scarce_memory_tests {

using namespace softf1_test;
using context = softf1::context<softf1::cuda>;
using work = std::function<std::vector<double>()>;

problem small() { return random_problem(700, 5, 3, {.masked = true, .weighted = true, .distinct = 200}); }

void append(std::vector<double>& to, std::vector<double> const& more) { to.insert(to.end(), more.begin(), more.end()); }

// The figures that are numbers.
std::vector<double> figures(softf1::classification_report const& report) {
  std::vector<double> all;
  auto const row = [&](softf1::metrics::report_row const& r) {
    for (double x : {r.precision, r.recall, r.f1, r.average_precision, r.roc_auc, r.trivial_f1})
      if (x == x) all.push_back(x);
  };
  for (auto const& r : {report.macro, report.micro, report.weighted, report.samples}) row(r);
  for (auto const& r : report.per_label) row(r);
  return all;
}

}  // namespace scarce_memory_tests

TEMPLATE_TEST_CASE("a loss that runs out of memory says so, and can be computed afterwards", "[properties][memory]",
                   softf1::cuda) {
  using namespace scarce_memory_tests;
  problem const p = small();
  for (auto const& loss : loss_cases<TestType>()) {
    INFO(loss.name);
    std::size_t const failures = check_scarce_memory([&](context& ctx) -> work {
      return [&] {
        auto graded = loss.grade(ctx, p, {});
        graded.gradient.push_back(graded.value);
        return graded.gradient;
      };
    });
    // Logits, targets, mask, weights, gradient, value and at least one state.
    CHECK((failures >= 7 && failures < 40));
  }
}

TEMPLATE_TEST_CASE("an objective that runs out of memory says so, and goes on afterwards", "[properties][memory]",
                   softf1::cuda) {
  using namespace scarce_memory_tests;
  problem const p = random_problem(700, 5, 3);
  std::size_t const failures = check_scarce_memory([&](context& ctx) -> work {
    using few = softf1::type_list<softf1::binary_cross_entropy, softf1::soft_f1, softf1::softmax_cross_entropy>;
    auto const loss =
        std::shared_ptr<softf1::losses::objective<float, TestType>>(softf1::losses::make_objective<float, few>(
            ctx, "bce:weight=0.3+soft_f1+softmax_cross_entropy:weight=2", p.cols));
    auto const data = std::make_shared<problem_on<TestType, float, float>>(ctx, p);
    return [&ctx, loss, data, shape = std::pair{p.rows, p.cols}] {
      matrix_on<float, TestType> gradient(ctx, shape.first, shape.second);
      softf1::buffer<double, TestType> value(ctx, 1);
      loss->value_and_gradient(ctx, data->scores(), data->targets(), value.view(), gradient.view());
      auto all = gradient.numbers(ctx);
      append(all, download(ctx, value));
      loss->value(ctx, data->scores(), data->targets(), value.view());
      append(all, download(ctx, value));
      return all;
    };
  });
  CHECK((failures >= 3 && failures < 40));
}

TEMPLATE_TEST_CASE("a report that runs out of memory says so, and can be made afterwards", "[properties][memory]",
                   softf1::cuda) {
  using namespace scarce_memory_tests;
  problem const p = small();
  std::size_t const failures = check_scarce_memory([&](context& ctx) -> work {
    return [&] {
      problem_on<TestType, float> const data(ctx, p);
      return figures(softf1::make_report(ctx, data.scores(), data.targets(),
                                         {.mask = data.mask(), .row_weights = data.weights()}));
    };
  });
  CHECK((failures >= 8 && failures < 60));
}

TEMPLATE_TEST_CASE("a search for thresholds that runs out of memory says so, and can be done afterwards",
                   "[properties][memory]", softf1::cuda) {
  using namespace scarce_memory_tests;
  problem const p = small();
  auto const check = [&](auto const& search) {
    std::size_t const failures = check_scarce_memory([&](context& ctx) -> work {
      return [&] {
        problem_on<TestType> const data(ctx, p);
        softf1::threshold_options<TestType> const options{.mask = data.mask(), .row_weights = data.weights()};
        return search(ctx, data.scores(), data.targets(), options);
      };
    });
    CHECK((failures >= 4 && failures < 40));
  };
  check([](context& ctx, auto scores, auto targets, auto const& options) {
    return softf1::best_thresholds(ctx, softf1::f1{}, scores, targets, options).thresholds;
  });
  // All others search rows that were read back.
  check([](context& ctx, auto scores, auto targets, auto const& options) {
    return std::get<softf1::threshold_set>(
               softf1::find_rule(ctx, softf1::thresholds::youden{}, softf1::f1{}, scores, targets, options))
        .thresholds;
  });
}

TEMPLATE_TEST_CASE("an optimizer that runs out of memory says so, and steps afterwards", "[properties][memory]",
                   softf1::cuda) {
  using namespace scarce_memory_tests;
  softf1::optimizers::all::for_each([&]<class Rule>() {
    INFO(Rule::name);
    std::size_t const failures = check_scarce_memory([&](context& ctx) -> work {
      return [&] {
        std::vector<double> const start(3000, 1), slopes(3000, 0.5);
        auto parameters = upload(ctx, start);
        auto const gradients = upload(ctx, slopes);
        softf1::optimizer<double, TestType> rule(ctx, Rule{}, start.size());
        for (int step = 0; step < 3; ++step) rule.step(ctx, parameters.view(), gradients.view(), 0.1);
        softf1::clip_by_norm(ctx, 1, parameters.view());
        return download(ctx, parameters);
      };
    });
    CHECK((failures >= 3 && failures < 20));
  });
}

#endif
