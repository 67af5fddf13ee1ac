// A fit of each label by itself.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <softf1/calibration/convex_minimum.hpp>
#include <softf1/calibration/label_cells.hpp>
#include <softf1/calibration/pooled_temperature.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibration of a source before any map is in it. Throws value_error for scores that are calibrated already.
inline calibration_map begun(curve_source const& source, std::string_view method) {
  require_value(source.domain() != score_domain::calibrated, method, "the scores are calibrated already");
  calibration_map map;
  map.domain = source.domain();
  map.method = method;
  map.origin = {{"rows", std::to_string(source.rows())}};
  return map;
}

/// Why a label is not fitted by itself; empty where it is.
inline std::string_view reason_against(double positives, double negatives, double least) {
  return !(positives > 0)    ? "no positives"
         : !(negatives > 0)  ? "no negatives"
         : positives < least ? "few positives"
         : negatives < least ? "few negatives"
                             : "";
}

/// What a label that is not fitted by itself gets beside the temperature of all cells: nothing, or a shift by its own
/// frequency, which a few cells show better than a slope.
enum class fallback { temperature, shifted_temperature };

/// σ(a z + c), a the pooled slope, and c such that smooth_targets are most likely: then probabilities add up to them. c
/// = 0 without cells, and where there is no such c (one class, and no smoothing).
inline label_map shifted(label_map const& pooled, label_cells const& cells, double smoothing) {
  if (!(cells.positives + cells.negatives > 0)) return pooled;
  if (!(cells.positives > 0 && cells.negatives > 0) && !(smoothing > 0)) return pooled;
  auto const soft = softened(cells, smoothing);
  auto map = pooled;
  map.c = find_minimum<1>({0}, [&](std::array<double, 1> const& at) {
            local_shape<2> shape;
            for (auto const& c : soft) shape.add({pooled.a, at[0]}, {c.logit, 1}, c);
            return local_shape<1>{shape.value, {shape.slope[1]}, {{{shape.curvature[1][1]}}}};
          }).at[0];
  return map;
}

/// fit(cells) of each label that has at least `min_positives` positives, and as many negatives. The others get the one
/// temperature of all cells (pooled_temperature) as `otherwise` says, and a reason: "no positives", "few negatives" and
/// the like.
template <class Fit>
calibration_map fit_each_label(curve_source const& source, std::string_view method, double min_positives,
                               double smoothing, fallback otherwise, Fit const& fit) {
  auto map = begun(source, method);
  std::optional<label_map> pooled;
  for (std::size_t j = 0; j < source.labels(); ++j) {
    auto const cells = cells_of(source.label(j), source.domain());
    auto const why = reason_against(cells.positives, cells.negatives, min_positives);
    if (!why.empty() && !pooled) pooled = pooled_temperature(source, smoothing);
    if (why.empty())
      map.maps.push_back(fit(cells));
    else
      map.maps.push_back(otherwise == fallback::temperature ? *pooled : shifted(*pooled, cells, smoothing));
    map.maps.back().reason = why.empty() ? method : why;
  }
  return map;
}

}  // namespace softf1::inline SOFTF1_ABI::calibration
