// A threshold a label.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <softf1/decisions/domain.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// What is known of one threshold. NaN is unknown.
struct threshold_account {
  double cells = unknown, positives = unknown, predicted = unknown;  ///< weights on the rows it was found on
  double low = unknown, high = unknown;                              ///< the interval of the threshold
  double tuned = unknown;                                            ///< the objective on the rows it was found on
  double expected = unknown;                                         ///< the objective to expect on new rows

  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
};

/// A label is predicted where its score >= its threshold. Made by the strategies of `thresholds/`, or by hand.
struct threshold_set {
  std::vector<double> thresholds;             ///< one a label, in `domain`; ±inf allowed, NaN not
  score_domain domain = score_domain::logit;  ///< the domain in which they were tuned and are applied
  std::vector<std::string> label_names = {};  ///< empty, or one a label
  std::vector<std::string> reasons = {};      ///< empty, or how each was found ("best", "no positives", …)
  /// Where it came from, as name and value: strategy, objective, rows, …
  std::vector<std::pair<std::string, std::string>> origin = {};
  std::vector<threshold_account> accounts = {};  ///< empty, or one a label

  std::size_t labels() const { return thresholds.size(); }

  /// Throws shape_error or value_error where names, reasons or accounts are not one a label, or a threshold is NaN.
  void check(std::string_view who) const {
    if (!label_names.empty()) require_shape(who, "label names of the decision rule", {labels()}, extent(label_names));
    if (!reasons.empty()) require_shape(who, "reasons of the decision rule", {labels()}, extent(reasons));
    if (!accounts.empty()) require_shape(who, "accounts of the decision rule", {labels()}, extent(accounts));
    for (std::size_t j = 0; j < labels(); ++j)
      require_value(thresholds[j] == thresholds[j], who,
                    "thresholds of the decision rule must not be NaN, got nan for label " + std::to_string(j));
  }

 private:
  static std::vector<std::size_t> extent(auto const& v) { return {v.size()}; }
};

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::threshold_account;
using decisions::threshold_set;
}  // namespace softf1::inline SOFTF1_ABI
