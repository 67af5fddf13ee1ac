// Points of a curve as thresholds, and the best of them.
#pragma once

#include <algorithm>
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

/// The true positives at the points of a curve, averaged over thresholds that accept up to `width` cells more or fewer,
/// as many more as fewer: (1 / 2w) ∫ tp(a) da from A_k − w to A_k + w with w = min(width, A_k, A − A_k), where A_k cells
/// are accepted at point k, A at the last, and tp(a) lies on the lines that join the points. A width of 0, or of less than
/// 10^-9 of all cells, averages nothing: sums are not exact enough. Cost: O(points).
inline std::vector<double> smoothed_positives(count_curve const& curve, double width) {
  auto const& points = curve.points;
  auto const accepted = [&](std::size_t k) { return points[k].tp + points[k].fp; };
  double const all = accepted(points.size() - 1);
  std::vector<double> area(points.size()), smoothed(points.size());
  for (std::size_t k = 1; k < points.size(); ++k)
    area[k] = area[k - 1] + 0.5 * (accepted(k) - accepted(k - 1)) * (points[k].tp + points[k - 1].tp);
  // Both ends only move forward; `next` is the first point behind them.
  auto const area_to = [&](double a, std::size_t& next) {
    while (next + 1 < points.size() && accepted(next) < a) ++next;
    double const begin = accepted(next - 1), length = accepted(next) - begin;
    double const share = length > 0 ? (a - begin) / length : 0;
    double const tp = points[next - 1].tp + share * (points[next].tp - points[next - 1].tp);
    return area[next - 1] + 0.5 * (a - begin) * (points[next - 1].tp + tp);
  };
  std::size_t next_low = 1, next_high = 1;
  for (std::size_t k = 0; k < points.size(); ++k) {
    double const here = accepted(k), w = std::min({width, here, all - here});
    smoothed[k] =
        w > 1e-9 * all ? (area_to(here + w, next_high) - area_to(here - w, next_low)) / (2 * w) : points[k].tp;
  }
  return smoothed;
}

/// A score at the points of a curve whose true positives are smoothed_positives: no single row makes its maximum. The
/// width is share · min(n, e), for n positives and e wrong cells at the maximum of the score itself, so that a maximum
/// that makes no mistakes stays where it is. A share of 0 changes nothing. Cost: O(points), three times.
template <class Value>
std::vector<double> smoothed_score(count_curve const& curve, Value const& value, double share) {
  std::vector<double> values;
  for (std::size_t k = 0; k < curve.points.size(); ++k) values.push_back(value(curve.counts(k)));
  auto const best = best_point(curve, [&](std::size_t k) { return values[k]; });
  if (!(share > 0) || best.at == curve_point::none) return values;
  auto const at_best = curve.counts(best.at);
  double const width = share * std::min(curve.positives, at_best.fp + at_best.fn);
  if (!(width > 0)) return values;
  auto const tps = smoothed_positives(curve, width);
  // Sums of weights are rounded: what is accepted of a class lies between none of it and all.
  auto const between = [](double x, double most) { return std::max(0.0, std::min(x, most)); };
  for (std::size_t k = 0; k < values.size(); ++k) {
    double const accepted = curve.points[k].tp + curve.points[k].fp, tp = between(tps[k], curve.positives);
    double const fp = between(accepted - tp, curve.negatives);
    values[k] = value(confusion<double>{tp, fp, curve.positives - tp, curve.negatives - fp});
  }
  return values;
}

}  // namespace softf1::inline SOFTF1_ABI::thresholds
