// One temperature for all cells.
#pragma once

#include <array>
#include <cstddef>

#include <softf1/calibration/convex_minimum.hpp>
#include <softf1/calibration/label_cells.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// σ(z / T): the sigmoid of a slope 1 / T >= 0.
inline label_map with_slope(double slope) {
  double const a = slope > 0 ? slope : 0.0;
  return {.a = a, .b = a};
}

/// The σ(z / T), T > 0, under which the (smoothed) targets of all cells of all labels are most likely; the identity
/// where all are of one class. Its targets are smoothed by the positives and negatives of all labels together.
/// Cost: O(points), about ten times.
inline label_map pooled_temperature(curve_source const& source, double smoothing) {
  label_cells all;
  for (std::size_t j = 0; j < source.labels(); ++j) {
    auto const curve = source.label(j);
    all.positives += curve.positives;
    all.negatives += curve.negatives;
  }
  if (!(all.positives > 0) || !(all.negatives > 0)) return {};
  smooth_targets const targets(all, smoothing);
  auto const found = find_minimum<1>({0}, [&](std::array<double, 1> const& at) {
    local_shape<1> shape;
    // Labels are read again in each step: all of them together may be large.
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const cells = cells_of(source.label(j), source.domain());
      for (auto const& c : cells.scores) {
        auto const soft = targets.of(c, cells.is_probability);
        shape.add(at, {soft.logit}, soft);
      }
    }
    return shape;
  });
  return with_slope(found.at[0]);
}

}  // namespace softf1::inline SOFTF1_ABI::calibration
