// Searches on calibrated scores.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <softf1/config.hpp>
#include <softf1/decisions/calibrated_rule.hpp>
#include <softf1/thresholds/resampling.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The same rows with what a calibration makes of their scores. Throws as calibration_map::apply, and value_error where
/// it makes NaN of a present score. Cost: as tuning_rows.
inline thresholds::tuning_rows calibrated_rows(thresholds::tuning_rows const& rows, calibration_map const& map) {
  std::size_t const n = rows.rows(), labels = rows.labels();
  std::vector<double> scores(n * labels), weights(n);
  std::vector<std::uint8_t> targets(n * labels), mask(n * labels);
  for (std::size_t i = 0; i < n; ++i) {
    weights[i] = rows.weight(i);
    for (std::size_t j = 0; j < labels; ++j) {
      std::size_t const at = i * labels + j;
      mask[at] = rows.present(i, j);
      scores[at] = mask[at] != 0 ? rows.score(i, j) : 0;
      targets[at] = rows.positive(i, j);
    }
  }
  context<cpu> ctx({.threads = 1});
  matrix_view<const double> const view(scores.data(), n, labels);
  map.apply(ctx, view, matrix_view<double>(scores.data(), n, labels));
  threshold_options<cpu> const options{.domain = score_domain::calibrated,
                                       .mask = matrix_view<const std::uint8_t>(mask.data(), n, labels),
                                       .row_weights = vector_view<const double>(weights.data(), n),
                                       .zero_division = rows.zero_division()};
  return {ctx, view, matrix_view<const std::uint8_t>(targets.data(), n, labels), options, "calibrated_rows"};
}

/// A search that fits a calibrator to the rows that it is given, and then searches their calibrated scores. What divides or
/// draws rows (cross_validate, search_with_account) so measures both: the fit sees no row that it is judged by.
/// `search_with_account(ctx, rows, calibrated_search(platt{}, search_named("expected_f", f1{})), f1{})`.
/// A search throws as the calibrator, calibrated_rows and the search inside. Cost: theirs.
template <class Calibrator>
thresholds::search_function calibrated_search(Calibrator calibrator, thresholds::search_function search) {
  return [calibrator = std::move(calibrator), search = std::move(search)](thresholds::tuning_rows const& rows) {
    calibration_map map = calibrator(rows);
    auto found = search(calibrated_rows(rows, map));
    return calibrated_rule(std::move(found.rule), std::move(map));
  };
}

}  // namespace softf1::inline SOFTF1_ABI::calibration

namespace softf1::inline SOFTF1_ABI {
using calibration::calibrated_rows;
using calibration::calibrated_search;
}  // namespace softf1::inline SOFTF1_ABI
