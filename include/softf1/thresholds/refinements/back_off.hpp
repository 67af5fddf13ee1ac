// A steadier threshold in place of one that was found on too little.
#pragma once

#include <array>
#include <string_view>

#include <softf1/core/named.hpp>
#include <softf1/thresholds/refinements/steady.hpp>
#include <softf1/thresholds/resampling.hpp>

namespace softf1::inline SOFTF1_ABI::thresholds::refinements {

/// The refinement `back_off`: a label with less than `min_positives` positives takes the one best threshold of all labels,
/// or another (see steady), marked "few positives".
/// Throws value_error for a min_positives that is negative. Cost: the search, and `steady`.
struct back_off {
  static constexpr std::string_view name = "back_off";
  static constexpr std::array<std::string_view, 3> option_names{"min_positives", "f_star", "label_free"};

  double min_positives = 10, f_star = 0, label_free = 0;

  constexpr double& option(std::size_t k) { return k == 0 ? min_positives : k == 1 ? f_star : label_free; }
  void check() const {
    require_value(min_positives >= 0, name, "min_positives must be >= 0, got " + number_text(min_positives));
    steady{f_star, label_free}.check(name);
  }

  threshold_set operator()(search_function const& search, tuning_rows const& rows,
                           objective_function const& score) const {
    check();
    threshold_set set = thresholds_in(search(rows), name);
    auto const steadier = refinements::steady{f_star, label_free}.of(rows, score), positives = positives_of(rows);
    for (std::size_t j = 0; j < set.labels(); ++j) {
      if (!(positives[j] > 0) || positives[j] >= min_positives) continue;
      set.thresholds[j] = steadier[j];
      set.reasons[j] = few_positives;
    }
    return set;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::thresholds::refinements
