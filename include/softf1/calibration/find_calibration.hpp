// A calibrator on scores and targets.
#pragma once

#include <softf1/decisions/calibration_map.hpp>
#include <softf1/thresholds/tuning_rows.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibration that a calibrator finds: `find_calibration(ctx, platt{}, scores, targets, {.domain = logit})`.
/// Scores (N, L) in options.domain, targets (N, L) of 0 and 1, on any backend; fitted on the host. To fit the same rows
/// many times, make tuning_rows once, and call the calibrator.
/// Errors as tuning_rows, and as the calibrator. Cost: as tuning_rows, and as the calibrator.
template <class B, class Calibrator, class X, class Y>
calibration_map find_calibration(context<B>& ctx, Calibrator const& calibrator, X const& scores, Y const& targets,
                                 threshold_options<B> const& options = {}) {
  return calibrator(thresholds::tuning_rows(ctx, scores, targets, options, Calibrator::name));
}

/// The same with a context of its own.
template <class Calibrator, class X, class Y>
calibration_map find_calibration(Calibrator const& calibrator, X const& scores, Y const& targets,
                                 threshold_options<backend_of<X>> const& options = {}) {
  auto ctx = context<backend_of<X>>::for_one_call();
  return find_calibration(ctx, calibrator, scores, targets, options);
}

}  // namespace softf1::inline SOFTF1_ABI::calibration

namespace softf1::inline SOFTF1_ABI {
using calibration::find_calibration;
}
