#include <softf1/thresholds/fixed.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/scores/f1.hpp>
#include <softf1/thresholds/all.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/problem.hpp"

namespace fixed_tests {

using namespace softf1_test;

softf1::threshold_set fixed_rule(double at, softf1::score_domain domain) {
  softf1::context<softf1::cpu> ctx;
  problem_on<softf1::cpu> const data(ctx, random_problem(4, 3, 1));
  return std::get<softf1::threshold_set>(softf1::find_rule(ctx, softf1::thresholds::fixed{at}, softf1::f1{},
                                                           data.scores(), data.targets(), {.domain = domain}));
}

}  // namespace fixed_tests

TEST_CASE("a fixed probability is one threshold for all labels, in the domain of the scores", "[thresholds][fixed]") {
  using namespace fixed_tests;
  CHECK(fixed_rule(0.25, softf1::probability).thresholds == std::vector<double>(3, 0.25));
  CHECK(fixed_rule(0.5, softf1::logit).thresholds == std::vector<double>(3, 0.0));
  CHECK(fixed_rule(0.25, softf1::logit).thresholds[0] == Approx(-std::log(3.0)).epsilon(1e-15));
  CHECK(fixed_rule(0, softf1::logit).thresholds[0] == -HUGE_VAL);
  CHECK(fixed_rule(1, softf1::logit).thresholds[0] == HUGE_VAL);
  CHECK(error_text<softf1::value_error>([] { fixed_rule(1.5, softf1::logit); }) ==
        "fixed: at must be a probability in [0, 1], got 1.5");
}

TEST_CASE("strategies are chosen by name, with options", "[thresholds]") {
  using namespace fixed_tests;
  std::vector<double> thresholds;
  softf1::with_named<softf1::thresholds::all>(
      softf1::parse_specs("fixed:at=0.75")[0], "strategy", [&](auto const& strategy) {
        softf1::context<softf1::cpu> ctx;
        problem_on<softf1::cpu> const data(ctx, random_problem(4, 2, 1));
        auto const rule = softf1::find_rule(ctx, strategy, softf1::f1{}, data.scores(), data.targets());
        thresholds = std::get<softf1::threshold_set>(rule).thresholds;
      });
  CHECK(thresholds == std::vector<double>(2, std::log(0.75) - std::log1p(-0.75)));
  CHECK(error_text<softf1::value_error>([] {
          softf1::with_named<softf1::thresholds::all>(softf1::parse_specs("nearest")[0], "strategy",
                                                      [](auto const&) {});
        }).starts_with("no strategy is named 'nearest', there are fixed, best, global, micro, samples, cost"));
}
