// A line search for the strong Wolfe conditions.
#pragma once

#include <cmath>
#include <cstddef>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::optimizers::detail {

/// A point on the line: the step, the objective's value there and its slope along the line.
struct line_point {
  double step, value, slope;

  bool is_finite() const { return std::isfinite(value) && std::isfinite(slope); }
};

struct line_search_options {
  double decrease, curvature;
  std::size_t max_evaluations;
};

/// The minimum of the cubic through two points with their slopes, kept away from both ends of the interval;
/// its middle where there is none. Source: Nocedal and Wright, equation 3.59.
inline double cubic_minimum(line_point const& a, line_point const& b) {
  double const width = b.step - a.step, middle = a.step + width / 2;
  if (!b.is_finite()) return middle;
  double const d1 = a.slope + b.slope - 3 * (b.value - a.value) / width;
  double const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return middle;
  double const d2 = std::copysign(std::sqrt(square), width);
  double const share = 1 - (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  if (!std::isfinite(share)) return middle;
  return a.step + width * (share < 0.1 ? 0.1 : share > 0.9 ? 0.9 : share);
}

/// Looks for a step with value <= value(0) + decrease · step · slope(0) and |slope| <= curvature · |slope(0)|, where
/// slope(0) < 0. A value that is not finite counts as one too far out. Source: Nocedal and Wright, Numerical
/// Optimization, 2nd edition, algorithms 3.5 and 3.6.
template <class Evaluate>
class line_search {
 public:
  line_search(Evaluate& evaluate, line_point origin, line_search_options const& options)
      : evaluate_(evaluate), origin_(origin), best_(origin), options_(options) {}

  /// The point found: one of both conditions, else the lowest with enough decrease, else the origin.
  /// The objective was evaluated last at the point returned if `is_last(point)`.
  line_point run(double first_step) {
    line_point before = origin_;
    for (double step = first_step; evaluations_ < options_.max_evaluations; step *= 2) {
      line_point const now = evaluate(step);
      if (!has_decrease(now) || (before.step > 0 && now.value >= before.value)) return zoom(before, now);
      if (is_flat(now)) return now;
      if (now.slope >= 0) return zoom(now, before);
      before = now;
    }
    return best_;
  }

  bool is_last(line_point const& p) const { return p.step == last_; }
  std::size_t evaluations() const { return evaluations_; }

 private:
  bool has_decrease(line_point const& p) const {
    return p.is_finite() && p.value <= origin_.value + options_.decrease * p.step * origin_.slope;
  }
  bool is_flat(line_point const& p) const { return std::abs(p.slope) <= -options_.curvature * origin_.slope; }

  // `low` has enough decrease and the lowest value so far; a good step lies between it and `high`.
  line_point zoom(line_point low, line_point high) {
    while (evaluations_ < options_.max_evaluations && low.step != high.step) {
      line_point const now = evaluate(cubic_minimum(low, high));
      if (!has_decrease(now) || now.value >= low.value) {
        high = now;
        continue;
      }
      if (is_flat(now)) return now;
      if (now.slope * (high.step - low.step) >= 0) high = low;
      low = now;
    }
    return best_;
  }

  line_point evaluate(double step) {
    line_point const p = evaluate_(step);
    ++evaluations_;
    last_ = step;
    if (has_decrease(p) && p.value < best_.value) best_ = p;
    return p;
  }

  Evaluate& evaluate_;
  line_point origin_, best_;
  line_search_options options_;
  std::size_t evaluations_ = 0;
  double last_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI::optimizers::detail
