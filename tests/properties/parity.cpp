// The device says what the host says: every loss, score, ranking metric, strategy and update rule, from their lists.
#include "support/backends.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/decisions/apply.hpp>
#include <softf1/decisions/probabilities.hpp>
#include <softf1/losses/objective.hpp>
#include <softf1/metrics/classification.hpp>
#include <softf1/metrics/report.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/catch.hpp"
#include "support/loss_cases.hpp"
#include "support/parity.hpp"

namespace parity_tests {

using namespace softf1_test;
using softf1::context;
using softf1::cpu;
using softf1::cuda;

struct named_problem {
  std::string name;
  problem data;
};

// Sizes around those of chunks, merges and vectors; edges.
std::vector<named_problem> problems() {
  std::vector<named_problem> all{
      {"few rows", random_problem(7, 5, 1)},
      {"ties", random_problem(513, 3, 2, {.distinct = 9})},
      {"ties, mask and weights", random_problem(301, 4, 3, {.masked = true, .weighted = true, .distinct = 40})},
      {"one label", random_problem(1000, 1, 4, {.masked = true})},
      {"one row", random_problem(1, 70, 5)},
      {"64 rows", random_problem(64, 3, 14, {.weighted = true})},
      {"65 rows", random_problem(65, 3, 15, {.weighted = true})},
      {"many labels", random_problem(130, 67, 6, {.prevalence = 0.1})},
      {"no rows", random_problem(0, 3, 7)},
      {"no positives", random_problem(40, 3, 8, {.prevalence = 0})},
      {"all positives", random_problem(40, 3, 9, {.prevalence = 1.1})},
      {"equal scores", constant_problem(200, 2, 0.25, 1)},
      // Chunks of 256 rows are merged 64 at a time.
      {"more rows than are merged at once", random_problem(64 * 256 + 77, 2, 10, {.masked = true, .weighted = true})}};
  all.push_back({"nothing present", random_problem(20, 3, 11)});
  all.back().data.mask.assign(60, 0);
  all.push_back({"weights of 0", random_problem(20, 3, 12)});
  all.back().data.weights.assign(20, 0);
  return all;
}

void append(std::vector<double>& to, std::vector<double> const& more) { to.insert(to.end(), more.begin(), more.end()); }

// What a report says, but for what is counted.
std::vector<double> figures(softf1::classification_report const& report) {
  std::vector<double> all{report.hamming_loss, report.subset_accuracy};
  auto const row = [&](softf1::metrics::report_row const& r) {
    append(all, {r.precision, r.recall, r.f1, r.average_precision, r.roc_auc, r.trivial_f1});
  };
  for (auto const& r : {report.macro, report.micro, report.weighted, report.samples}) row(r);
  for (auto const& r : report.per_label) row(r);
  return all;
}

// What it counts.
std::vector<double> counted(softf1::classification_report const& report) {
  std::vector<double> all{static_cast<double>(report.rows), static_cast<double>(report.without_average_precision),
                          static_cast<double>(report.without_roc_auc)};
  for (auto const& r : report.per_label) append(all, {r.counts.tp, r.counts.fp, r.counts.fn, r.counts.tn, r.threshold});
  return all;
}

// Rules for the decisions of L labels: thresholds that scores meet exactly, and infinite ones, among them.
std::vector<softf1::decision_rule> rules(problem const& p) {
  softf1::threshold_set set;
  for (std::size_t j = 0; j < p.cols; ++j)
    set.thresholds.push_back(j % 4 == 2    ? HUGE_VAL
                             : j % 4 == 3  ? -HUGE_VAL
                             : p.rows == 0 ? 0
                                           : p.scores[p.at(p.rows / 2, j)]);
  std::vector<softf1::decision_rule> all{softf1::probability_threshold{0.3}, set};
  if (p.cols > 0) all.push_back(softf1::top_k{2});
  all.push_back(softf1::expected_f{2});
  all.push_back(softf1::predicted_size{{0.3, 0.5, 0.2}, 0, 5});
  all.push_back(softf1::weighted_top_k{3, std::vector<double>(p.cols, 1.5), std::vector<double>(p.cols, -0.1)});
  return all;
}

template <class S, class B>
softf1::metric_options<B> options_of(problem_on<B, S> const& data, softf1::decision_rule const& rule) {
  return {.decision = rule, .mask = data.mask(), .row_weights = data.weights()};
}

// All averages of a score, and its labels'.
template <class B>
std::vector<double> averages(softf1::any_score const& score, context<B>& ctx, problem_on<B, float> const& data,
                             softf1::decision_rule const& rule) {
  auto const o = options_of(data, rule);
  auto all = softf1::per_label(ctx, score, data.scores(), data.targets(), o);
  all.push_back(softf1::macro(ctx, score, data.scores(), data.targets(), o));
  all.push_back(softf1::micro(ctx, score, data.scores(), data.targets(), o));
  all.push_back(softf1::weighted(ctx, score, data.scores(), data.targets(), o));
  return all;
}

// No thresholds where the strategy gives a rule of whole rows.
template <class S, class B, class Strategy>
softf1::threshold_set searched(context<B>& ctx, Strategy const& strategy, problem const& p) {
  problem_on<B, S> const data(ctx, p);
  auto const rule = softf1::find_rule(ctx, strategy, softf1::f1{}, data.scores(), data.targets(),
                                      softf1::threshold_options<B>{.mask = data.mask(), .row_weights = data.weights()});
  auto const* const set = std::get_if<softf1::threshold_set>(&rule);
  return set ? *set : softf1::threshold_set{};
}

// Parameters and state after some steps of a rule.
template <class T, class Rule, class B>
std::vector<T> stepped(context<B>& ctx, Rule const& rule, std::size_t size) {
  softf1::random_stream const random(3);
  std::vector<T> start(size), slopes(size);
  for (std::size_t k = 0; k < size; ++k) start[k] = static_cast<T>(2 * random.uniform(k) - 1);
  auto parameters = upload(ctx, start);
  softf1::optimizer<T, B> optimizer(ctx, rule, size);
  for (std::uint64_t step = 1; step <= 7; ++step) {
    for (std::size_t k = 0; k < size; ++k)
      slopes[k] = k % 11 == step ? T(0) : static_cast<T>(2 * random.uniform(step * size + k) - 1);
    auto const gradients = upload(ctx, slopes);
    optimizer.step(ctx, parameters.view(), gradients.view(), 0.1 / static_cast<double>(step));
  }
  auto all = download(ctx, parameters);
  auto const state = optimizer.state();
  auto const more = download(ctx, softf1::vector_view<T, B>(state.data(), state.size()));
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Default options, and others where the rule has a momentum.
template <class Rule>
std::vector<Rule> variants() {
  std::vector<Rule> all{Rule{}};
  Rule decayed;
  decayed.weight_decay = 0.02;
  all.push_back(decayed);
  if constexpr (requires(Rule r) { r.momentum; }) {
    decayed.momentum = 0.9;
    all.push_back(decayed);
  }
  if constexpr (requires(Rule r) { r.nesterov; }) {
    decayed.nesterov = 1;
    all.push_back(decayed);
  }
  return all;
}

}  // namespace parity_tests

TEMPLATE_TEST_CASE("losses and their gradients are those of the host", "[properties][parity]", softf1::cuda) {
  using namespace parity_tests;
  using softf1::loss_reduction;
  context<cpu> host;
  context<TestType> ctx;
  auto all = problems();
  all.push_back({"soft targets", random_problem(333, 6, 13, {.masked = true, .weighted = true, .soft_targets = true})});
  auto const expected = loss_cases<cpu, TestType>();
  auto const got = loss_cases<TestType>();
  for (std::size_t k = 0; k < got.size(); ++k)
    for (auto const& [name, p] : all)
      for (auto reduction : {loss_reduction::mean, loss_reduction::sum}) {
        if (got[k].of_pairs && p.rows > 2000) continue;
        INFO(got[k].name << ", " << name << ", reduction " << static_cast<int>(reduction));
        auto const check = [&](graded const& a, graded const& b, double value, double gradient) {
          CHECK(disparity(a.value, b.value) <= value);
          CHECK(disparity(a.gradient, b.gradient) <= gradient);
        };
        grade_options const o{.reduction = reduction};
        check(got[k].grade(ctx, p, o), expected[k].grade(host, p, o), parity_tolerance<double>,
              parity_tolerance<double>);
        // Targets of uint8 and bool.
        if (name == "soft targets") continue;
        if (got[k].grade_float)
          check(got[k].grade_float(ctx, p, o), expected[k].grade_float(host, p, o), parity_tolerance<float>,
                parity_tolerance<float>);
        if (got[k].grade_half)
          check(got[k].grade_half(ctx, p, o), expected[k].grade_half(host, p, o), parity_tolerance<float>,
                parity_tolerance<softf1::bfloat16>);
      }
}

TEMPLATE_TEST_CASE("the loss of a union of batches is that of the host", "[properties][parity]", softf1::cuda) {
  using namespace parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  problem const p = random_problem(700, 5, 21, {.masked = true, .weighted = true});
  std::vector<problem> batches;
  for (auto const& rows : random_partition(p.rows, 4, 22)) batches.push_back(take_rows(p, rows));
  auto const expected = loss_cases<cpu, TestType>();
  auto const got = loss_cases<TestType>();
  for (std::size_t k = 0; k < got.size(); ++k)
    for (auto how : {union_of::added, union_of::merged, union_of::ranks}) {
      INFO(got[k].name);
      auto const a = got[k].grade_union(ctx, batches, how), b = expected[k].grade_union(host, batches, how);
      CHECK(disparity(a.value, b.value) <= parity_tolerance<double>);
      CHECK(disparity(a.gradient, b.gradient) <= parity_tolerance<double>);
    }
}

TEMPLATE_TEST_CASE("scores of decisions are those of the host, to the bit where they are of whole counts",
                   "[properties][parity]", softf1::cuda) {
  using namespace parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  for (auto const& [name, p] : problems()) {
    problem_on<cpu, float> const here(host, p);
    problem_on<TestType, float> const there(ctx, p);
    double const tolerance = p.weights.empty() ? 0 : parity_tolerance<double>;
    for (auto const& rule : rules(p))
      for (auto const& score : softf1::every_score()) {
        INFO(score.name() << ", " << name << ", rule " << rule.index());
        CHECK(disparity(averages(score, ctx, there, rule), averages(score, host, here, rule)) <= tolerance);
        double const rows = softf1::samples(ctx, score, there.scores(), there.targets(), options_of(there, rule));
        CHECK(disparity(rows, softf1::samples(host, score, here.scores(), here.targets(), options_of(here, rule))) <=
              parity_tolerance<double>);
      }
  }
}

TEMPLATE_TEST_CASE("reports are those of the host", "[properties][parity]", softf1::cuda) {
  using namespace parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  for (auto const& [name, p] : problems())
    for (auto const& rule : rules(p)) {
      INFO(name << ", rule " << rule.index());
      auto const check = [&]<class S>(S) {
        problem_on<cpu, S> const here(host, p);
        problem_on<TestType, S> const there(ctx, p);
        auto const expected = softf1::make_report(host, here.scores(), here.targets(), options_of(here, rule));
        auto const got = softf1::make_report(ctx, there.scores(), there.targets(), options_of(there, rule));
        // Weights are quarters, so that their sums are exact, too.
        CHECK(are_same(counted(got), counted(expected)));
        CHECK(disparity(figures(got), figures(expected)) <= parity_tolerance<double>);
      };
      check(0.0);
      check(softf1::half());
    }
}

TEMPLATE_TEST_CASE("every strategy finds the thresholds of the host, to the bit", "[properties][parity]",
                   softf1::cuda) {
  using namespace parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  softf1::thresholds::all::for_each([&]<class Strategy>() {
    for (auto const& [name, p] : problems()) {
      INFO(Strategy::name << ", " << name);
      auto const got = searched<float>(ctx, Strategy{}, p), expected = searched<float>(host, Strategy{}, p);
      CHECK(got.thresholds == expected.thresholds);
      CHECK(got.reasons == expected.reasons);
      CHECK(searched<double>(ctx, Strategy{}, p).thresholds == searched<double>(host, Strategy{}, p).thresholds);
    }
  });
}

TEMPLATE_TEST_CASE("decisions are those of the host, probabilities up to rounding", "[properties][parity]",
                   softf1::cuda) {
  using namespace parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  for (auto const& [name, p] : problems()) {
    INFO(name);
    problem_on<cpu, float> const here(host, p);
    problem_on<TestType, float> const there(ctx, p);
    for (auto const& rule : rules(p)) {
      matrix_on<std::uint8_t, cpu> expected(host, p.rows, p.cols);
      matrix_on<std::uint8_t, TestType> got(ctx, p.rows, p.cols);
      softf1::decide(host, here.scores(), rule, expected.view());
      softf1::decide(ctx, there.scores(), rule, got.view());
      CHECK(got.numbers(ctx) == expected.numbers(host));
    }
    matrix_on<float, cpu> expected(host, p.rows, p.cols);
    matrix_on<float, TestType> got(ctx, p.rows, p.cols);
    softf1::sigmoid(host, here.scores(), expected.view());
    softf1::sigmoid(ctx, there.scores(), got.view());
    CHECK(disparity(got.numbers(ctx), expected.numbers(host)) <= parity_tolerance<float>);
    softf1::softmax(host, here.scores(), expected.view());
    softf1::softmax(ctx, there.scores(), got.view());
    CHECK(disparity(got.numbers(ctx), expected.numbers(host)) <= parity_tolerance<float>);
  }
}

TEMPLATE_TEST_CASE("update rules step as on the host", "[properties][parity]", softf1::cuda) {
  using namespace parity_tests;
  context<cpu> host;
  context<TestType> ctx;
  softf1::optimizers::all::for_each([&]<class Rule>() {
    for (auto const& rule : variants<Rule>())
      for (std::size_t size : sizes{0, 1, 5, 10007}) {
        INFO(Rule::name << ", " << size << " parameters");
        CHECK(disparity(stepped<double>(ctx, rule, size), stepped<double>(host, rule, size)) <=
              parity_tolerance<double>);
        CHECK(disparity(stepped<float>(ctx, rule, size), stepped<float>(host, rule, size)) <= parity_tolerance<float>);
      }
  });
}

#endif
