// What scikit-learn and the definitions said of all metrics (tests/conformance/metric_expectations.json), replayed.
#include <cmath>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "conformance/metric_answers.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

namespace metric_conformance_test {

using nlohmann::json;

metric_answers::numbers numbers(json const& one, char const* name) {
  return one.contains(name) ? one.at(name).get<metric_answers::numbers>() : metric_answers::numbers();
}

metric_answers::metric_case case_of(json const& one) {
  metric_answers::metric_case c{
      .rows = one.at("shape").at(0), .cols = one.at("shape").at(1), .logits = one.at("logits")};
  c.scores = numbers(one, "scores"), c.targets = numbers(one, "targets");
  c.weights = numbers(one, "weights"), c.thresholds = numbers(one, "thresholds");
  for (double present : numbers(one, "mask")) c.mask.push_back(present != 0 ? 1 : 0);
  return c;
}

/// A number, null for NaN, "inf", or "?" for one that no peer defines.
bool same(double got, json const& expected) {
  if (expected.is_null()) return std::isnan(got);
  if (expected.is_string()) return expected != "inf" || got == softf1::infinity<double>();
  double const x = expected.get<double>();
  return std::abs(got - x) <= 1e-10 * std::fmax(1, std::abs(x));
}

TEST_CASE("all metrics agree with scikit-learn and their definitions", "[metrics][conformance]") {
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "metric_expectations.json");
  auto const cases = json::parse(file).at("cases");
  REQUIRE(cases.size() >= 40);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    auto const got = metric_answers::answer(case_of(cases[k]));
    for (auto const& [name, expected] : cases[k].at("expected").items()) {
      INFO("case " << k << ", " << name);
      auto const& values = got.at(name);
      REQUIRE(values.size() == expected.size());
      std::string wrong;
      for (std::size_t i = 0; i < values.size(); ++i)
        if (!same(values[i], expected[i]))
          wrong += "[" + std::to_string(i) + "] = " + std::to_string(values[i]) + ", not " + expected[i].dump() + " ";
      CHECK(wrong == "");
    }
  }
}

}  // namespace metric_conformance_test
