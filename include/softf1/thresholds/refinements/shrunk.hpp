// Thresholds drawn to a steadier one, the more the less they were found on.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/refinements/steady.hpp>
#include <softf1/thresholds/resampling.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// The refinement `shrunk`: t_j = w t_j + (1 − w) s_j with w = n_j / (n_j + strength), n_j the positives of the label and
/// s_j the one best threshold of all labels, or another (see steady and shrunk_toward).
/// Throws value_error for a strength that is negative or not finite. Cost: the search, and `steady`.
struct shrunk {
  static constexpr std::string_view name = "shrunk";
  static constexpr std::array<std::string_view, 3> option_names{"strength", "f_star", "label_free"};

  double strength = 10, f_star = 0, label_free = 0;

  constexpr double& option(std::size_t k) { return k == 0 ? strength : k == 1 ? f_star : label_free; }
  void check() const {
    require_value(strength >= 0 && strength * 0 == 0, name,
                  "strength must be finite and >= 0, got " + number_text(strength));
    steady{f_star, label_free}.check(name);
  }

  threshold_set operator()(search_function const& search, tuning_rows const& rows,
                           objective_function const& score) const {
    check();
    return shrunk_toward(thresholds_in(search(rows), name), positives_of(rows),
                         steady{f_star, label_free}.of(rows, score), strength);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
