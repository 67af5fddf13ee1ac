// A temperature a label.
#pragma once

#include <array>
#include <string_view>

#include <softf1/calibration/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibrator `temperature_label`: σ(z / T) with a T > 0 for each label, under which smooth_targets are most
/// likely. A label with less than `min_positives` positives, or negatives, gets the temperature of all cells, marked.
/// What 0.5 decides stays.
/// Throws value_error for options that are negative or not finite. Cost: O(points) a label, about ten times.
/// Source: as `temperature`, for each label by itself.
struct temperature_label {
  static constexpr std::string_view name = "temperature_label";
  static constexpr std::array<std::string_view, 2> option_names{"min_positives", "smoothing"};

  double min_positives = 5, smoothing = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? min_positives : smoothing; }
  void check() const {
    require_not_negative(min_positives, name, "min_positives");
    require_not_negative(smoothing, name, "smoothing");
  }

  calibration_map operator()(curve_source const& source) const {
    check();
    return fit_each_label(source, name, min_positives, smoothing, fallback::temperature, [&](label_cells const& cells) {
      auto const soft = softened(cells, smoothing);
      auto const found = find_minimum<1>({0}, [&](std::array<double, 1> const& at) {
        local_shape<1> shape;
        for (auto const& c : soft) shape.add(at, {c.logit}, c);
        return shape;
      });
      return with_slope(found.at[0]);
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::calibration
