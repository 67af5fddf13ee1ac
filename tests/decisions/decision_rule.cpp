#include <softf1/decisions/decision_rule.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace rule_tests {
using softf1::score_domain;
using softf1::threshold_set;
using softf1::decisions::thresholds_of;
using softf1_test::error_text;
}  // namespace rule_tests

TEST_CASE("a rule gives one threshold a label in the domain of the scores", "[decisions]") {
  using namespace rule_tests;
  CHECK(thresholds_of({}, 3, score_domain::logit, "test") == std::vector<double>(3, 0));
  CHECK(thresholds_of({}, 2, score_domain::probability, "test") == std::vector<double>(2, 0.5));
  CHECK(thresholds_of(softf1::probability_threshold{0.2}, 1, score_domain::calibrated, "test")[0] == 0.2);
  CHECK(thresholds_of(softf1::probability_threshold{0.2}, 1, score_domain::logit, "test")[0] == Approx(std::log(0.25)));
  threshold_set const set{{1, -HUGE_VAL, HUGE_VAL}};
  CHECK(thresholds_of(set, 3, score_domain::logit, "test") == set.thresholds);
}

TEST_CASE("a rule of another domain, size or value is refused", "[decisions]") {
  using namespace rule_tests;
  threshold_set set{{0.5, 0.25}, score_domain::probability};
  CHECK(error_text<softf1::value_error>([&] { thresholds_of(set, 2, score_domain::logit, "macro"); }) ==
        "macro: the decision rule is for probability scores, the scores are of domain logit");
  set.domain = score_domain::calibrated;
  CHECK(error_text<softf1::value_error>([&] { thresholds_of(set, 2, score_domain::probability, "macro"); }) ==
        "macro: the decision rule is for calibrated scores, the scores are of domain probability");
  CHECK(error_text<softf1::shape_error>([&] { thresholds_of(set, 3, score_domain::calibrated, "macro"); }) ==
        "macro: thresholds of the decision rule must have shape (3,), got (2,)");
  set.thresholds[1] = std::nan("");
  CHECK(error_text<softf1::value_error>([&] { thresholds_of(set, 2, score_domain::calibrated, "macro"); }) ==
        "macro: thresholds of the decision rule must not be NaN, got nan for label 1");
  threshold_set const named{{0, 0}, score_domain::logit, {"one"}};
  CHECK(error_text<softf1::shape_error>([&] { named.check("x"); }) ==
        "x: label names of the decision rule must have shape (2,), got (1,)");
  threshold_set const reasoned{{0, 0}, score_domain::logit, {}, {"one"}};
  CHECK(error_text<softf1::shape_error>([&] { reasoned.check("x"); }) ==
        "x: reasons of the decision rule must have shape (2,), got (1,)");
  for (double p : {-0.1, 1.1, std::nan("")})
    CHECK(error_text<softf1::value_error>([&] {
            thresholds_of(softf1::probability_threshold{p}, 1, score_domain::logit, "x");
          }) == "threshold: a probability must lie in [0, 1], got " + softf1::number_text(p));
}

TEST_CASE("domains have names that read back", "[decisions]") {
  using namespace rule_tests;
  for (auto domain : {score_domain::logit, score_domain::probability, score_domain::calibrated})
    CHECK(softf1::decisions::domain_named(softf1::decisions::name_of(domain)) == domain);
  CHECK(error_text<softf1::value_error>([] { softf1::decisions::domain_named("log-odds"); }) ==
        "decision_rule: domain must be logit, probability or calibrated, got 'log-odds'");
}

TEST_CASE("at or above the number strictly above t is above t", "[decisions]") {
  for (double t : {0.0, -0.0, 0.5, -3.25, 1e300, -1e-320, static_cast<double>(0.1f)})
    for (double score : {t, std::nextafter(t, HUGE_VAL), std::nextafter(t, -HUGE_VAL), t + 1, t - 1}) {
      CHECK((score >= softf1::strictly_above(t)) == (score > t));
      float const narrow = static_cast<float>(score);
      CHECK((static_cast<double>(narrow) >= softf1::strictly_above(t)) == (static_cast<double>(narrow) > t));
    }
}
