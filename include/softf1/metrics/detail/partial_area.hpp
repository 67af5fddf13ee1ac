// The area under a part of a ROC curve, as one number that areas of different parts share.
#pragma once

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// McClish's standardised area: ½ for chance, 1 for a perfect curve, whatever the part; increasing in the area. The
/// area itself for the whole curve. `area` is of the unit square left of max_fpr. Source: Medical Decision Making,
/// 1989.
inline double standardised_area(double area, double max_fpr) {
  if (max_fpr == 1) return area;
  double const chance = 0.5 * max_fpr * max_fpr;
  return 0.5 * (1 + (area - chance) / (max_fpr - chance));
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
