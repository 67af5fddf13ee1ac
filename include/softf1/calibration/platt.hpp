// A slope and a shift of the logit, a label.
#pragma once

#include <array>
#include <cmath>
#include <string_view>

#include <softf1/calibration/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibrator `platt`: σ(a z + c) with a >= 0, under which smooth_targets are most likely. A label with less than
/// `min_positives` positives, or negatives, gets the temperature of all cells and a shift by its own frequency, marked.
/// Scores that rank no better than chance get the constant of their frequency (a = 0).
/// Throws value_error for options that are negative or not finite. Cost: O(points) a label, about ten times.
/// Source: Platt, "Probabilistic outputs for support vector machines", 1999; Lin, Lin and Weng, Machine Learning 68,
/// 2007.
struct platt {
  static constexpr std::string_view name = "platt";
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
                            auto const found = find_minimum<2>({0, shift}, [&](std::array<double, 2> const& at) {
                              local_shape<2> shape;
                              for (auto const& c : soft) shape.add(at, {c.logit, 1}, c);
                              return shape;
                            });
                            if (found.at[0] > 0) return label_map{.a = found.at[0], .b = found.at[0], .c = found.at[1]};
                            double hits = 0, misses = 0;
                            for (auto const& c : soft) hits += c.hits, misses += c.misses;
                            return label_map{.a = 0, .b = 0, .c = std::log(hits / misses)};
                          });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::calibration
