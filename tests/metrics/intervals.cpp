#include <softf1/metrics/intervals.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <softf1/metrics/confidence.hpp>
#include <softf1/scores/accuracy.hpp>
#include <softf1/scores/f1.hpp>
#include <softf1/scores/positive_likelihood_ratio.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "metrics/row_statistics.hpp"

namespace intervals_tests {

using namespace softf1_test;
using softf1::averaging;
using softf1::interval_method;

}  // namespace intervals_tests

TEST_CASE("delta method and bootstrap agree on standard errors and intervals", "[metrics][intervals]") {
  using namespace intervals_tests;
  problem p = random_problem(600, 4, 7, {.masked = true, .weighted = true, .prevalence = 0.3});
  for (std::size_t k = 0; k < p.scores.size(); ++k) p.scores[k] += 3 * p.targets[k] - 2;
  using softf1::rank_score;
  std::vector<softf1::row_statistic> const statistics{
      decided(p).statistic({{softf1::f1{}, averaging::macro},
                            {softf1::f1{}, averaging::micro},
                            {softf1::f1{}, averaging::weighted},
                            {softf1::f1{}, averaging::samples},
                            {softf1::accuracy{}, std::nullopt}}),
      ranked(p).statistic({{rank_score::average_precision, averaging::macro},
                           {rank_score::average_precision, averaging::micro},
                           {rank_score::roc_auc, averaging::weighted},
                           {rank_score::roc_auc, std::nullopt}})};
  std::vector<std::uint64_t> groups, strata;
  for (std::size_t i = 0; i < 600; ++i) groups.push_back(i / 3), strata.push_back(i / 3 % 2);
  for (auto const& sampling : {softf1::metrics::sampling_options{.resamples = 2000, .seed = 1},
                               softf1::metrics::sampling_options{2000, 1, groups, strata}})
    for (auto const& statistic : statistics) {
      auto const delta = softf1::confidence_intervals(statistic, {interval_method::delta, 0.9, sampling});
      for (auto method : {interval_method::percentile, interval_method::bca, interval_method::corrected}) {
        auto const other = softf1::confidence_intervals(statistic, {method, 0.9, sampling});
        for (std::size_t k = 0; k < delta.size(); ++k) {
          double const error = delta[k].standard_error;
          INFO("number " << k);
          CHECK(error > 0);
          CHECK(other[k].value == delta[k].value);
          CHECK(other[k].standard_error == Approx(error).epsilon(0.08));
          CHECK(other[k].low == Approx(delta[k].low).margin(0.35 * error));
          CHECK(other[k].high == Approx(delta[k].high).margin(0.35 * error));
          CHECK(other[k].undefined == 0);
        }
      }
    }
}

TEST_CASE("intervals of a plain number of resamples are read as by hand", "[metrics][intervals]") {
  using softf1::metrics::detail::resampled_interval;
  std::vector<double> draws{0.4, NAN, 0.1, 0.2, 0.3, 0.5};
  auto const plain = resampled_interval(0.3, 0, draws, {softf1::interval_method::percentile, 0.5, {}});
  CHECK(plain.low == Approx(0.2));
  CHECK(plain.high == Approx(0.4));
  CHECK(plain.undefined == 1);
  CHECK(plain.standard_error == Approx(std::sqrt(0.1 / 4)));
  // Half the resamples below, no acceleration: BCa is percentile.
  draws = {0.1, 0.2, 0.3, 0.4, 0.5};
  CHECK(resampled_interval(0.3, 0, draws, {softf1::interval_method::bca, 0.5, {}}).low == Approx(0.2));
  // By R's bcanon-like formula: z0 = Φ⁻¹(0.3), a = 0.1.
  double const z0 = -0.5244005127080407, z = 0.6744897501960817, a = 0.1;
  draws = {0.1, 0.2, 0.3, 0.4, 0.5};
  auto const moved = resampled_interval(0.2, a, draws, {softf1::interval_method::bca, 0.5, {}});
  for (double sign : {-1.0, 1.0}) {
    double const share = 0.5 * std::erfc(-(z0 + (z0 + sign * z) / (1 - a * (z0 + sign * z))) / std::sqrt(2.0));
    CHECK((sign < 0 ? moved.low : moved.high) == Approx(0.1 + 0.4 * share));
  }
  std::vector<double> none{NAN, NAN};
  CHECK(std::isnan(resampled_interval(0.5, 0, none, {}).low));
  CHECK(none.empty());
}

TEST_CASE("intervals of scores that may be infinite have ends that are numbers", "[metrics][intervals]") {
  using softf1::interval_method;
  using softf1::metrics::detail::resampled_interval;
  double const inf = HUGE_VAL;
  std::vector<double> draws{1, 2, inf, inf, inf};
  for (auto method : {interval_method::percentile, interval_method::bca}) {
    auto const at_infinity = resampled_interval(inf, NAN, draws, {method, 0.5, {}});
    CHECK(at_infinity.value == inf);
    CHECK(!std::isnan(at_infinity.low));
    CHECK(at_infinity.high == inf);
  }
  CHECK(resampled_interval(inf, 0, draws, {interval_method::percentile, 0.5, {}}).low == 2);
  CHECK(resampled_interval(2, 0, draws, {interval_method::percentile, 0.2, {}}).high == inf);
  // Half of what equals the value lies below it: bca reads the quantile of z0 = Φ⁻¹((2 + 3 / 2) / 5).
  double const z0 = 0.5244005127080407, z = 0.6744897501960817;
  double const share = 0.5 * std::erfc(-(2 * z0 - z) / std::sqrt(2.0));
  CHECK(4 * share > 2);
  CHECK(resampled_interval(inf, 0, draws, {interval_method::bca, 0.5, {}}).low == inf);

  // No false positive in the data, and so in no resample.
  std::vector<double> const scores{1, 2, 1, -1, -2, -1, 3, -2}, targets{1, 1, 1, 0, 0, 0, 1, 0};
  auto const lr = softf1::score_interval(softf1::positive_likelihood_ratio{}, softf1::averaging::macro,
                                         softf1::as_matrix(scores, 8, 1), softf1::as_matrix(targets, 8, 1));
  CHECK((lr.value == inf && lr.low == inf && lr.high == inf));
}

TEST_CASE("corrected intervals lie about the value less its bias, those of shares on the logit scale",
          "[metrics][intervals]") {
  using softf1::metrics::detail::normal_interval;
  auto const plain = normal_interval(0.5, 0.1, 0.05, 2, false), share = normal_interval(0.5, 0.1, 0.06, 2, true);
  CHECK(plain.value == 0.5);
  CHECK(plain.low == Approx(0.3));
  CHECK(plain.high == Approx(0.5));
  // logit(0.4) ± 2 · 0.06 / 0.24.
  CHECK(share.low == Approx(1 / (1 + 1.5 * std::exp(0.5))));
  CHECK(share.high == Approx(1 / (1 + 1.5 * std::exp(-0.5))));
  CHECK(normal_interval(1, 0, 0, 2, true).high == 1);
}

TEST_CASE("one line gives the interval of a metric; levels and resamples are checked", "[metrics][intervals]") {
  using namespace intervals_tests;
  problem const p = random_problem(50, 2, 7);
  auto const z = softf1::as_matrix(p.scores, 50, 2);
  auto const y = softf1::as_matrix(p.targets, 50, 2);
  auto const wide = softf1::score_interval(softf1::f1{}, averaging::macro, z, y, {}, {.level = 0.99});
  auto const narrow = softf1::score_interval(softf1::f1{}, averaging::macro, z, y);
  CHECK(wide.value == narrow.value);
  CHECK(wide.low < narrow.low);
  CHECK(narrow.low < narrow.value);
  CHECK(wide.high > narrow.high);
  CHECK(softf1::ranking_interval(softf1::rank_score::roc_auc, z, y).value == softf1::roc_auc(z, y));
  auto const statistic = decided(p).statistic(softf1::f1{}, averaging::macro);
  CHECK(error_text<softf1::value_error>([&] { softf1::confidence_intervals(statistic, {.level = 1}); }) ==
        "confidence_intervals: level must be in (0, 1), got 1");
  CHECK(error_text<softf1::value_error>([&] {
          softf1::confidence_intervals(statistic, {.sampling = {.resamples = 1}});
        }) == "confidence_intervals: resamples must be >= 2, got 1");
  CHECK(error_text<softf1::value_error>([&] {
          softf1::score_interval(softf1::f1{}, averaging::macro, z, y, {.label_weights = {1, 2}});
        }) == "decided_rows: label weights are for macro, micro and weighted alone");
}
