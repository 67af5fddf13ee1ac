#include <softf1/metrics/set_metrics.hpp>

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/metric_reference.hpp"

namespace set_tests {

using namespace softf1_test;
using softf1::set_metrics;

std::array<double, 12> figures(softf1::metrics::set_figures const& f) {
  return {f.subset_accuracy,
          f.hamming_loss,
          f.overlap,
          f.contain,
          f.belong,
          f.jaccard,
          f.predicted_cardinality,
          f.true_cardinality,
          f.predicted_density,
          f.true_density,
          f.predicted_empty,
          f.true_empty};
}

/// Row by row, with sets.
std::array<double, 12> by_loops(problem const& p) {
  std::array<double, 12> sums{};
  double weight = 0;
  for (std::size_t i = 0; i < p.rows; ++i) {
    double both = 0, predicted = 0, truth = 0, cells = 0;
    for (std::size_t j = 0; j < p.cols; ++j) {
      if (!p.present(i, j)) continue;
      bool const yes = p.scores[p.at(i, j)] >= 0, is = p.targets[p.at(i, j)] == 1;
      both += yes && is, predicted += yes, truth += is, cells += 1;
    }
    if (cells == 0) continue;
    double const either = predicted + truth - both, w = p.weight(i);
    bool const same = either == both;
    std::array<double, 12> const row{same ? 1.0 : 0.0,
                                     (either - both) / cells,
                                     both > 0 || either == 0 ? 1.0 : 0.0,
                                     both == truth ? 1.0 : 0.0,
                                     both == predicted ? 1.0 : 0.0,
                                     either > 0 ? both / either : 1.0,
                                     predicted,
                                     truth,
                                     predicted / cells,
                                     truth / cells,
                                     predicted == 0 ? 1.0 : 0.0,
                                     truth == 0 ? 1.0 : 0.0};
    for (std::size_t k = 0; k < 12; ++k) sums[k] += w * row[k];
    weight += w;
  }
  for (double& s : sums) s = weight > 0 ? s / weight : nan_value;
  return sums;
}

template <class B>
set_metrics measured(softf1::context<B>& ctx, problem const& p) {
  problem_on<B> const data(ctx, p);
  set_metrics sets;
  sets.add(ctx, data.scores(), data.targets(),
           softf1::metric_options<B>{.mask = data.mask(), .row_weights = data.weights()});
  return sets;
}

}  // namespace set_tests

TEMPLATE_TEST_CASE("metrics of sets agree with plain loops over rows, also merged", "[metrics]", SOFTF1_TEST_BACKENDS) {
  using namespace set_tests;
  softf1::context<TestType> ctx;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    problem const p = random_problem(seed % 9, 1 + seed % 4, seed,
                                     {.masked = seed % 2 == 0, .weighted = seed % 3 == 0, .prevalence = 0.3});
    auto const expected = by_loops(p), got = figures(measured(ctx, p).value());
    set_metrics merged;
    for (auto const& rows : random_partition(p.rows, 3, seed)) merged.merge(measured(ctx, take_rows(p, rows)));
    auto const whole = figures(merged.value());
    for (std::size_t k = 0; k < 12; ++k) {
      INFO("figure " << k << ", seed " << seed);
      CHECK(same_number(got[k], expected[k], 1e-12));
      CHECK(same_number(whole[k], expected[k], 1e-12));
    }
  }
}
