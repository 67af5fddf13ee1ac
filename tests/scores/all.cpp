#include <softf1/scores/any_score.hpp>
#include <softf1/scores/defined.hpp>

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace score_tests {

using counts = softf1::confusion<double>;

struct row {
  counts of;
  double precision, recall, f1, f2, jaccard, accuracy, specificity, mcc;
};

double const undefined = std::numeric_limits<double>::quiet_NaN();

// Worked out by hand; {tp, fp, fn, tn}.
std::vector<row> const table{
    {{6, 2, 4, 8}, .75, .6, 2.0 / 3, .625, .5, .7, .8, 40 / std::sqrt(8.0 * 10 * 10 * 12)},
    {{1, 0, 0, 1}, 1, 1, 1, 1, 1, 1, 1, 1},
    {{0, 1, 1, 0}, 0, 0, 0, 0, 0, 0, 0, -1},
    {{3, 5, 0, 0}, 3.0 / 8, 1, 6.0 / 11, .75, 3.0 / 8, 3.0 / 8, 0, undefined},
    {{0, 0, 3, 5}, undefined, 0, 0, 0, 0, 5.0 / 8, 1, undefined},
    {{0, 2, 0, 3}, 0, undefined, 0, 0, 0, .6, .6, undefined},
    {{0, 0, 0, 4}, undefined, undefined, undefined, undefined, undefined, 1, 1, undefined},
    {{4, 0, 0, 0}, 1, 1, 1, 1, 1, 1, undefined, undefined},
    {{0, 0, 0, 0}, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined},
    {{.5, .25, .25, 1}, 2.0 / 3, 2.0 / 3, 2.0 / 3, 2.0 / 3, .5, .75, .8, .4375 / (.75 * 1.25)},
};

bool same(double got, double expected) {
  return (std::isnan(got) && std::isnan(expected)) || std::fabs(got - expected) <= 1e-15;
}

}  // namespace score_tests

TEST_CASE("scores are their formulas, and NaN exactly where they are undefined", "[scores]") {
  using namespace score_tests;
  for (auto const& r : table) {
    auto const& c = r.of;
    INFO("tp " << c.tp << ", fp " << c.fp << ", fn " << c.fn << ", tn " << c.tn);
    CHECK(same(softf1::precision{}(c), r.precision));
    CHECK(same(softf1::recall{}(c), r.recall));
    CHECK(same(softf1::f1{}(c), r.f1));
    CHECK(same(softf1::f_beta{}(c), r.f1));
    CHECK(same(softf1::f_beta{2}(c), r.f2));
    CHECK(same(softf1::jaccard{}(c), r.jaccard));
    CHECK(same(softf1::accuracy{}(c), r.accuracy));
    CHECK(same(softf1::specificity{}(c), r.specificity));
    CHECK(same(softf1::mcc{}(c), r.mcc));
    CHECK(same(softf1::both_classes<softf1::f1>{}(c), 0.5 * (softf1::f1{}(c) + softf1::f1{}(c.negated()))));
    CHECK(same(softf1::both_classes<softf1::recall>{}(c), 0.5 * (r.recall + r.specificity)));
  }
}

TEST_CASE("scores of each class and of chance are their formulas, and NaN exactly where they are undefined",
          "[scores]") {
  using namespace score_tests;
  double const x = undefined, endless = std::numeric_limits<double>::infinity();
  std::vector<counts> const of{{6, 2, 4, 8}, {0, 0, 3, 5}, {3, 5, 0, 0}, {0, 0, 0, 4}, {0, 1, 1, 0}};
  struct column {
    softf1::any_score score;
    std::vector<double> values;  // one for each of these counts, worked out by hand
  };
  for (column const& c :
       std::vector<column>{{softf1::critical_success_index{}, {.5, 0, 3.0 / 8, x, 0}},
                           {softf1::tversky{}, {2.0 / 3, 0, 6.0 / 11, x, 0}},
                           {softf1::tversky{1, 1}, {.5, 0, 3.0 / 8, x, 0}},
                           {softf1::tversky{.25, 1}, {6 / 10.5, 0, 3 / 4.25, x, 0}},
                           {softf1::tversky{0, 1}, {.6, 0, 1, x, 0}},
                           {softf1::balanced_accuracy{}, {.7, .5, .5, x, 0}},
                           {softf1::negative_predictive_value{}, {2.0 / 3, 5.0 / 8, x, 1, 0}},
                           {softf1::g_mean{}, {std::sqrt(.48), 0, 0, x, 0}},
                           {softf1::cohen_kappa{}, {.4, 0, 0, x, -1}},
                           {softf1::youden_j{}, {.4, 0, 0, x, -1}},
                           {softf1::fowlkes_mallows{}, {6 / std::sqrt(80.0), x, 3 / std::sqrt(24.0), x, 0}},
                           {softf1::positive_likelihood_ratio{}, {3, x, 1, x, 0}},
                           {softf1::negative_likelihood_ratio{}, {.5, 1, x, x, endless}},
                           {softf1::false_positive_rate{}, {.2, 0, 1, 0, 1}},
                           {softf1::false_negative_rate{}, {.4, 1, 0, x, 1}},
                           {softf1::false_discovery_rate{}, {.25, x, 5.0 / 8, x, 1}},
                           {softf1::false_omission_rate{}, {1.0 / 3, 3.0 / 8, x, 0, 1}},
                           {softf1::hamming{}, {.3, 3.0 / 8, 5.0 / 8, 0, 1}},
                           {softf1::prevalence{}, {.5, 3.0 / 8, 3.0 / 8, 0, .5}},
                           {softf1::predicted_rate{}, {.4, 0, 1, 0, .5}}})
    for (std::size_t k = 0; k < of.size(); ++k) {
      INFO(c.score.name() << " of counts " << k << ": " << c.score(of[k]));
      CHECK((c.score(of[k]) == c.values[k] || same(c.score(of[k]), c.values[k])));
    }
}

TEST_CASE("a score that is chosen at run time is the score that was chosen", "[scores]") {
  using namespace score_tests;
  counts const c{6, 2, 4, 8};
  CHECK(softf1::score_named(softf1::parse_spec("f_beta:beta=2"))(c) == softf1::f_beta{2}(c));
  softf1::any_score chosen = softf1::recall{};
  CHECK((chosen.name() == "recall" && chosen(c) == .6));
  chosen = softf1::youden_j{};
  CHECK((chosen.name() == "youden_j" && chosen.range().lowest == -1));
}

TEST_CASE("a weighted sum of scores is a score, undefined where one that counts is", "[scores]") {
  using namespace score_tests;
  softf1::weighted_sum const mixed{softf1::weighted_term{.25, softf1::f1{}}, softf1::weighted_term{2, softf1::mcc{}}};
  static_assert(softf1::scores::score<std::decay_t<decltype(mixed)>>);
  for (auto const& r : table) CHECK(same(mixed(r.of), .25 * r.f1 + 2 * r.mcc));
  auto const named = softf1::scores::score_sum_named("f1:weight=.25+mcc:weight=2");
  auto const alone = softf1::scores::score_sum_named("mcc:weight=0+f_beta:beta=2");
  for (auto const& r : table) {
    CHECK(same(named(r.of), mixed(r.of)));
    CHECK(same(alone(r.of), r.f2));
  }
  CHECK_THROWS_WITH(softf1::scores::score_sum_named("f1+f1+f1+f1+f1"), "score: a sum has at most 4 scores, got 5");
  CHECK_THROWS_AS(softf1::scores::score_sum_named("f1:weight=inf"), softf1::value_error);
  CHECK(same(softf1::scores::objective_named("f1+false_positive_rate:weight=-1")(table[0].of), table[0].f1 - .2));
  for (std::string const worse : {"f1+hamming", "prevalence", "mcc:weight=-1", "negative_likelihood_ratio"})
    CHECK_THROWS_AS(softf1::scores::objective_named(worse), softf1::value_error);
}

TEST_CASE("f_beta lies between precision and recall", "[scores]") {
  using namespace score_tests;
  counts const c{6, 2, 4, 8};
  CHECK(softf1::f_beta{0}(c) == Approx(0.75));
  CHECK(softf1::f_beta{1e6}(c) == Approx(0.6));
  CHECK(softf1::f_beta{0.5}(c) == Approx(1.25 * .75 * .6 / (.25 * .75 + .6)));
}

TEST_CASE("counts know their sums and their mirror", "[scores]") {
  using namespace score_tests;
  counts c{1, 2, 3, 4};
  CHECK((c.predicted() == 3 && c.support() == 4 && c.total() == 10));
  counts const n = c.negated();
  CHECK((n.tp == 4 && n.fp == 3 && n.fn == 2 && n.tn == 1));
  counts const all = c.all_positive();
  CHECK((all.tp == 4 && all.fp == 6 && all.fn == 0 && all.tn == 0));
  c += counts{10, 20, 30, 40};
  CHECK((c.tp == 11 && c.fp == 22 && c.fn == 33 && c.tn == 44));
}

TEST_CASE("an undefined score is what it is said to count as", "[scores]") {
  using namespace score_tests;
  CHECK(softf1::scores::score_or(softf1::f1{}, counts{0, 0, 0, 4}, 7) == 7);
  CHECK(softf1::scores::score_or(softf1::f1{}, counts{2, 1, 1, 0}, 7) == Approx(2.0 / 3));
  CHECK(softf1::scores::accepted_score_or(softf1::precision{}, 3, 1, 5, 6, 7) == .75);
  CHECK(softf1::scores::accepted_score_or(softf1::recall{}, 3, 1, 5, 6, 7) == Approx(.6));
  CHECK(softf1::scores::accepted_score_or(softf1::specificity{}, 3, 1, 5, 5, 7) == Approx(.8));
  CHECK(softf1::scores::accepted_score_or(softf1::precision{}, 0, 0, 5, 6, 7) == 7);
}
