#include <softf1/metrics/score_saturation.hpp>

#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/metric_reference.hpp"

namespace saturation_tests {

using namespace softf1_test;
using softf1::metrics::label_condition;
using softf1::metrics::label_remark;
using softf1::metrics::probability_options;

template <class B, class S = double>
softf1::score_saturation measured(softf1::context<B>& ctx, problem const& p, softf1::decisions::score_domain domain) {
  problem_on<B, S> const data(ctx, p);
  softf1::score_saturation saturation;
  saturation.add(ctx, data.scores(), data.targets(), probability_options<B>{domain, data.mask(), data.weights()});
  return saturation;
}

/// Labels: half at the ends, all at the ends, all of one score, none of both, masked in full; six rows.
problem five_labels() {
  problem p{6, 5, {}, {}, {}, {}, indices(5)};
  for (std::size_t i = 0; i < 6; ++i) {
    double const end = i % 2 == 0 ? 1 : 0;
    p.scores.insert(p.scores.end(), {i < 3 ? end : 0.5, end, 0.25, 0.1 * static_cast<double>(i) + 0.1, nan_value});
    p.targets.insert(p.targets.end(), {1, 0, 1, 0, 7});
    p.mask.insert(p.mask.end(), {1, 1, 1, 1, 0});
  }
  return p;
}

}  // namespace saturation_tests

TEMPLATE_TEST_CASE("labels whose scores are stuck at the ends or all alike are found", "[metrics]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace saturation_tests;
  softf1::context<TestType> ctx;
  problem const p = five_labels();
  auto const found = measured(ctx, p, softf1::probability);
  CHECK(found.label(0).share() == 0.5);
  CHECK((found.label(1).at_one == 3 && found.label(1).at_zero == 3));
  CHECK(std::isnan(found.label(4).share()));
  CHECK((found.pooled().weight == 24 && found.pooled().at_one == 5 && found.pooled().at_zero == 4));
  CHECK((found.pooled().lowest == 0 && found.pooled().highest == 1));
  label_remark const stuck{1, label_condition::saturated}, alike{2, label_condition::constant_scores};
  CHECK(softf1::find_saturated(found) == std::vector{stuck, alike});
  CHECK(softf1::find_saturated(found, 0.5) == std::vector{{0, label_condition::saturated}, stuck, alike});
  // A row of weight 0 is as good as none.
  problem weighted = p;
  weighted.weights = {1, 0.5, 2, 0, 0, 0};
  weighted.scores[2] = weighted.scores[3];
  auto const some = measured(ctx, weighted, softf1::probability);
  CHECK((some.label(0).weight == 3.5 && some.label(0).share() == 1));
  CHECK((some.label(3).highest == 0.1 + 0.2 && !some.label(2).is_constant()));
}

TEST_CASE("a logit is at an end where its sigmoid rounds to it in the type of the scores", "[metrics]") {
  using namespace saturation_tests;
  softf1::context<softf1::cpu> ctx;
  problem const p{4, 1, {16, 18, -18, -16}, {0, 1, 0, 1}, {}, {}, {0}};
  auto const floats = measured<softf1::cpu, float>(ctx, p, softf1::logit);
  CHECK((floats.label(0).at_one == 1 && floats.label(0).at_zero == 1));
  CHECK(measured(ctx, p, softf1::logit).label(0).share() == 0);
  problem const far{4, 1, {37, -37, HUGE_VAL, -HUGE_VAL}, {0, 1, 0, 1}, {}, {}, {0}};
  CHECK(measured(ctx, far, softf1::logit).label(0).share() == 1);
}

TEST_CASE("saturation is added in any parts, kept, and refuses what is no probability", "[metrics]") {
  using namespace saturation_tests;
  softf1::context<softf1::cpu> ctx;
  problem p = five_labels();
  auto const whole = measured(ctx, p, softf1::probability);
  auto parts = measured(ctx, take_rows(p, {4, 1}), softf1::probability);
  parts.merge({});
  parts.merge(measured(ctx, take_rows(p, {0, 2, 3, 5}), softf1::probability));
  REQUIRE(parts.labels() == 5);
  CHECK(parts.rows() == 6);
  CHECK_NOTHROW(parts.check());
  softf1::score_saturation hostile;
  softf1::score_saturation::each_field(hostile, []<class T>(auto, std::vector<T>& to) {
    if constexpr (std::is_same_v<T, double>) to = {1, 2, 0, 0, 1};
  });
  CHECK_THROWS_AS(hostile.check(), softf1::value_error);
  for (std::size_t j = 0; j < 5; ++j) {
    auto const &a = whole.label(j), &b = parts.label(j);
    CHECK((a.weight == b.weight && a.at_zero == b.at_zero && a.at_one == b.at_one && a.lowest == b.lowest &&
           a.highest == b.highest));
  }
  CHECK(error_text<softf1::shape_error>([&] { parts.merge(measured(ctx, take_cols(p, {0}), softf1::probability)); }) ==
        "score_saturation: merged sums must have shape (5,), got (1,)");
  p.scores[p.at(3, 2)] = -0.5;
  CHECK(error_text<softf1::value_error>([&] { measured(ctx, p, softf1::probability); }) ==
        "score_saturation: probabilities must lie in [0, 1], got -0.5 at row 3, label 2");
  CHECK(error_text<softf1::value_error>([&] { softf1::find_saturated(whole, 0); }) ==
        "find_saturated: share must be in (0, 1], got 0");
}
