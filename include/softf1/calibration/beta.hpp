// A slope on either side of 0 and a shift, a label.
#pragma once

#include <array>
#include <limits>
#include <string_view>

#include <softf1/calibration/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibrator `beta`: σ(a log p − b log(1 − p) + c) of the probability p = σ(z), with a, b >= 0, under which
/// smooth_targets are most likely: `platt` with another slope for low scores than for high ones. A label with less than
/// `min_positives` positives, or negatives, gets the temperature of all cells and a shift by its own frequency, marked.
/// Throws value_error for options that are negative or not finite. Cost: O(points) a label, about ten times; four times
/// that where a slope would be negative. Source: Kull, Silva Filho and Flach, "Beta calibration", AISTATS 2017.
struct beta {
  static constexpr std::string_view name = "beta";
  static constexpr std::array<std::string_view, 2> option_names{"min_positives", "smoothing"};

  double min_positives = 5, smoothing = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? min_positives : smoothing; }
  void check() const {
    require_not_negative(min_positives, name, "min_positives");
    require_not_negative(smoothing, name, "smoothing");
  }

  calibration_map operator()(curve_source const& source) const {
    check();
    return fit_each_label(source, name, min_positives, smoothing, fallback::shifted_temperature,
                          [&](label_cells const& cells) {
                            auto const soft = softened(cells, smoothing);
                            double const shift = cells.log_odds();
                            minimum<3> best{{}, std::numeric_limits<double>::infinity()};
                            // A convex function is least within a >= 0, b >= 0, or else where one of them is 0, or both are.
                            for (auto const& free : faces) {
                              auto const found = find_minimum<3>({0, 0, shift}, [&](std::array<double, 3> const& at) {
                                local_shape<3> shape;
                                for (auto const& c : soft) {
                                  auto const parts = math::softplus_with_sigmoid(c.logit);
                                  shape.add(at, {-free[0] * parts.of_minus_logit, free[1] * parts.of_logit, 1}, c);
                                }
                                return shape;
                              });
                              if (!(found.at[0] >= 0) || !(found.at[1] >= 0) || !(found.value < best.value)) continue;
                              best = found;
                              if (free[0] * free[1] != 0) break;
                            }
                            return label_map{.a = best.at[0], .b = best.at[1], .c = best.at[2]};
                          });
  }

 private:
  static constexpr std::array<std::array<double, 2>, 4> faces{{{1, 1}, {1, 0}, {0, 1}, {0, 0}}};
};

}  // namespace softf1::inline SOFTF1_ABI::calibration
