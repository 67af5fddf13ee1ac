// The file form of decision rules.
//
//   {"format": "softf1.decision_rule", "version": 1, "kind": "thresholds", "domain": "probability", "operator": ">=",
//    "labels": [{"name": "Action", "threshold": 0.31, "reason": "best"}, …], "origin": {"strategy": "best", …}}
//
// A threshold is a number, "inf" (never) or "-inf" (always). A label may have, as far as it is known, "cells",
// "positives" and "predicted" (weights on the rows that it was found on), "low" and "high" (the interval of the
// threshold), and the objective: "tuned" on those rows, "expected" on new ones. The kind "probability" is one threshold
// for all labels of scores of any domain: it has "threshold" in place of "domain", "labels" and "origin". "argmax",
// "top_k" (with "k"), "largest_gap" (with "domain", or not), "expected_f" (with "beta" and, or not, "size_weights", one
// more than labels), "predicted_size" (with "weights", "least" and "most") and "weighted_top_k" (with "k", and "slopes"
// and "offsets", one a label) look at whole rows, and have no thresholds. "calibration" is what scores go through first:
// see json_calibration.hpp. Unknown keys mean nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/decisions/decision_rule.hpp>
#include <softf1/io/detail/json_form.hpp>
#include <softf1/io/json_value.hpp>

namespace softf1::inline SOFTF1_ABI::io {

inline constexpr std::string_view decision_rule_format = "softf1.decision_rule";
inline constexpr int decision_rule_version = 1;

namespace detail {
struct account_field {
  char const* key;
  double threshold_account::*value;
};
inline constexpr std::array<account_field, 7> account_fields{{{"cells", &threshold_account::cells},
                                                              {"positives", &threshold_account::positives},
                                                              {"predicted", &threshold_account::predicted},
                                                              {"low", &threshold_account::low},
                                                              {"high", &threshold_account::high},
                                                              {"tuned", &threshold_account::tuned},
                                                              {"expected", &threshold_account::expected}}};

/// What the form of a rule that looks at whole rows has.
inline void add_row_rule(json_value& form, decision_rule const& rule) {
  if (std::holds_alternative<argmax>(rule)) {
    form["kind"] = "argmax";
  } else if (auto const* gap = std::get_if<largest_gap>(&rule)) {
    form["kind"] = "largest_gap";
    if (gap->domain) form["domain"] = decisions::name_of(*gap->domain);
  } else if (auto const* top = std::get_if<top_k>(&rule)) {
    form["kind"] = "top_k";
    form["k"] = top->k;
  } else if (auto const* expected = std::get_if<expected_f>(&rule)) {
    form["kind"] = "expected_f";
    form["beta"] = expected->beta;
    if (!expected->size_weights.empty()) form["size_weights"] = expected->size_weights;
  } else if (auto const* predicted = std::get_if<predicted_size>(&rule)) {
    form["kind"] = "predicted_size";
    form["weights"] = predicted->weights;
    form["least"] = predicted->least;
    form["most"] = predicted->most;
  } else if (auto const* weighted = std::get_if<weighted_top_k>(&rule)) {
    form["kind"] = "weighted_top_k";
    form["k"] = weighted->k;
    form["slopes"] = weighted->slopes;
    form["offsets"] = weighted->offsets;
    if (!weighted->label_names.empty()) form["label_names"] = weighted->label_names;
  }
}

}  // namespace detail

/// The file form of a rule. Labels without names are written as "0", "1", …
/// Throws shape_error or value_error for a rule that is none (threshold_set::check).
inline json_value decision_rule_json(decision_rule const& rule) {
  json_value form{{"format", decision_rule_format}, {"version", decision_rule_version}};
  if (auto const* fixed = std::get_if<probability_threshold>(&rule)) {
    decisions::from_probability(fixed->value, decisions::probability);
    form["kind"] = "probability";
    form["operator"] = ">=";
    form["threshold"] = fixed->value;
    return form;
  }
  if (decisions::looks_at_rows(rule)) {
    decisions::check_rule(rule, "decision_rule_json");
    detail::add_row_rule(form, rule);
    return form;
  }
  auto const& set = std::get<threshold_set>(rule);
  set.check("decision_rule_json");
  form["kind"] = "thresholds";
  form["domain"] = decisions::name_of(set.domain);
  form["operator"] = ">=";
  auto& labels = form["labels"] = json_value::array();
  for (std::size_t j = 0; j < set.labels(); ++j) {
    json_value label{{"name", set.label_names.empty() ? std::to_string(j) : set.label_names[j]},
                     {"threshold", json_number(set.thresholds[j])},
                     {"reason", set.reasons.empty() ? json_value() : json_value(set.reasons[j])}};
    if (!set.accounts.empty())
      for (auto const& [key, value] : detail::account_fields)
        if (double const x = set.accounts[j].*value; x == x) label[key] = json_number(x);
    labels.push_back(std::move(label));
  }
  auto& origin = form["origin"] = json_value::object();
  for (auto const& [name, value] : set.origin) origin[name] = value;
  return form;
}

namespace detail {

/// Checks and reads one file form.
class decision_rule_reader : json_form {
 public:
  decision_rule_reader(json_value const& form, std::string_view path) : json_form(form, "read_decision_rule", path) {}

  decision_rule read() const {
    require_format(decision_rule_format, decision_rule_version);
    auto const& kind = text(form_, "kind");
    if (kind == "argmax") return argmax{};
    if (kind == "top_k") return top_k{whole(form_, "k", 1)};
    if (kind == "largest_gap") return form_.contains("domain") ? largest_gap{domain()} : largest_gap{};
    if (kind == "expected_f") return read_expected_f();
    if (kind == "predicted_size") return read_predicted_size();
    if (kind == "weighted_top_k") return read_weighted_top_k();
    auto const& comparison = text(form_, "operator");
    if (comparison != ">=" && comparison != ">") fail_member("operator", "'>=' or '>'", comparison);
    if (kind == "thresholds") return read_thresholds(comparison == ">");
    if (kind != "probability")
      fail_member("kind",
                  "'thresholds', 'probability', 'argmax', 'top_k', 'largest_gap', 'expected_f', 'predicted_size' or "
                  "'weighted_top_k'",
                  kind);
    if (comparison != ">=") fail_member("operator", "'>=' for this kind", comparison);
    double const value = number(form_, "threshold");
    if (!(value >= 0 && value <= 1)) fail_member("threshold", "a number from 0 to 1", member(form_, "threshold"));
    return probability_threshold{value};
  }

 private:
  expected_f read_expected_f() const {
    double const beta = number(form_, "beta");
    try {
      expected_f{beta}.check();
    } catch (value_error const&) {
      fail_member("beta", "a number whose square is whole, or one over a whole number, up to 64",
                  member(form_, "beta"));
    }
    expected_f rule{beta};
    if (form_.contains("size_weights")) rule.size_weights = numbers(form_, "size_weights");
    check([&] { rule.check(); });
    return rule;
  }

  predicted_size read_predicted_size() const {
    predicted_size const rule{numbers(form_, "weights"), whole(form_, "least", 0), whole(form_, "most", 0)};
    check([&] { rule.check("the rule"); });
    return rule;
  }

  weighted_top_k read_weighted_top_k() const {
    weighted_top_k rule{whole(form_, "k", 1), numbers(form_, "slopes"), numbers(form_, "offsets")};
    if (form_.contains("label_names")) {
      auto const& names = form_["label_names"];
      auto const is_text = [](json_value const& name) { return name.is_string(); };
      if (!names.is_array() || !std::all_of(names.begin(), names.end(), is_text))
        fail_member("label_names", "an array of strings", names);
      rule.label_names = names.get<std::vector<std::string>>();
    }
    check([&] { rule.check("the rule"); });
    return rule;
  }

  // What is wrong with a rule, as the sentence of a file.
  template <class Check>
  void check(Check const& rule) const {
    try {
      rule();
    } catch (error const& e) {
      fail(e.what());
    }
  }

  threshold_set read_thresholds(bool strictly) const {
    threshold_set set;
    set.domain = domain();
    auto const& labels = member(form_, "labels");
    if (!labels.is_array() || labels.empty()) fail_member("labels", "an array of at least one label", labels);
    bool is_named = false, has_reasons = false, has_accounts = false;
    for (std::size_t j = 0; j < labels.size(); ++j) {
      place_ = "label " + std::to_string(j) + ": ";
      auto const& label = labels[j];
      require_object(label);
      set.label_names.push_back(text(label, "name"));
      // What is written for a label without a name.
      is_named = is_named || set.label_names[j] != std::to_string(j);
      double const threshold = number(label, "threshold");
      set.thresholds.push_back(strictly ? decisions::strictly_above(threshold) : threshold);
      bool const has_reason = label.contains("reason") && !label["reason"].is_null();
      set.reasons.push_back(has_reason ? text(label, "reason") : std::string());
      has_reasons = has_reasons || has_reason;
      auto& account = set.accounts.emplace_back();
      for (auto const& [key, value] : account_fields) {
        if (!label.contains(key)) continue;
        account.*value = number(label, key);
        has_accounts = true;
      }
    }
    place_.clear();
    if (!is_named) set.label_names.clear();
    if (!has_reasons) set.reasons.clear();
    if (!has_accounts) set.accounts.clear();
    if (form_.contains("origin")) {
      if (!form_["origin"].is_object()) fail_member("origin", "an object", form_["origin"]);
      for (auto const& [name, value] : form_["origin"].items())
        set.origin.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
    return set;
  }

  score_domain domain() const {
    try {
      return decisions::domain_named(text(form_, "domain"));
    } catch (value_error const&) {
      fail_member("domain", "'logit', 'probability' or 'calibrated'", member(form_, "domain"));
    }
  }

  double number(json_value const& object, char const* key) const {
    auto const& value = member(object, key);
    auto const x = number_of(value);
    if (!x) fail_member(key, "a number, 'inf' or '-inf'", value);
    return *x;
  }

  std::size_t whole(json_value const& object, char const* key, std::uint64_t least) const {
    auto const& value = member(object, key);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > 1'000'000'000)
      fail_member(key, "a whole number of at least " + std::to_string(least), value);
    return value.get<std::size_t>();
  }
  std::vector<double> numbers(json_value const& object, char const* key) const {
    auto const& value = member(object, key);
    std::vector<double> all;
    for (auto const& item : value.is_array() ? value : json_value::array()) {
      auto const x = number_of(item);
      if (!x) fail_member(key, "an array of numbers", item);
      all.push_back(*x);
    }
    if (all.empty()) fail_member(key, "an array of numbers", value);
    return all;
  }
};

}  // namespace detail

/// The rule of a file form; `path` names the file in errors. Rules written for the operator ">" get the next larger
/// thresholds, so that ">=" decides the same; names that only count the labels ("0", "1", …) are none.
/// Throws io_error in one sentence for a form that is wrong anywhere, or newer than this library, and for a rule of
/// scores that are to be calibrated first (json_calibration.hpp reads both).
inline decision_rule decision_rule_from_json(json_value const& form, std::string_view path = "decision rule") {
  if (form.is_object() && form.contains("calibration"))
    detail::fail("read_decision_rule", path,
                 "it has a calibration, which is not asked for: read_calibrated_rule reads both");
  return detail::decision_rule_reader(form, path).read();
}

/// Reads a rule. Throws as decision_rule_from_json, and io_error for a file that is not JSON.
inline decision_rule read_decision_rule(std::string const& path) {
  return decision_rule_from_json(read_json(path, "read_decision_rule"), path);
}

/// Writes a rule, whole or not at all. Throws as decision_rule_json, and io_error where the system cannot store it.
inline void write_decision_rule(std::string const& path, decision_rule const& rule) {
  write_atomically(path, json_text(decision_rule_json(rule), "write_decision_rule"), "write_decision_rule");
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::read_decision_rule;
using io::write_decision_rule;
}  // namespace softf1::inline SOFTF1_ABI
