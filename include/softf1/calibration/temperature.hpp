// One temperature for all labels.
#pragma once

#include <array>
#include <string_view>

#include <softf1/calibration/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibrator `temperature`: σ(z / T), with the one T > 0 under which smooth_targets of all cells are most likely.
/// What it changes least: the order of scores, within and across labels, stays, and so does what 0.5 decides. Where all
/// cells are of one class the maps are the identity, marked; scores no better than chance get 0.5 throughout (a = 0).
/// Throws value_error for a smoothing that is negative or not finite. Cost: O(points), about ten times.
/// Source: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.
struct temperature {
  static constexpr std::string_view name = "temperature";
  static constexpr std::array<std::string_view, 1> option_names{"smoothing"};

  double smoothing = 1;

  constexpr double& option(std::size_t) { return smoothing; }
  void check() const { require_not_negative(smoothing, name, "smoothing"); }

  calibration_map operator()(curve_source const& source) const {
    check();
    auto map = begun(source, name);
    double positives = 0, negatives = 0;
    for (std::size_t j = 0; j < source.labels(); ++j) {
      auto const curve = source.label(j);
      positives += curve.positives;
      negatives += curve.negatives;
    }
    auto const why = reason_against(positives, negatives, 0);
    auto one = pooled_temperature(source, smoothing);
    one.reason = why.empty() ? name : why;
    map.maps.assign(source.labels(), one);
    return map;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::calibration
