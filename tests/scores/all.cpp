#include <softf1/scores/all.hpp>

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
