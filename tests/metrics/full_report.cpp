#include <softf1/metrics/full_report.hpp>

#include <string>
#include <vector>

#include <softf1/metrics/classification.hpp>
#include <softf1/metrics/full_report_text.hpp>

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
    auto remarks = softf1::find_collapse(counts_of(report));
    for (auto const& r : softf1::find_saturated(report.saturation)) remarks.push_back(r);
    CHECK(report.remarks == remarks);
    for (auto const& lift : report.lifts) {
      auto const of = softf1::baselines(softf1::score_named(softf1::parse_specs(lift.name)[0]), counts_of(report),
                                        softf1::averaging::micro);
      INFO(lift.name);
      CHECK(lift.micro.value == of.value);
      CHECK(lift.micro.lift == of.lift);
      CHECK(same_number(lift.macro.lift, lift.macro.value - lift.macro.best_trivial(), 0));
      REQUIRE(lift.labels.size() == 4);
    }
    CHECK(report.lifts[0].name == "f1");
    CHECK(report.lifts[0].macro.lift == report.macro.lift);
    CHECK(report.lifts[0].labels[2].lift == report.per_label[2].lift);
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
    softf1::metrics::probability_options<softf1::cpu> const probabilities{softf1::logit, data.mask(), data.weights()};
    CHECK(report.adaptive_ece.value().labels.labels ==
          softf1::adaptive_calibration_error(data.scores(), data.targets(), probabilities, 7).labels);
    CHECK(report.adaptive_ece->pooled ==
          softf1::pooled_adaptive_calibration_error(data.scores(), data.targets(), probabilities, 7));
    REQUIRE(report.groups.size() == 1);
    CHECK(report.groups[0].f1 == Approx((report.per_label[0].f1 + report.per_label[3].f1) / 2));
    auto const ends = softf1::of_group(report.groups[0].group, counts_of(report));
    CHECK(report.groups[0].micro_f1 == softf1::metrics::average(softf1::f1{}, ends, softf1::averaging::micro));
    CHECK(report.groups[0].roc_auc == Approx((report.per_label[0].roc_auc + report.per_label[3].roc_auc) / 2));
    CHECK(report.groups[0].average_precision ==
          Approx((report.per_label[0].average_precision + report.per_label[3].average_precision) / 2));
  }
}

TEST_CASE("a full report says how many rows are left out", "[metrics][report]") {
  // Masked in full; none positive, twice; all positive, three times.
  std::vector<double> const scores(14, 0.5), targets{1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1};
  std::vector<std::uint8_t> const mask{0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
  auto const report = softf1::make_full_report(softf1::as_matrix(scores, 7, 2), softf1::as_matrix(targets, 7, 2),
                                               {.mask = softf1::as_matrix(mask, 7, 2)});
  CHECK(softf1::metrics::rankings_text(report).ends_with(
      "\nrows masked in full, left out of all of these: 1\n"
      "rows without positives, left out of samples AP and AUROC: 2\n"
      "rows with all labels positive, left out of samples AUROC: 3\n"));
  CHECK(softf1::metrics::sets_text(report).ends_with("\nrows masked in full, left out of all of these: 1\n"));
}

TEST_CASE("lifts are of scores that no trivial predictor makes perfect, and stuck labels are named",
          "[metrics][report]") {
  using namespace softf1_test;
  std::vector<double> const scores{0.9, 1, 0.5, 0.2, 0, 0.5, 0.7, 1, 0.5}, targets{1, 1, 0, 0, 0, 1, 1, 1, 1};
  softf1::metric_options<softf1::cpu> const o{.domain = softf1::probability};
  auto const z = softf1::as_matrix(scores, 3, 3), y = softf1::as_matrix(targets, 3, 3);
  auto const report = softf1::make_full_report(z, y, o, {"good", "stuck", "alike"});
  std::string names;
  for (auto const& lift : report.lifts) names += lift.name + " ";
  CHECK(names ==
        "f1 f_beta jaccard critical_success_index tversky accuracy balanced_accuracy g_mean mcc cohen_kappa youden_j "
        "fowlkes_mallows positive_likelihood_ratio ");
  auto const remarks = softf1::metrics::remarks_text(report);
  CHECK(remarks == "always predicted: alike\nconstant scores: alike\nsaturated probabilities: stuck\n");
  CHECK(softf1::make_full_report(z, y, o, {}, {.saturated_share = 1}).remarks == report.remarks);
  CHECK(softf1::metrics::probabilities_text(report).find("exactly 0 or 1: 33.33 %\n") != std::string::npos);
  auto const text = softf1::metrics::baselines_text(report);
  INFO(text);
  // accuracy: 8 of 9, beside 6 of 9 for yes everywhere.
  CHECK(text.find("\naccuracy                   0.8889   0.6667  +0.2222  0.8889   0.6667  +0.2222\n") !=
        std::string::npos);
}
