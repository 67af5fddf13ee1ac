// A fit of each label by itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

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

/// fit(cells) of each label that has at least `min_positives` positives, and as many negatives. The others get the one
/// temperature of all cells (pooled_temperature), and a reason: "no positives", "few negatives" and the like.
template <class Fit>
calibration_map fit_each_label(curve_source const& source, std::string_view method, double min_positives,
                               double smoothing, Fit const& fit) {
  auto map = begun(source, method);
  std::optional<label_map> pooled;
  for (std::size_t j = 0; j < source.labels(); ++j) {
    auto const cells = cells_of(source.label(j), source.domain());
    auto const why = reason_against(cells.positives, cells.negatives, min_positives);
    if (!why.empty() && !pooled) pooled = pooled_temperature(source, smoothing);
    map.maps.push_back(why.empty() ? fit(cells) : *pooled);
    map.maps.back().reason = why.empty() ? method : why;
  }
  return map;
}

}  // namespace softf1::inline SOFTF1_ABI::calibration
