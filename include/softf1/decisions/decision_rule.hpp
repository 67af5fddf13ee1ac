// The one type by which everything decides.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/decisions/expected_f.hpp>
#include <softf1/decisions/largest_gap.hpp>
#include <softf1/decisions/predicted_size.hpp>
#include <softf1/decisions/threshold_set.hpp>
#include <softf1/decisions/weighted_top_k.hpp>

namespace softf1::inline SOFTF1_ABI::decisions {

/// The same probability for every label, whatever the domain of the scores: the rule of those who tune nothing.
struct probability_threshold {
  double value = 0.5;  ///< in [0, 1]
};

/// The one label of the highest score of each row, the first of those that tie: for tasks where each row has one label.
struct argmax {};

/// The k highest scores of each row, or all where a row has fewer; of those that tie the first. Also called RCut.
/// Source: Yang, "A study of thresholding strategies for text categorization", SIGIR 2001.
struct top_k {
  std::size_t k = 1;  ///< at least 1
};

/// How scores become decisions: `score >= threshold`, or a rule that looks at whole rows. Metrics, curves, models and
/// prediction take this type. A variant, so that code which uses it is forced by the compiler to know every kind.
using decision_rule = std::variant<probability_threshold, threshold_set, argmax, top_k, largest_gap, expected_f,
                                   predicted_size, weighted_top_k>;

/// How many labels a rule gives each row whatever its scores; 0 where that depends on them.
inline std::size_t labels_a_row(decision_rule const& rule) {
  if (auto const* top = std::get_if<top_k>(&rule)) return top->k;
  if (auto const* top = std::get_if<weighted_top_k>(&rule)) return top->k;
  return std::holds_alternative<argmax>(rule) ? 1 : 0;
}

/// The number of labels that a rule is for; none where it is for any.
inline std::optional<std::size_t> labels_of(decision_rule const& rule) {
  if (auto const* set = std::get_if<threshold_set>(&rule)) return set->labels();
  if (auto const* top = std::get_if<weighted_top_k>(&rule)) return top->slopes.size();
  if (auto const* expected = std::get_if<expected_f>(&rule); expected && !expected->size_weights.empty())
    return expected->size_weights.size() - 1;
  return std::nullopt;
}

/// The domain of the scores that a rule is for; none where it is for any.
inline std::optional<score_domain> domain_in(decision_rule const& rule) {
  if (auto const* set = std::get_if<threshold_set>(&rule)) return set->domain;
  if (auto const* gap = std::get_if<largest_gap>(&rule)) return gap->domain;
  return std::nullopt;
}

/// The names of the labels that a rule is for, one a label or none; nullptr for a rule that is for any labels.
inline std::vector<std::string> const* label_names_in(decision_rule const& rule) {
  if (auto const* set = std::get_if<threshold_set>(&rule)) return &set->label_names;
  auto const* top = std::get_if<weighted_top_k>(&rule);
  return top ? &top->label_names : nullptr;
}
inline std::vector<std::string>* label_names_in(decision_rule& rule) {
  return const_cast<std::vector<std::string>*>(label_names_in(std::as_const(rule)));
}

/// Whether a rule decides by the scores of a whole row: it has no thresholds.
inline bool looks_at_rows(decision_rule const& rule) {
  return !std::holds_alternative<probability_threshold>(rule) && !std::holds_alternative<threshold_set>(rule);
}

/// Throws value_error for a rule that is none, whatever it decides.
inline void check_rule(decision_rule const& rule, std::string_view who) {
  if (auto const* set = std::get_if<threshold_set>(&rule)) set->check(who);
  if (auto const* top = std::get_if<top_k>(&rule))
    require_value(top->k > 0, who, "k of top_k must be at least 1, got 0");
  if (auto const* expected = std::get_if<expected_f>(&rule)) expected->check();
  if (auto const* predicted = std::get_if<predicted_size>(&rule)) predicted->check(who);
  if (auto const* weighted = std::get_if<weighted_top_k>(&rule)) weighted->check(who);
}

/// The threshold of each of `labels` labels, in the domain of the scores; NaN for a rule that looks at whole rows.
/// Throws value_error where the rule is of another domain (naming both) or a threshold is NaN, shape_error where it is
/// for another number of labels. Cost: O(labels).
inline std::vector<double> thresholds_of(decision_rule const& rule, std::size_t labels, score_domain domain,
                                         std::string_view who) {
  if (auto const* fixed = std::get_if<probability_threshold>(&rule))
    return std::vector<double>(labels, from_probability(fixed->value, domain));
  check_rule(rule, who);
  auto const* const set = std::get_if<threshold_set>(&rule);
  if (auto const its = domain_in(rule); its && *its != domain)
    throw value_error(std::string(who) + ": the decision rule is for " + std::string(name_of(*its)) +
                      " scores, the scores are of domain " + std::string(name_of(domain)));
  if (auto const its = labels_of(rule))
    require_shape(who, set ? "thresholds of the decision rule" : "labels of the decision rule", {labels},
                  std::vector<std::size_t>{*its});
  return set ? set->thresholds : std::vector<double>(labels, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace softf1::inline SOFTF1_ABI::decisions

namespace softf1::inline SOFTF1_ABI {
using decisions::argmax;
using decisions::decision_rule;
using decisions::probability_threshold;
using decisions::top_k;
}  // namespace softf1::inline SOFTF1_ABI
