// A threshold a label, by which it is predicted as often as it is true.
#pragma once

#include <array>
#include <cmath>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/each_label.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds {

/// The strategy `pcut_label`: for each label the threshold by which it is predicted nearest to `factor` times as often as
/// it is true; of equals the highest. Looks at no objective. A label without positives keeps probability 0.5, marked.
/// Throws value_error for a factor that is negative or not finite. Cost: O(points) a label.
/// Source: Yang, SIGIR 2001 (PCut; there the factor is tuned); MEKA's PCutL.
struct pcut_label {
  static constexpr std::string_view name = "pcut_label";
  static constexpr std::array<std::string_view, 1> option_names{"factor"};

  double factor = 1;

  constexpr double& option(std::size_t) { return factor; }
  void check() const {
    require_value(factor >= 0 && factor * 0 == 0, name, "factor must be finite and >= 0, got " + number_text(factor));
  }

  threshold_set operator()(curve_source const& source, objective_function const&) const {
    check();
    return search_each_label(source, name, [this](count_curve const& curve, std::size_t k, std::size_t) {
      return -std::fabs(curve.points[k].tp + curve.points[k].fp - factor * curve.positives);
    });
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds
