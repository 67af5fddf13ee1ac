#include <softf1/metrics/full_report.hpp>

#include <vector>

#include <softf1/metrics/classification.hpp>

#include "support/catch.hpp"
#include "support/metric_reference.hpp"

TEST_CASE("the full report holds what each metric by itself gives", "[metrics][report]") {
  using namespace softf1_test;
  softf1::context<softf1::cpu> ctx;
  for (std::uint64_t seed : {1u, 2u, 3u}) {
    problem const p = random_problem(60, 4, seed, {.masked = seed == 2, .weighted = seed == 3, .prevalence = 0.3});
    problem_on<softf1::cpu> const data(ctx, p);
    softf1::metric_options<softf1::cpu> const o{.mask = data.mask(), .row_weights = data.weights()};
    auto const report =
        softf1::make_full_report(ctx, data.scores(), data.targets(), o, {"a", "b", "c", "d"},
                                 {.at_k = {2}, .probability_bins = 7, .groups = {{"ends", {0, 3}}, {"none", {}}}});
    auto const every = softf1::every_score();
    REQUIRE(report.scores.size() == every.size());
    for (std::size_t k = 0; k < every.size(); ++k) {
      auto const& f = report.scores[k];
      INFO(f.name);
      CHECK(f.name == every[k].name());
      CHECK(same_number(f.macro, softf1::macro(every[k], data.scores(), data.targets(), o), 0));
      CHECK(same_number(f.micro, softf1::micro(every[k], data.scores(), data.targets(), o), 0));
      CHECK(same_number(f.weighted, softf1::weighted(every[k], data.scores(), data.targets(), o), 0));
      CHECK(same_number(f.samples, softf1::samples(every[k], data.scores(), data.targets(), o), 0));
      CHECK(same_number(f.labels[1], softf1::per_label(every[k], data.scores(), data.targets(), o)[1], 0));
    }
    CHECK(report.macro_f1.value == report.macro.f1);
    CHECK(report.macro_f1.all_positive == report.macro.trivial_f1);
    CHECK(report.sets.subset_accuracy == report.subset_accuracy);
    CHECK(report.rankings.rows() == 60);
    REQUIRE(report.at_k.size() == 1);
    CHECK((report.at_k[0].k == 2 && report.at_k[0].ndcg > 0));
    CHECK(report.probabilities.bins() == 7);
    REQUIRE(report.groups.size() == 1);
    CHECK(report.groups[0].f1 == Approx((report.per_label[0].f1 + report.per_label[3].f1) / 2));
    CHECK(report.groups[0].average_precision ==
          Approx((report.per_label[0].average_precision + report.per_label[3].average_precision) / 2));
  }
}
