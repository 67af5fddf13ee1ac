// How often intervals cover the truth. Five minutes of simulation: hidden, run by `test_metrics "[.slow]"`.
#include <softf1/metrics/confidence.hpp>

#include <cmath>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

#include <softf1/math/normal.hpp>
#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"

namespace coverage_tests {

using softf1::averaging;
using softf1::interval_method;
using softf1::rank_score;

// A population: label j has prevalence share[j], and normal scores around `gap` for positives and 0 else, decided
// at 1. Labels of a row share a part of their chance, and so do their scores.
struct population {
  std::vector<double> share;
  double gap = 1.5, common = 0.5;
};

// A standard normal that a row's labels have in common to a part.
inline double shared_normal(double common, double row, double own) {
  return std::sqrt(common) * row + std::sqrt(1 - common) * own;
}

struct sample {
  std::vector<double> scores;
  std::vector<int> targets;
};

inline sample draw(population const& q, std::size_t rows, std::uint64_t seed) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, 77);
  std::size_t at = 0;
  auto const normal = [&] { return softf1::math::normal_quantile((random.uniform(at++) + 0x1p-54)); };
  std::vector<double> limit;
  for (double share : q.share) limit.push_back(softf1::math::normal_quantile(1 - share));
  sample s;
  for (std::size_t i = 0; i < rows; ++i) {
    double const row_target = normal(), row_score = normal();
    for (double edge : limit) {
      bool const positive = shared_normal(q.common, row_target, normal()) > edge;
      s.targets.push_back(positive);
      s.scores.push_back(shared_normal(q.common, row_score, normal()) + (positive ? q.gap : 0.0) - 1);
    }
  }
  return s;
}

// The truth of a label: shares of cells, and average precision as the integral of precision over recall.
struct truth {
  double tp, fp, fn, average_precision;
};

inline truth truth_of(double share, double gap) {
  double const found = softf1::math::normal_tail(1 - gap), false_alarm = softf1::math::normal_tail(1);
  truth t{share * found, (1 - share) * false_alarm, share * (1 - found), 0};
  double const steps = 20000;
  for (double k = 0; k < steps; ++k) {
    double const recall = (k + 0.5) / steps, cut = gap - softf1::math::normal_quantile(recall);
    double const tp = share * recall, fp = (1 - share) * softf1::math::normal_tail(cut);
    t.average_precision += tp / (tp + fp) / steps;
  }
  return t;
}

// Macro F1, micro F1, macro AP, AUROC of the population.
inline std::vector<double> true_values(population const& q) {
  double macro = 0, ap = 0, tp = 0, wrong = 0, labels = static_cast<double>(q.share.size());
  for (double share : q.share) {
    truth const t = truth_of(share, q.gap);
    macro += 2 * t.tp / (2 * t.tp + t.fp + t.fn) / labels;
    ap += t.average_precision / labels;
    tp += t.tp;
    wrong += t.fp + t.fn;
  }
  return {macro, 2 * tp / (2 * tp + wrong), ap, softf1::math::normal_cdf(q.gap / std::sqrt(2.0))};
}

inline constexpr char const* names[] = {"macro F1", "micro F1", "macro AP", "macro AUROC"};
inline constexpr interval_method methods[] = {interval_method::delta, interval_method::corrected,
                                              interval_method::percentile, interval_method::bca};
inline constexpr char const* method_names[] = {"delta", "corrected", "percentile", "BCa"};

// The share of data sets whose 95 % interval covers: [number][method].
inline std::vector<std::vector<double>> coverage(population const& q, std::size_t rows, std::size_t simulations,
                                                 std::size_t resamples) {
  auto const expected = true_values(q);
  std::vector<std::vector<double>> covered(4, std::vector<double>(std::size(methods)));
  softf1::context<softf1::cpu> ctx({.threads = 1});
  for (std::size_t k = 0; k < simulations; ++k) {
    sample const s = draw(q, rows, k);
    softf1::decided_rows decided;
    decided.add(ctx, softf1::as_matrix(s.scores, rows, q.share.size()),
                softf1::as_matrix(s.targets, rows, q.share.size()));
    softf1::ranked_rows ranked;
    ranked.add(ctx, softf1::as_matrix(s.scores, rows, q.share.size()),
               softf1::as_matrix(s.targets, rows, q.share.size()));
    auto const counts = decided.statistic({{softf1::f1{}, averaging::macro}, {softf1::f1{}, averaging::micro}});
    auto const ranks =
        ranked.statistic({{rank_score::average_precision, averaging::macro}, {rank_score::roc_auc, averaging::macro}});
    for (std::size_t m = 0; m < std::size(methods); ++m) {
      softf1::interval_options const options{methods[m], 0.95, {.resamples = resamples, .seed = k}};
      auto all = softf1::confidence_intervals(ctx, counts, options);
      for (auto const& i : softf1::confidence_intervals(ctx, ranks, options)) all.push_back(i);
      for (std::size_t v = 0; v < 4; ++v)
        covered[v][m] += all[v].low <= expected[v] && expected[v] <= all[v].high ? 1.0 / double(simulations) : 0.0;
    }
  }
  return covered;
}

inline void print(std::string const& title, std::vector<std::vector<double>> const& covered) {
  std::printf("%s\n", title.c_str());
  for (std::size_t v = 0; v < 4; ++v) {
    std::printf("  %-12s", names[v]);
    for (std::size_t m = 0; m < std::size(methods); ++m)
      std::printf("  %s %.2f %%", method_names[m], 100 * covered[v][m]);
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace coverage_tests

TEST_CASE("95 % intervals cover the truth in 93 to 97 % of data sets", "[.slow]") {
  using namespace coverage_tests;
  struct setting {
    std::string title;
    population data;
    std::size_t rows, simulations, resamples;
    bool holds;
  };
  // Positives vary from data set to data set: 45 are hardly ever below 30.
  for (auto const& s :
       {setting{"6 labels with 45 to 150 positives", {{0.09, 0.1, 0.12, 0.15, 0.2, 0.3}}, 500, 4000, 1000, true},
        setting{"1 label with 45", {{0.09}}, 500, 4000, 1000, true},
        setting{"20 labels with 30", {std::vector<double>(20, 0.06)}, 500, 1000, 500, false},
        setting{"6 labels with 10", {std::vector<double>(6, 0.02)}, 500, 1000, 500, false},
        setting{"6 labels with 5", {std::vector<double>(6, 0.01)}, 500, 1000, 500, false}}) {
    auto const covered = coverage(s.data, s.rows, s.simulations, s.resamples);
    print(s.title, covered);
    for (std::size_t v = 0; v < 4 && s.holds; ++v)
      for (std::size_t m = 0; m < std::size(methods); ++m) {
        // Average precision is too high where positives are few, which `corrected` alone takes into account; AUROC is
        // skewed, which delta and percentile leave out.
        if (v == 2 && methods[m] != interval_method::corrected) continue;
        if (v == 3 && (methods[m] == interval_method::delta || methods[m] == interval_method::percentile)) continue;
        INFO(s.title << ": " << names[v] << ", " << method_names[m]);
        CHECK(covered[v][m] >= 0.93);
        CHECK(covered[v][m] <= 0.97);
      }
  }
}
