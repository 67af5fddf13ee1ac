// The file form of calibrations, and of decision rules that have one.
//
//   {"format": "softf1.calibration", "version": 1, "method": "platt", "domain": "logit",
//    "labels": [{"name": "Action", "kind": "sigmoid", "a": 0.8, "b": 0.8, "c": -1.2, "reason": "platt"},
//               {"name": "Drama", "kind": "linear", "scores": [-2, 0.5], "probabilities": [0.1, 0.7], "reason": …}],
//    "origin": {"rows": "1000"}}
//
// `domain` is that of the scores that it takes. The kinds are "sigmoid", "linear" and "steps": see label_map. In the
// file form of a decision rule (json_decisions.hpp) it is the optional "calibration": thresholds there are of the
// domain "calibrated", and rules of whole rows look at calibrated scores. Unknown keys mean nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <softf1/decisions/calibrated_rule.hpp>
#include <softf1/io/detail/json_form.hpp>
#include <softf1/io/json_decisions.hpp>

namespace softf1::inline SOFTF1_ABI::io {

inline constexpr std::string_view calibration_format = "softf1.calibration";
inline constexpr int calibration_version = 1;

/// The file form of a calibration. Labels without names are written as "0", "1", …
/// Throws shape_error or value_error for one that is none (calibration_map::check).
inline json_value calibration_json(calibration_map const& map) {
  map.check("calibration_json");
  json_value form{{"format", calibration_format},
                  {"version", calibration_version},
                  {"method", map.method},
                  {"domain", decisions::name_of(map.domain)}};
  auto& labels = form["labels"] = json_value::array();
  for (std::size_t j = 0; j < map.labels(); ++j) {
    auto const& of = map.maps[j];
    json_value label{{"name", map.label_names.empty() ? std::to_string(j) : map.label_names[j]},
                     {"kind", decisions::name_of(of.kind)}};
    if (of.kind == decisions::map_kind::sigmoid) {
      label["a"] = of.a;
      label["b"] = of.b;
      label["c"] = of.c;
    } else {
      label["scores"] = of.scores;
      label["probabilities"] = of.probabilities;
    }
    label["reason"] = of.reason;
    labels.push_back(std::move(label));
  }
  auto& origin = form["origin"] = json_value::object();
  for (auto const& [name, value] : map.origin) origin[name] = value;
  return form;
}

namespace detail {

/// Checks and reads one file form.
class calibration_reader : json_form {
 public:
  calibration_reader(json_value const& form, std::string_view path) : json_form(form, "read_calibration", path) {}

  calibration_map read() const {
    require_format(calibration_format, calibration_version);
    calibration_map map;
    map.method = text(form_, "method");
    auto const& domain = text(form_, "domain");
    if (domain != "logit" && domain != "probability")
      fail_member("domain", "'logit' or 'probability'", member(form_, "domain"));
    map.domain = decisions::domain_named(domain);
    auto const& labels = member(form_, "labels");
    if (!labels.is_array() || labels.empty()) fail_member("labels", "an array of at least one label", labels);
    bool is_named = false;
    for (std::size_t j = 0; j < labels.size(); ++j) {
      place_ = "label " + std::to_string(j) + ": ";
      require_object(labels[j]);
      map.label_names.push_back(text(labels[j], "name"));
      is_named = is_named || map.label_names[j] != std::to_string(j);
      map.maps.push_back(read_label(labels[j]));
    }
    place_.clear();
    if (!is_named) map.label_names.clear();
    if (form_.contains("origin")) {
      if (!form_["origin"].is_object()) fail_member("origin", "an object", form_["origin"]);
      for (auto const& [name, value] : form_["origin"].items())
        map.origin.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
    try {
      map.check("calibration");
    } catch (error const& e) {
      fail(e.what());
    }
    return map;
  }

 private:
  decisions::label_map read_label(json_value const& label) const {
    using decisions::map_kind;
    decisions::label_map map;
    auto const& kind = text(label, "kind");
    bool found = false;
    for (auto k : {map_kind::sigmoid, map_kind::linear, map_kind::steps}) {
      if (kind != decisions::name_of(k)) continue;
      map.kind = k;
      found = true;
    }
    if (!found) fail_member("kind", "'sigmoid', 'linear' or 'steps'", member(label, "kind"));
    if (map.kind == map_kind::sigmoid) {
      map.a = number(label, "a");
      map.b = number(label, "b");
      map.c = number(label, "c");
    } else {
      map.scores = numbers(label, "scores");
      map.probabilities = numbers(label, "probabilities");
    }
    map.reason = text(label, "reason");
    return map;
  }

  double number(json_value const& object, char const* key) const {
    auto const& value = member(object, key);
    if (!value.is_number()) fail_member(key, "a number", value);
    return value.get<double>();
  }
  std::vector<double> numbers(json_value const& object, char const* key) const {
    auto const& values = member(object, key);
    if (!values.is_array()) fail_member(key, "an array of numbers", values);
    std::vector<double> all;
    for (auto const& value : values) {
      if (!value.is_number()) fail_member(key, "an array of numbers", value);
      all.push_back(value.get<double>());
    }
    return all;
  }
};

}  // namespace detail

/// The calibration of a file form; `path` names the file in errors. Names that only count the labels are none.
/// Throws io_error in one sentence for a form that is wrong anywhere, or newer than this library.
inline calibration_map calibration_from_json(json_value const& form, std::string_view path = "calibration") {
  return detail::calibration_reader(form, path).read();
}

/// The file form of a rule with its calibration, where it has one. Throws as decision_rule_json, calibration_json and
/// calibrated_rule::check.
inline json_value calibrated_rule_json(calibrated_rule const& decided) {
  decided.check("calibrated_rule_json");
  auto form = decision_rule_json(decided.rule);
  if (decided.calibration) form["calibration"] = calibration_json(*decided.calibration);
  return form;
}

/// The rule of a file form, and its calibration where it has one. Throws as decision_rule_from_json and
/// calibration_from_json, and io_error where the two do not fit.
inline calibrated_rule calibrated_rule_from_json(json_value const& form, std::string_view path = "decision rule") {
  calibrated_rule decided{detail::decision_rule_reader(form, path).read()};
  if (!form.contains("calibration")) return decided;
  decided.calibration = calibration_from_json(form["calibration"], path);
  try {
    decided.check("read_calibrated_rule");
  } catch (error const& e) {
    throw io_error(std::string(path) + ": the calibration does not fit the rule (" + e.what() + ")");
  }
  return decided;
}

/// Reads a rule and its calibration. Throws as calibrated_rule_from_json, and io_error for a file that is not JSON.
inline calibrated_rule read_calibrated_rule(std::string const& path) {
  return calibrated_rule_from_json(read_json(path, "read_calibrated_rule"), path);
}

/// Writes a rule with the calibration of its scores, whole or not at all. Throws as calibrated_rule_json, and io_error
/// where the system cannot store it.
inline void write_decision_rule(std::string const& path, decision_rule const& rule,
                                calibration_map const& calibration) {
  write_atomically(path, json_text(calibrated_rule_json({rule, calibration}), "write_decision_rule"),
                   "write_decision_rule");
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::read_calibrated_rule;
using io::write_decision_rule;
}  // namespace softf1::inline SOFTF1_ABI
