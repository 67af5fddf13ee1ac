// One threshold by which as many labels are predicted as are true.
#pragma once

#include <cmath>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/curve_source.hpp>
#include <softf1/thresholds/on_curve.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `pcut`: the one threshold for all labels by which the number of predictions is nearest to that of true
/// labels; of equals the highest. Looks at no objective. Cost: a sort of all cells.
/// Source: Read, Pfahringer, Holmes and Frank, "Classifier chains for multi-label classification", 2011 (calibration by
/// label cardinality); MEKA's PCut1.
struct pcut {
  static constexpr std::string_view name = "pcut";
  static constexpr auto option_names = no_options;

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    auto const curve = source.pooled();
    auto const best = best_point(
        curve, [&](std::size_t k) { return -std::fabs(curve.points[k].tp + curve.points[k].fp - curve.positives); });
    bool const found = curve.positives > 0 && best.at != curve_point::none;
    set_maker made(source, name);
    made.add_to_all(found, found ? threshold_at(curve, best.at) : 0, name);
    return made.take();
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
