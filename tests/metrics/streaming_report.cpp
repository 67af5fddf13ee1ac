#include <softf1/metrics/streaming_report.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace streaming_report_tests {

using namespace softf1_test;
using softf1::streaming_report;
using softf1::streaming_report_options;

softf1::row_ranking_options<softf1::cpu> of(problem_on<softf1::cpu> const& data) {
  return {data.mask(), data.weights()};
}

streaming_report report_of(problem const& p, streaming_report_options const& options = {}) {
  softf1::context<softf1::cpu> ctx;
  problem_on<softf1::cpu> const data(ctx, p);
  streaming_report report(options);
  report.add(ctx, data.scores(), data.targets(), of(data));
  return report;
}

/// The rows in parts, merged in another order.
streaming_report merged(problem const& p, streaming_report_options const& options, std::uint64_t seed) {
  auto const parts = random_partition(p.rows, 4, seed);
  streaming_report whole(options);
  for (std::size_t k : {2u, 0u, 3u, 1u}) whole.merge(report_of(take_rows(p, parts[k]), options));
  return whole;
}

struct field {
  std::string name;
  std::vector<double> values;
};

std::vector<field> state_of(streaming_report const& report) {
  std::vector<field> all;
  streaming_report::each_field(report, [&](std::string_view name, auto const& values) {
    all.push_back({std::string(name), {values.begin(), values.end()}});
  });
  return all;
}

/// Counts, bins and options to the bit, sums of doubles to rounding.
void check_same(streaming_report const& a, streaming_report const& b, bool exact_counts) {
  auto const x = state_of(a), y = state_of(b);
  REQUIRE(x.size() == y.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    INFO(x[k].name);
    CHECK(x[k].name == y[k].name);
    bool const rounds = x[k].name.ends_with("sums") || x[k].name.ends_with("weights") || !exact_counts;
    REQUIRE(x[k].values.size() == y[k].values.size());
    bool same = true;
    for (std::size_t i = 0; i < x[k].values.size(); ++i)
      same = same && same_number(x[k].values[i], y[k].values[i], rounds ? 1e-12 * (1 + std::fabs(x[k].values[i])) : 0);
    CHECK(same);
  }
}

void check_row(softf1::metrics::report_row const& got, softf1::metrics::report_row const& expected) {
  CHECK(same_number(got.precision, expected.precision, 1e-12));
  CHECK(same_number(got.recall, expected.recall, 1e-12));
  CHECK(same_number(got.f1, expected.f1, 1e-12));
  CHECK(same_number(got.trivial_f1, expected.trivial_f1, 1e-12));
}

void check_bound(softf1::bounded const& got, double exact) {
  CHECK(std::isnan(got.value) == std::isnan(exact));
  if (std::isnan(exact)) return;
  CHECK(got.lower <= exact + 1e-12);
  CHECK(got.upper >= exact - 1e-12);
  CHECK(got.error() < 0.2);
}

/// The best F2 of a label over all thresholds; `zero` where it is undefined.
double best_f2(problem const& p, std::size_t j, double zero) {
  double best = -1;
  for (std::size_t i = 0; i <= p.rows; ++i) {
    std::vector<double> const at(p.cols, i < p.rows ? p.scores[p.at(i, j)] : HUGE_VAL);
    best = std::max(best, softf1::metrics::defined_score(softf1::f_beta{2}, label_counts(p, at)[j], zero));
  }
  return best;
}

/// What an edge of the sketch reaches, and what no threshold can exceed.
void check_best(softf1::metrics::best_edge const& got, double exact) {
  if (std::isnan(got.score.value)) return;
  CHECK(got.score.value <= exact + 1e-12);
  CHECK(got.score.upper >= exact - 1e-12);
  CHECK(got.score.error() < 0.2);
}

}  // namespace streaming_report_tests

TEST_CASE("a streaming report is the full report, but for a sketch's AP and AUROC, which lie in their bounds") {
  using namespace streaming_report_tests;
  softf1::context<softf1::cpu> ctx;
  softf1::threshold_set const set{{-0.5, 0, 0.5}};
  std::vector<softf1::decision_rule> const rules{softf1::probability_threshold{0.4},
                                                 set,
                                                 softf1::top_k{2},
                                                 softf1::largest_gap{},
                                                 softf1::expected_f{2, {1, 3, 1, 0}},
                                                 softf1::argmax{},
                                                 softf1::predicted_size{{0.5, 1}, 1, 2},
                                                 softf1::weighted_top_k{1, {1, 2, 1}, {0, 0, 0.5}}};
  for (std::uint64_t seed = 0; seed < 9; ++seed) {
    problem p = random_problem(
        70, 3, seed,
        {.masked = seed % 2 == 1, .weighted = seed % 4 > 1, .prevalence = 0.3, .distinct = seed < 4 ? 12u : 0u});
    if (seed == 5 || seed == 6)
      for (std::size_t i = 0; i < p.rows; ++i) p.targets[p.at(i, 2)] = 0;  // a label without positives
    if (seed == 8) p.mask.assign(p.scores.size(), 0);
    problem_on<softf1::cpu> const data(ctx, p);
    auto const rule = rules[seed % rules.size()];
    double const zero = seed == 6 ? nan_value : seed == 7 ? 1 : 0;
    std::vector<std::string> const names{"a", "b", "c"};
    auto const exact = softf1::make_full_report(
        ctx, data.scores(), data.targets(),
        {.decision = rule, .mask = data.mask(), .row_weights = data.weights(), .zero_division = zero}, names,
        {.at_k = {1, 2}, .probability_bins = 5, .groups = {{"ends", {0, 2}}}});
    streaming_report_options const options{.decision = rule,
                                           .zero_division = zero,
                                           .beta = 2,
                                           .sketch_bins = 256,
                                           .probability_bins = 5,
                                           .at_k = {1, 2},
                                           .label_names = names};
    auto const whole = report_of(p, options);
    check_same(merged(p, options, seed), whole, p.weights.empty());
    for (auto const& got : {whole.compute({{"ends", {0, 2}}}), merged(p, options, seed).compute({{"ends", {0, 2}}})}) {
      CHECK(got.rows == 70);
      check_row(got.macro, exact.macro);
      check_row(got.micro, exact.micro);
      check_row(got.weighted, exact.weighted);
      check_row(got.samples, exact.samples);
      CHECK(same_number(got.samples.average_precision, exact.samples.average_precision, 1e-12));
      CHECK(same_number(got.subset_accuracy, exact.subset_accuracy, 1e-12));
      CHECK(same_number(got.hamming_loss, exact.hamming_loss, 1e-12));
      CHECK(got.without_roc_auc == exact.without_roc_auc);
      CHECK(got.without_cells == exact.without_cells);
      CHECK(got.remarks == exact.remarks);
      CHECK(same_number(got.probabilities.brier().mean, exact.probabilities.brier().mean, 1e-12));
      CHECK(same_number(got.at_k[1].ndcg, exact.at_k[1].ndcg, 1e-12));
      CHECK(same_number(got.sets.jaccard, exact.sets.jaccard, 1e-12));
      REQUIRE(got.scores.size() == exact.scores.size());
      for (std::size_t k = 0; k < got.scores.size(); ++k) {
        INFO(got.scores[k].name);
        CHECK(same_number(got.scores[k].macro, exact.scores[k].macro, 1e-12));
        CHECK(same_number(got.scores[k].samples, exact.scores[k].samples, 1e-12));
      }
      check_bound(got.macro_bounds.average_precision, exact.macro.average_precision);
      check_bound(got.macro_bounds.roc_auc, exact.macro.roc_auc);
      check_bound(got.micro_bounds.average_precision, exact.micro.average_precision);
      check_bound(got.weighted_bounds.roc_auc, exact.weighted.roc_auc);
      check_bound(got.group_bounds[0].average_precision, exact.groups[0].average_precision);
      CHECK(same_number(got.macro.average_precision, got.macro_bounds.average_precision.value, 0));
      CHECK(same_number(got.micro.roc_auc, got.micro_bounds.roc_auc.value, 0));
      softf1::metrics::defined_mean best;
      for (std::size_t j = 0; j < 3; ++j) {
        auto const& label = got.per_label[j];
        CHECK(label.name == names[j]);
        check_row(label, exact.per_label[j]);
        check_bound(got.label_bounds[j].average_precision, exact.per_label[j].average_precision);
        check_bound(got.label_bounds[j].roc_auc, exact.per_label[j].roc_auc);
        best.add(got.best_f_beta[j].score.value);
        check_best(got.best_f_beta[j], best_f2(p, j, std::isnan(zero) ? 0 : zero));
      }
      CHECK(same_number(got.macro_best_f_beta.value, best.value(), 1e-12));
      CHECK(std::isnan(got.best_f_beta[2].score.value) == (seed == 6 || seed == 8));
    }
  }
}

TEST_CASE("a streaming report takes nothing of what it refuses") {
  using namespace streaming_report_tests;
  problem const p = random_problem(10, 2, 1, {.spread = 0.4});
  auto const error = [&](streaming_report report, auto const& change) {
    auto const before = state_of(report);
    auto const text = error_text<softf1::error>([&] { change(report); });
    auto const after = state_of(report);
    for (std::size_t k = 0; k < before.size(); ++k) CHECK(before[k].values == after[k].values);
    return text;
  };
  streaming_report_options const options{.domain = softf1::probability, .label_names = {"a", "b"}};
  problem shares = p;
  for (double& s : shares.scores) s += 0.5;
  auto const good = report_of(shares, options);
  softf1::context<softf1::cpu> ctx;
  auto const add = [&](problem const& other) {
    return error(good, [&](streaming_report& report) {
      problem_on<softf1::cpu> const data(ctx, other);
      report.add(ctx, data.scores(), data.targets(), of(data));
    });
  };
  problem bad = shares;
  bad.scores[5] = 1.5;
  CHECK(add(bad) == "streaming_report: probabilities must lie in [0, 1], got 1.5 at row 2, label 1");
  bad = shares;
  bad.weights.assign(10, 1e12);
  CHECK(add(bad) == "streaming_report: the weights of all cells must add up to less than 2^42");
  CHECK(add(take_cols(shares, {0})) == "streaming_report: label names must have shape (1,), got (2,)");

  auto const merge = [&](auto const& change) {
    auto other = options;
    change(other);
    return error(good, [&](streaming_report& report) { report.merge(streaming_report(other)); });
  };
  std::string const must = "streaming_report: merged reports must have the same ";
  CHECK(merge([](auto& o) { o.domain = softf1::logit; }) == must + "domain, got probability and logit");
  CHECK(merge([](auto& o) { o.decision = softf1::probability_threshold{0.4}; }) == must + "decision rule");
  CHECK(merge([](auto& o) { o.decision = softf1::top_k{1}; }) == must + "decision rule");
  CHECK(merge([](auto& o) { o.zero_division = nan_value; }) == must + "zero_division, got 0 and nan");
  CHECK(merge([](auto& o) { o.beta = 2; }) == must + "beta, got 1 and 2");
  CHECK(merge([](auto& o) { o.sketch_bins = 64; }) == must + "sketch_bins, got 4096 and 64");
  CHECK(merge([](auto& o) { o.probability_bins = 10; }) == must + "probability_bins, got 15 and 10");
  CHECK(merge([](auto& o) { o.at_k = {1}; }) == must + "at_k");
  CHECK(merge([](auto& o) { o.label_names = {}; }) == must + "number of label names, got 2 and 0");
  CHECK(merge([](auto& o) { o.label_names = {"a", "c"}; }) == must + "label_names, label 1 is 'b' and 'c'");
  CHECK(merge([](auto&) {}) == "nothing was thrown");
  CHECK(error_text<softf1::shape_error>([&] { report_of(p).merge(report_of(take_cols(p, {0}))); }) ==
        "streaming_report: merged report must have shape (2,), got (1,)");
  CHECK(error_text<softf1::value_error>([] { streaming_report({.beta = -1}); }) ==
        "f_beta: beta must be finite and >= 0, got -1");
  CHECK(error_text<softf1::value_error>([] {
          streaming_report({.decision = softf1::threshold_set{{0.5}, softf1::probability}});
        }) == "streaming_report: the decision rule is for probability scores, the scores are of domain logit");
}

TEST_CASE(
    "a streaming report says from which share on scores are saturated, and refuses weights that a sketch rounds away") {
  using namespace streaming_report_tests;
  problem p = random_problem(20, 1, 1);
  for (std::size_t i = 0; i < 20; ++i) p.scores[i] = i < 5 ? 0.0 : 0.5 + 0.01 * static_cast<double>(i);
  auto const report = report_of(p, {.domain = softf1::probability});
  auto const saturated = [&](double share) {
    std::size_t n = 0;
    for (auto const& r : report.compute({}, share).remarks)
      n += r.condition == softf1::metrics::label_condition::saturated;
    return n;
  };
  CHECK(saturated(0.2) == 1);
  CHECK(saturated(0.3) == 0);
  CHECK(report.compute().remarks == report.compute({}, 0.999).remarks);
  p.weights.assign(20, 1);
  p.weights[7] = 1e-4;
  CHECK(error_text<softf1::value_error>([&] {
          report_of(p, {.domain = softf1::probability});
        }).starts_with("streaming_report: row weights must be 0 or at least "));
}

TEST_CASE("a streaming report of nothing is undefined, and one of parts without rows as if they were not there") {
  using namespace streaming_report_tests;
  auto const empty = streaming_report().compute();
  CHECK((empty.rows == 0 && empty.per_label.empty() && std::isnan(empty.macro.average_precision)));
  CHECK((std::isnan(empty.samples.f1) && std::isnan(empty.macro.f1)));
  problem const p = random_problem(20, 2, 3);
  auto report = report_of(take_rows(p, {}));
  report.merge(report_of(p));
  report.merge(streaming_report());
  check_same(report, report_of(p), true);
  CHECK(std::isnan(report_of(take_rows(p, {})).compute().macro_best_f_beta.value));
}
