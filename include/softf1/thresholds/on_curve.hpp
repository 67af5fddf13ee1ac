// Points of a curve as thresholds, and the best of them.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include <softf1/core/limits.hpp>
#include <softf1/metrics/curve_counts.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

using metrics::count_curve;

/// The threshold that accepts `high` and not the next lower score: their midpoint, in double, unless it rounds to the
/// lower one (or is NaN between infinities). Where there is no lower score, low = high gives high.
SOFTF1_HD double cut_between(double high, double low) {
  double const middle = 0.5 * high + 0.5 * low;
  return middle > low ? middle : high;
}

/// The threshold that accepts what point k of a curve does: the midpoint, in double, to the next lower distinct score,
/// the score itself where there is none (or none between), +inf for the first point. The edge itself where points are
/// edges of bins: what the threshold accepts is counted exactly there alone.
inline double threshold_at(count_curve const& curve, std::size_t k) {
  double const high = curve.points[k].threshold;
  if (k == 0 || k + 1 == curve.points.size() || curve.is_binned) return high;
  return cut_between(high, curve.points[k + 1].threshold);
}

/// A point of a curve, and what a search has found it to be worth.
struct curve_point {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::size_t at = none;
  double value = 0;
};

/// The reachable point where value(k) is greatest; of equals the first, which accepts least. NaN is no value.
template <class Value>
curve_point best_point(count_curve const& curve, Value const& value) {
  curve_point best;
  for (std::size_t k = 0; k < curve.points.size(); ++k) {
    if (!curve.reachable(k)) continue;
    double const here = value(k);
    if (here == here && (best.at == curve_point::none || here > best.value)) best = {k, here};
  }
  return best;
}

/// Numbers at the points of a curve, averaged over the points that accept at most `width` cells more or fewer, each as
/// heavy as the cells it adds, and then once more: a triangular kernel in the space of ranks. NaN and infinite numbers
/// are left out. A width of 0 changes nothing. Cost: O(points).
inline std::vector<double> smoothed(count_curve const& curve, std::vector<double> values, double width) {
  if (!(width > 0)) return values;
  std::size_t const n = curve.points.size();
  auto const accepted = [&](std::size_t k) { return curve.points[k].tp + curve.points[k].fp; };
  for (int time = 0; time < 2; ++time) {
    std::vector<double> mass(n + 1), sum(n + 1);
    for (std::size_t k = 0; k < n; ++k) {
      bool const counts = values[k] * 0 == 0;
      // The first point accepts nothing: it is as heavy as the next.
      double const heavy = k == 0 ? (n > 1 ? accepted(1) : 1) : accepted(k) - accepted(k - 1);
      mass[k + 1] = mass[k] + (counts ? heavy : 0);
      sum[k + 1] = sum[k] + (counts ? heavy * values[k] : 0);
    }
    std::size_t first = 0, end = 0;
    for (std::size_t k = 0; k < n; ++k) {
      while (end < n && accepted(end) <= accepted(k) + width) ++end;
      while (accepted(first) < accepted(k) - width) ++first;
      double const all = mass[end] - mass[first];
      if (all > 0 && values[k] * 0 == 0) values[k] = (sum[end] - sum[first]) / all;
    }
  }
  return values;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds
