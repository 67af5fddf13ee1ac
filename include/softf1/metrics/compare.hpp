// Two models on the same rows and targets: is the difference more than chance?
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/metrics/intervals.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// A number of two models, and their difference.
struct comparison {
  double first, second;
  interval difference;     ///< of first − second, rows drawn for both at once
  double p_bootstrap;      ///< two-sided: 2 (1 + the lesser number of resamples with difference <= 0 or >= 0) / (R + 1)
  double p_randomisation;  ///< two-sided, see randomisation_test
};

namespace detail {

/// Blocks of random swaps: row i of the stacked rows is the first model's, row N + i the second's.
struct evaluate_swaps {
  row_statistic_source const* source;
  sampling_units const* units;
  std::uint64_t seed;
  std::size_t repeats, workers, scratch_each;
  double* scratch;
  double* out;  // (repeats, values)

  static std::size_t scratch_size(row_statistic_source const& source) {
    return (source.rows() + 2 * source.values()) * resample_lanes + source.scratch();
  }

  void operator()(std::size_t worker) const {
    std::size_t const n = source->rows() / 2, values = source->values();
    double* const multiplicity = scratch + worker * scratch_each;
    double* const a = multiplicity + 2 * n * resample_lanes;
    double* const b = a + values * resample_lanes;
    for (std::size_t first = worker * resample_lanes; first < repeats; first += workers * resample_lanes) {
      for (std::size_t l = 0; l < resample_lanes; ++l) {
        random_stream const random(seed, random_purpose::bootstrap, first + l, draw_swaps);
        for (std::size_t i = 0; i < n; ++i) {
          std::size_t const unit = units->unit_of[i];
          bool const swap = unit != sampling_units::none && (random.bits(unit >> 5) >> (unit & 31)) & 1;
          multiplicity[i * resample_lanes + l] = swap ? 0.0 : 1.0;
        }
      }
      for (int turn = 0; turn < 2; ++turn) {
        for (std::size_t k = 0; k < n * resample_lanes; ++k) {
          double& mine = multiplicity[k];
          if (turn == 1) mine = 1 - mine;
          multiplicity[n * resample_lanes + k] = 1 - mine;
        }
        source->evaluate(multiplicity, turn == 0 ? a : b, b + values * resample_lanes);
      }
      for (std::size_t l = 0; l < resample_lanes && first + l < repeats; ++l)
        for (std::size_t k = 0; k < values; ++k)
          out[(first + l) * values + k] = a[k * resample_lanes + l] - b[k * resample_lanes + l];
    }
  }
};

// The p-value of a difference of 0 by where 0 lies among the resamples.
inline double bootstrap_p_value(std::vector<double> const& draws, std::size_t values, std::size_t k) {
  double below = 0, above = 0, n = 0;
  for (std::size_t r = 0; r * values < draws.size(); ++r) {
    double const d = draws[r * values + k];
    if (std::isnan(d)) continue;
    ++n;
    below += d <= 0;
    above += d >= 0;
  }
  return n > 0 ? std::min(1.0, 2 * (1 + std::min(below, above)) / (n + 1)) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace detail

/// Approximate randomisation: the share of `resamples` random exchanges of the two models' predictions, row by row (or
/// group by group) with probability ½, whose difference is at least as great as that of the models:
/// (1 + #{|d*| >= |d|}) / (R + 1), a number for each metric; NaN where the difference is undefined.
/// `first` and `second` are decided_rows or ranked_rows of the same rows and targets; for ranked_rows the two models'
/// scores are ranked among each other, so they must be on one scale. Throws shape_error unless both have as many rows
/// and labels, value_error for other targets, masks or row weights. Cost: 2 R evaluations of 2 N rows. Source: Noreen, Computer-Intensive Methods for Testing Hypotheses,
/// 1989; Yeh, COLING 2000.
template <class Rows, class Metrics>
std::vector<double> randomisation_test(context<cpu>& ctx, Rows const& first, Rows const& second, Metrics const& metrics,
                                       sampling_options const& options = {}) {
  first.require_same_data(second, "randomisation_test");
  Rows stacked = first;
  stacked.merge(second);
  row_statistic const both = stacked.statistic(metrics),
                      difference = first.statistic(metrics) - second.statistic(metrics);
  auto const& source = both.source();
  auto const units = make_sampling_units(difference.source().counted(), options);
  std::size_t const workers = detail::workers_for(ctx, options.resamples, source.rows()), values = source.values();
  std::size_t const each = detail::evaluate_swaps::scratch_size(source);
  std::vector<double> scratch(workers * each), draws(options.resamples * values), p(values);
  detail::run_workers(ctx, workers,
                      detail::evaluate_swaps{&source, &units, options.seed, options.resamples, workers, each,
                                             scratch.data(), draws.data()});
  auto const observed = difference.estimate();
  for (std::size_t k = 0; k < values; ++k) {
    double extreme = 0, n = 0;
    for (std::size_t r = 0; r < options.resamples; ++r) {
      double const d = draws[r * values + k];
      n += !std::isnan(d);
      // Equal but for rounding is equal.
      extreme += std::fabs(d) >= std::fabs(observed[k]) - 1e-12;
    }
    p[k] = std::isnan(observed[k]) ? observed[k] : (1 + extreme) / (n + 1);
  }
  return p;
}

/// Both models' numbers, the interval of their difference, and two p-values of "no difference".
/// `metrics`: a vector of decided_metric for decided_rows, of ranked_metric for ranked_rows. Both models must have been
/// added with the same targets, masks and weights, in the same order of rows.
/// Throws as confidence_intervals and randomisation_test. Cost: the bootstrap, and the randomisation.
/// Source: Efron and Tibshirani 1993; Berg-Kirkpatrick et al., EMNLP 2012 (paired bootstrap).
template <class Rows, class Metrics>
std::vector<comparison> compare(context<cpu>& ctx, Rows const& first, Rows const& second, Metrics const& metrics,
                                interval_options const& options = {}) {
  detail::check(options);
  first.require_same_data(second, "compare");
  auto const swaps = randomisation_test(ctx, first, second, metrics, options.sampling);
  row_statistic const a = first.statistic(metrics), b = second.statistic(metrics), difference = a - b;
  auto const values_a = a.estimate(), values_b = b.estimate();
  auto const draws = bootstrap(ctx, difference, options.sampling);
  auto const intervals = detail::intervals_of(difference, draws, options);
  std::vector<comparison> result;
  for (std::size_t k = 0; k < intervals.size(); ++k)
    result.push_back(
        {values_a[k], values_b[k], intervals[k], detail::bootstrap_p_value(draws, intervals.size(), k), swaps[k]});
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::compare;
using metrics::randomisation_test;
}  // namespace softf1::inline SOFTF1_ABI
