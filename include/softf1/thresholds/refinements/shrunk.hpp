// Thresholds drawn to a steadier one, the more the less they were found on.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/refinements/steady.hpp>
#include <softf1/thresholds/resampling.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// The refinement `shrunk`: t_j = w t_j + (1 − w) s_j with w = n_j / (n_j + strength), n_j the positives of the label and
/// s_j the one best threshold of all labels, or with `f_star=1` half of the label's best F1 (see shrunk_toward).
/// Throws value_error for a strength that is negative or not finite. Cost: the search, and `global:macro=1` or `f_star`.
struct shrunk {
  static constexpr std::string_view name = "shrunk";
  static constexpr std::array<std::string_view, 2> option_names{"strength", "f_star"};

  double strength = 10, f_star = 0;

  constexpr double& option(std::size_t k) { return k == 0 ? strength : f_star; }
  void check() const {
    require_value(strength >= 0 && strength * 0 == 0, name,
                  "strength must be finite and >= 0, got " + number_text(strength));
    require_value(f_star == 0 || f_star == 1, name, "f_star must be 0 or 1, got " + number_text(f_star));
  }

  threshold_set operator()(search_function const& search, tuning_rows const& rows,
                           objective_function const& score) const {
    check();
    return shrunk_toward(thresholds_in(search(rows), name), positives_of(rows),
                         steady_thresholds(rows, score, f_star != 0), strength);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
