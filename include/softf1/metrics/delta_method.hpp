// Standard errors from the influence of each row.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <softf1/metrics/bootstrap.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// The spread and skewness of a number, from the influence of its units.
struct delta_moments {
  double standard_error;
  double acceleration;  ///< of BCa: Σ I³ / (6 (Σ I²)^{3/2}); 0 where all influences are 0
};

/// The delta method: Var = Σ_strata n/(n − 1) Σ_units (I − mean I)², where the influence I of a unit is
/// Σ over its rows of ∂value/∂m, so that the labels of a row (and the rows of a group) may be correlated in any way.
/// One for each number; a stratum of one unit adds nothing; NaN where the number is undefined. For a mean it is the
/// textbook's standard error; for AUROC with the classes as strata DeLong's. Cost: one pass over rows × numbers, and 8
/// bytes for each: ask for the numbers of many labels some at a time.
/// Source: Efron, "The jackknife, the bootstrap and other resampling plans", 1982 (infinitesimal jackknife); DeLong et
/// al., Biometrics, 1988; Efron, JASA, 1987 (acceleration).
inline std::vector<delta_moments> delta_method(row_statistic const& statistic, sampling_options const& options = {}) {
  auto const& source = statistic.source();
  auto const units = make_sampling_units(source.counted(), options);
  auto const influence = source.influence();
  auto const value = statistic.estimate();
  std::size_t const values = source.values();
  std::vector<delta_moments> moments(values);
  for (std::size_t k = 0; k < values; ++k) {
    std::vector<double> sums(units.size());
    for (std::size_t i = 0; i < source.rows(); ++i)
      if (units.unit_of[i] != sampling_units::none) sums[units.unit_of[i]] += influence[i * values + k];
    double variance = 0, squares = 0, cubes = 0;
    for (std::size_t s = 0; s + 1 < units.stratum_begin.size(); ++s) {
      std::size_t const begin = units.stratum_begin[s], end = units.stratum_begin[s + 1];
      double const n = static_cast<double>(end - begin);
      double mean = 0, here = 0;
      for (std::size_t u = begin; u < end; ++u) mean += sums[u] / n;
      for (std::size_t u = begin; u < end; ++u) {
        double const centred = sums[u] - mean;
        here += centred * centred;
        cubes += centred * centred * centred;
      }
      squares += here;
      if (n > 1) variance += here * n / (n - 1);
    }
    double const undefined = std::numeric_limits<double>::quiet_NaN();
    moments[k] = {std::isnan(value[k]) ? undefined : std::sqrt(variance),
                  squares > 0 ? cubes / (6 * squares * std::sqrt(squares)) : 0.0};
  }
  return moments;
}

/// How much each number is expected to exceed what it estimates: (G − 1) / G · Σ (value without part g − value), the
/// rows (or groups) dealt out to G = min(units, 400) parts in turn; undefined values are left out. Average precision of
/// P positives is up to about (1 − AP) / P too high, since each positive is counted above itself.
/// Cost: G evaluations, 8 at a time. Source: Quenouille, Biometrika, 1956; Shao and Tu, The Jackknife and Bootstrap,
/// 1995 (parts of rows).
inline std::vector<double> jackknife_bias(row_statistic const& statistic, sampling_options const& options = {}) {
  auto const& source = statistic.source();
  auto const units = make_sampling_units(source.counted(), options);
  std::size_t const parts = std::min<std::size_t>(units.size(), 400), values = source.values();
  auto const value = statistic.estimate();
  std::vector<double> bias(values), multiplicity(source.rows() * resample_lanes), lanes(values * resample_lanes),
      scratch(source.scratch());
  for (std::size_t first = 0; first < parts; first += resample_lanes) {
    for (std::size_t i = 0; i < source.rows(); ++i)
      for (std::size_t l = 0; l < resample_lanes; ++l) {
        bool const left_out = units.unit_of[i] != sampling_units::none && units.unit_of[i] % parts == first + l;
        multiplicity[i * resample_lanes + l] = left_out ? 0.0 : 1.0;
      }
    source.evaluate(multiplicity.data(), lanes.data(), scratch.data());
    for (std::size_t k = 0; k < values; ++k)
      for (std::size_t l = 0; l < resample_lanes && first + l < parts; ++l) {
        double const change = lanes[k * resample_lanes + l] - value[k];
        bias[k] += std::isnan(change) ? 0.0 : change;
      }
  }
  for (double& b : bias) b *= parts > 1 ? static_cast<double>(parts - 1) / static_cast<double>(parts) : 0.0;
  return bias;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::delta_method;
using metrics::jackknife_bias;
}  // namespace softf1::inline SOFTF1_ABI
