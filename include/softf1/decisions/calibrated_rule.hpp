// A rule that decides what scores say as probabilities.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/config.hpp>
#include <softf1/decisions/calibration_map.hpp>
#include <softf1/decisions/decision_rule.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// A rule, and the calibration of the scores that it decides; none: it decides scores as they are.
struct calibrated_rule {
  decision_rule rule;
  std::optional<calibration_map> calibration;

  calibrated_rule() = default;
  /// Any rule is one, of scores as they are.
  template <std::convertible_to<decision_rule> Rule>
  calibrated_rule(Rule decides, std::optional<calibration_map> calibrates = {})
      : rule(std::move(decides)), calibration(std::move(calibrates)) {}

  /// Throws value_error or shape_error where the calibration is none (calibration_map::check), or does not fit the
  /// rule: one for another number of labels, or thresholds of other labels or another domain than "calibrated".
  void check(std::string_view who) const {
    if (!calibration) return;
    calibration->check(who);
    if (auto const its = labels_of(rule))
      require_shape(who, "labels of the decision rule beside the calibration", {calibration->labels()},
                    std::vector<std::size_t>{*its});
    if (auto const its = domain_in(rule))
      require_value(
          *its == score_domain::calibrated, who,
          "a decision rule beside a calibration must be for calibrated scores, got " + std::string(name_of(*its)));
    auto const* const names = label_names_in(rule);
    if (!names || names->empty() || calibration->label_names.empty()) return;
    for (std::size_t j = 0; j < names->size(); ++j)
      require_value((*names)[j] == calibration->label_names[j], who,
                    "label " + std::to_string(j) + " is '" + (*names)[j] + "' in the decision rule, '" +
                        calibration->label_names[j] + "' in its calibration");
  }
};

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::calibrated_rule;
}
