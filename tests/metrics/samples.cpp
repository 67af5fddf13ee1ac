#include <softf1/metrics/samples.hpp>

#include <cmath>
#include <vector>

#include <softf1/scores/f1.hpp>

#include "support/catch.hpp"
#include "support/metric_reference.hpp"

namespace samples_tests {
using namespace softf1_test;
using softf1::metrics::samples_average;
}  // namespace samples_tests

TEMPLATE_TEST_CASE("samples averages of any partition are those of the whole", "[metrics][samples]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace samples_tests;
  softf1::context<TestType> ctx;
  problem const p = random_problem(300, 5, 1, {.masked = true, .weighted = true, .prevalence = 0.2});
  auto const rows_of = [&](problem const& part) {
    problem_on<TestType, float> const data(ctx, part);
    return softf1::metrics::count_rows(
        ctx, data.scores(), data.targets(),
        softf1::metric_options<TestType>{.mask = data.mask(), .row_weights = data.weights()});
  };
  samples_average<softf1::f1> streamed, merged;
  for (auto const& rows : random_partition(300, 5, 2)) {
    samples_average<softf1::f1> part;
    streamed.add(ctx, rows_of(take_rows(p, rows)));
    part.add(ctx, rows_of(take_rows(p, rows)));
    merged.merge(part);
  }
  for (double zero : {0.0, 1.0, nan_value}) {
    double const expected =
        reference_average(p, std::vector<double>(5), softf1::f1{}, softf1::averaging::samples, zero);
    CHECK(streamed.value(zero) == Approx(expected).epsilon(1e-12));
    CHECK(merged.value(zero) == Approx(expected).epsilon(1e-12));
  }
  CHECK(std::isnan(samples_average<softf1::f1>().value()));
}
