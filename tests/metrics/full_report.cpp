#include <softf1/metrics/full_report.hpp>

#include <vector>

#include <softf1/metrics/classification.hpp>

#include "support/catch.hpp"
#include "support/metric_reference.hpp"

namespace full_report_tests {
std::vector<softf1::confusion<double>> counts_of(softf1::full_report const& report) {
  std::vector<softf1::confusion<double>> counts;
  for (auto const& label : report.per_label) counts.push_back(label.counts);
  return counts;
}
}  // namespace full_report_tests

TEST_CASE("the full report holds what each metric by itself gives", "[metrics][report]") {
  using namespace softf1_test;
  using namespace full_report_tests;
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
    CHECK(report.macro_f1.lift == softf1::baselines(softf1::f1{}, counts_of(report)).lift);
    CHECK(report.f1_of_means ==
          Approx(2 * report.macro.precision * report.macro.recall / (report.macro.precision + report.macro.recall)));
    CHECK(report.remarks == softf1::find_collapse(counts_of(report)));
    softf1::row_ranking_options<softf1::cpu> const ranking{data.mask(), data.weights()};
    softf1::row_rankings rankings;
    rankings.add(ctx, data.scores(), data.targets(), ranking);
    CHECK(report.rankings.coverage_error() == rankings.coverage_error());
    CHECK(report.samples.average_precision == rankings.average_precision());
    CHECK(report.samples.roc_auc == rankings.roc_auc());
    softf1::top_k_metrics top({2});
    top.add(ctx, data.scores(), data.targets(), ranking);
    REQUIRE(report.at_k.size() == 1);
    CHECK((report.at_k[0].k == 2 && report.at_k[0].precision == top.precision(2) &&
           report.at_k[0].ndcg == top.ndcg(2) && report.at_k[0].recall == top.recall(2)));
    softf1::probability_quality quality(7);
    quality.add(ctx, data.scores(), data.targets(),
                softf1::probability_options<softf1::cpu>{softf1::logit, data.mask(), data.weights()});
    CHECK(report.probabilities.bins() == 7);
    CHECK(report.probabilities.pooled_brier() == quality.pooled_brier());
    CHECK(report.probabilities.log_loss().labels == quality.log_loss().labels);
    REQUIRE(report.groups.size() == 1);
    CHECK(report.groups[0].f1 == Approx((report.per_label[0].f1 + report.per_label[3].f1) / 2));
    auto const ends = softf1::of_group(report.groups[0].group, counts_of(report));
    CHECK(report.groups[0].micro_f1 == softf1::metrics::average(softf1::f1{}, ends, softf1::averaging::micro));
    CHECK(report.groups[0].roc_auc == Approx((report.per_label[0].roc_auc + report.per_label[3].roc_auc) / 2));
    CHECK(report.groups[0].average_precision ==
          Approx((report.per_label[0].average_precision + report.per_label[3].average_precision) / 2));
  }
}
