// What scikit-learn and the definitions said of strategies (tests/conformance/threshold_expectations.json), replayed.
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <softf1/decisions/apply.hpp>
#include <softf1/io/npy.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/thresholds/all.hpp>
#include <softf1/thresholds/resampling.hpp>

#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/paths.hpp"

namespace threshold_conformance_test {

using nlohmann::json;
namespace thresholds = softf1::thresholds;
using rows = softf1::tuning_rows;

thresholds::objective_function objective(char const* name) { return softf1::scores::objective_named(name); }

/// The strategies of the file, by their names there.
std::map<std::string, std::function<softf1::decision_rule(rows const&)>> const& strategies() {
  auto const f1 = objective("f1");
  auto const by = [&](auto const& strategy) {
    return [strategy, f1](rows const& r) -> softf1::decision_rule { return strategy(r, f1); };
  };
  static std::map<std::string, std::function<softf1::decision_rule(rows const&)>> const all{
      {"best", by(thresholds::best{})},
      {"best f_beta:beta=2",
       [f2 = objective("f_beta:beta=2")](rows const& r) -> softf1::decision_rule { return thresholds::best{}(r, f2); }},
      {"youden", by(thresholds::youden{})},
      {"roc_corner", by(thresholds::roc_corner{})},
      {"equal_error", by(thresholds::equal_error{})},
      {"scutfbr0", by(thresholds::scutfbr0{.fbr = 0.6})},
      {"scutfbr1", by(thresholds::scutfbr1{.fbr = 0.6})},
      {"cost", by(thresholds::cost{2, 5})},
      {"pcut_label", by(thresholds::pcut_label{})},
      {"global", by(thresholds::global{})},
      {"pcut", by(thresholds::pcut{})},
      {"f_star", by(thresholds::f_star{})},
      {"ofo", by(thresholds::ofo{})},
      {"label_free", by(thresholds::label_free{})},
      {"rcut:k=2", by(thresholds::rcut{.k = 2})},
      {"rcut", by(thresholds::rcut{})},
      {"mcut", by(thresholds::mcut{})},
      {"metalabeler", by(thresholds::metalabeler{})},
      {"expected_f", by(thresholds::expected_f{})}};
  return all;
}

/// Where what was accepted differs from the (tp, fp) of each label.
std::string wrong_counts(json const& expected, rows const& r, softf1::threshold_set const& set) {
  auto const counts = thresholds::counts_under(r, set);
  std::string wrong;
  for (std::size_t j = 0; j < expected.size(); ++j)
    if (!expected[j].is_null() && (counts[j].tp != expected[j][0] || counts[j].fp != expected[j][1]))
      wrong += "label " + std::to_string(j) + ": " + std::to_string(counts[j].tp) + ", " +
               std::to_string(counts[j].fp) + ", not " + expected[j].dump() + " ";
  return wrong;
}

std::string wrong_probabilities(json const& expected, softf1::threshold_set const& set) {
  std::string wrong;
  for (std::size_t j = 0; j < expected.size(); ++j) {
    if (expected[j].is_null()) continue;
    double const got = softf1::decisions::to_probability(set.thresholds[j], set.domain);
    if (!(std::fabs(got - expected[j].get<double>()) <= 1e-10))
      wrong += "label " + std::to_string(j) + ": " + std::to_string(got) + ", not " + expected[j].dump() + " ";
  }
  return wrong;
}

std::string wrong_rows(json const& expected, std::vector<std::uint8_t> const& decided) {
  std::string wrong;
  std::size_t const labels = decided.size() / expected.size();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].is_null()) continue;
    std::string got;
    for (std::size_t j = 0; j < labels; ++j) got += decided[i * labels + j] ? '1' : '0';
    if (got != expected[i]) wrong += "row " + std::to_string(i) + ": " + got + ", not " + expected[i].dump() + " ";
  }
  return wrong;
}

/// The answer of a strategy is one of accepts, probabilities, rows.
std::string wrong(json const& expected, rows const& r, softf1::decision_rule const& rule,
                  std::vector<std::uint8_t> const& decided) {
  if (expected.contains("rows")) return wrong_rows(expected["rows"], decided);
  auto const& set = std::get<softf1::threshold_set>(rule);
  if (expected.contains("probabilities")) return wrong_probabilities(expected["probabilities"], set);
  return wrong_counts(expected.at("accepts"), r, set);
}

}  // namespace threshold_conformance_test

TEST_CASE("strategies find what scikit-learn and their definitions do", "[thresholds][conformance]") {
  using namespace threshold_conformance_test;
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "threshold_expectations.json");
  auto const cases = json::parse(file).at("cases");
  REQUIRE(cases.size() >= 40);
  softf1::context<> ctx;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    auto const& one = cases[k];
    std::size_t const n = one["shape"][0], labels = one["shape"][1];
    auto const scores = one["scores"].get<std::vector<double>>();
    auto const targets = one["targets"].get<std::vector<std::uint8_t>>();
    auto const weights = one.value("weights", std::vector<double>());
    auto const mask = one.value("mask", std::vector<std::uint8_t>());
    auto const z = softf1::as_matrix(scores, n, labels);
    softf1::threshold_options<> o{.domain = one["logits"].get<bool>() ? softf1::logit : softf1::probability};
    if (!mask.empty()) o.mask = softf1::as_matrix(mask, n, labels);
    if (!weights.empty()) o.row_weights = weights;
    rows const r(ctx, z, softf1::as_matrix(targets, n, labels), o);
    for (auto const& [name, expected] : one["expected"].items()) {
      INFO("case " << k << ", " << name);
      auto const rule = strategies().at(name)(r);
      std::vector<std::uint8_t> decided(n * labels);
      if (expected.contains("rows"))
        softf1::decide(ctx, z, rule, softf1::as_matrix(decided, n, labels), {.domain = o.domain});
      CHECK(wrong(expected, r, rule, decided) == "");
    }
  }
}

TEST_CASE("strategies find what scikit-learn and their definitions do on real test sets",
          "[thresholds][conformance][data]") {
  using namespace threshold_conformance_test;
  auto const folder = softf1_test::data("golden_metrics");
  if (!folder) SOFTF1_SKIP("no data folder golden_metrics");
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "threshold_expectations.json");
  softf1::context<> ctx;
  for (auto const& [set, answers] : json::parse(file).at("golden").items()) {
    auto const scores = softf1::read_npy((*folder / (set + "_y_prob_f32.npy")).string());
    auto const targets = softf1::read_npy((*folder / (set + "_y_true_u8.npy")).string());
    rows const r(ctx, scores.view<float>(), targets.view<std::uint8_t>(),
                 softf1::threshold_options<>{.domain = softf1::probability});
    for (auto const& [name, expected] : answers.items()) {
      INFO(set << ", " << name);
      CHECK(wrong(expected, r, strategies().at(name)(r), {}) == "");
    }
  }
}
