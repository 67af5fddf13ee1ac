// softf1 monitor: are thresholds still right for scores without targets?
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <softf1/core/named.hpp>
#include <softf1/io/json_calibration.hpp>
#include <softf1/thresholds/monitor.hpp>
#include <softf1/version.hpp>

#include "calibrate.hpp"
#include "inputs.hpp"
#include "models.hpp"
#include "output.hpp"

namespace program {

namespace {

using drifts = std::vector<softf1::thresholds::label_drift>;

/// A model's rule, for scores that are its logits, which its calibration maps where it has one.
softf1::decision_rule load_model_rule(std::string const& path, score_matrix& scores) {
  auto model = load_model(path);
  if (model.labels.size() != scores.labels())
    throw softf1::shape_error(
        fmt::format("{} has {} labels, {} has scores of {}", path, model.labels.size(), scores.path, scores.labels()));
  for (std::size_t j = 0; j < scores.label_names.size(); ++j)
    if (scores.label_names[j] != model.labels[j])
      throw softf1::value_error(fmt::format("the name of label {} is '{}' in {}, '{}' in the scores", j,
                                            model.labels[j], path, scores.label_names[j]));
  scores.label_names = std::move(model.labels);
  if (model.calibration) scores = calibrated(std::move(scores), *model.calibration, path);
  return std::move(model.rule);
}

softf1::threshold_set load_thresholds(monitor_options const& options, score_matrix& scores) {
  bool const from_model = !options.model.empty();
  auto const& path = from_model ? options.model : options.thresholds;
  auto rule = from_model ? load_model_rule(path, scores) : load_rule(path, scores);
  auto* const set = std::get_if<softf1::threshold_set>(&rule);
  if (!set)
    throw softf1::value_error(path +
                              ": its rule has no thresholds that were found on rows, there is nothing to compare");
  if (set->accounts.empty())
    throw softf1::value_error(path +
                              " does not say how often each label was predicted on the rows that its thresholds were "
                              "found on: calibrate again");
  return std::move(*set);
}

/// The value of one thing that a rule says of its making; empty where it does not.
std::string origin_of(softf1::threshold_set const& set, std::string_view name) {
  for (auto const& [key, value] : set.origin)
    if (key == name) return value;
  return "";
}

/// The option `beta` of what a text names.
double beta_in(softf1::named_spec const& spec) {
  for (auto const& p : spec.parameters)
    if (p.key == "beta") return softf1::parse_number(p.value, "beta");
  return 1;
}

/// The beta of the F-beta that thresholds were found for; NaN for another aim.
double beta_of(softf1::threshold_set const& set) {
  double const other = std::numeric_limits<double>::quiet_NaN();
  auto const is_one_of = [](std::string const& name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (auto const text = origin_of(set, "strategy"); !text.empty()) {
    auto const strategy = softf1::parse_specs(text).front();
    if (is_one_of(strategy.name, {"f_star", "label_free", "prior_shift"})) return beta_in(strategy);
    if (strategy.name == "ofo") return 1;
    // All others look at no objective, or keep a promise.
    if (!is_one_of(strategy.name, {"best", "scutfbr0", "scutfbr1", "micro", "samples", "global", "grid"})) return other;
  }
  auto const text = origin_of(set, "objective");
  if (text.empty()) return 1;
  auto const objective = softf1::parse_specs(text);
  return objective.size() == 1 && is_one_of(objective[0].name, {"f1", "f_beta"}) ? beta_in(objective[0]) : other;
}

std::string name_of_label(score_matrix const& scores, std::size_t j) {
  return scores.label_names.empty() ? std::to_string(j) : scores.label_names[j];
}

/// One sentence.
std::string verdict(monitor_options const& options, drifts const& labels, score_matrix const& scores) {
  std::string names;
  std::size_t drifted = 0, untested = 0;
  for (std::size_t j = 0; j < labels.size(); ++j) {
    untested += std::isnan(labels[j].p);
    if (!labels[j].drifted) continue;
    if (++drifted <= 10) names += (names.empty() ? "" : ", ") + name_of_label(scores, j);
  }
  if (drifted > 10) names += ", …";
  auto const tested = labels.size() - untested;
  if (tested == 0) return "no label could be tested: the rule does not say how often it predicted them";
  auto const of = fmt::format("{} label{}", tested, tested == 1 ? "" : "s");
  if (drifted == 0)
    return fmt::format("none of {} is predicted at another rate than chance explains (level {:g})", of, options.level);
  return fmt::format(
      "{} of {} {} predicted at another rate than chance explains (level {:g}): {}; calibrate on new labelled rows, or "
      "try the suggested thresholds",
      drifted, of, drifted == 1 ? "is" : "are", options.level, names);
}

std::string to_text(monitor_options const& options, drifts const& labels, score_matrix const& scores) {
  auto const number = [](double x) { return std::isnan(x) ? "-" : fmt::format("{:.4g}", x); };
  std::vector<std::vector<std::string>> lines{
      {"label", "predicted then", "now", "p", "positives then", "now, estimated", "threshold", "suggested"}};
  for (std::size_t j = 0; j < labels.size(); ++j) {
    auto const& l = labels[j];
    lines.push_back({name_of_label(scores, j), figure(l.rate_then), figure(l.rate_now),
                     std::isnan(l.adjusted) ? "-" : fmt::format("{:.2g}", l.adjusted), figure(l.prior_then),
                     figure(l.prior_now), number(l.threshold), l.drifted ? number(l.suggested) : "-"});
  }
  return table(lines) +
         fmt::format(
             "\nrows {}, labels {}, scores are {}; 'then' is on the rows that the thresholds were found on\n"
             "p: that both rates are the same, corrected for the number of labels (Holm)\n{}\n{}",
             scores.rows(), scores.labels(),
             scores.domain == softf1::logit         ? "logits"
             : scores.domain == softf1::probability ? "probabilities"
                                                    : "calibrated",
             verdict(options, labels, scores),
             options.out.empty() ? "" : "suggested thresholds written to " + options.out + "\n");
}

softf1::io::json_value to_json(monitor_options const& options, drifts const& labels, score_matrix const& scores) {
  using softf1::io::json_number;
  using softf1::io::json_value;
  std::size_t drifted = 0;
  for (auto const& l : labels) drifted += l.drifted;
  json_value form{{"rows", scores.rows()},
                  {"domain", name_of(scores.domain)},
                  {"level", options.level},
                  {"drifted", drifted},
                  {"verdict", verdict(options, labels, scores)}};
  auto& all = form["per_label"] = json_value::array();
  for (std::size_t j = 0; j < labels.size(); ++j) {
    auto const& l = labels[j];
    all.push_back({{"name", name_of_label(scores, j)},
                   {"predicted_then", json_number(l.rate_then)},
                   {"predicted_now", json_number(l.rate_now)},
                   {"p", json_number(l.p)},
                   {"p_adjusted", json_number(l.adjusted)},
                   {"drifted", l.drifted},
                   {"positives_then", json_number(l.prior_then)},
                   {"positives_now", json_number(l.prior_now)},
                   {"threshold", json_number(l.threshold)},
                   {"suggested", json_number(l.suggested)}});
  }
  return form;
}

}  // namespace

void run(monitor_options const& options) {
  dataset data;
  data.scores = load_scores({options.data.scores, options.data.logits || !options.model.empty()});
  auto const set = load_thresholds(options, data.scores);
  // No target is looked at.
  data.target_values.assign(data.scores.rows() * data.scores.labels(), 0);
  auto ctx = make_context(options);
  auto const now = tuning_rows_of(ctx, data.rows());
  auto const labels = softf1::drift_of(now, set, {.level = options.level, .beta = beta_of(set)});

  output_files files(
      {{"--scores", options.data.scores}, {"--thresholds", options.thresholds}, {"--model", options.model}});
  if (!options.out.empty()) {
    auto suggested = softf1::suggested_set(now, set, labels);
    if (suggested.label_names.empty()) suggested.label_names = data.scores.label_names;
    std::erase_if(suggested.origin, [](auto const& item) { return item.first == "optimism"; });
    suggested.origin.emplace_back("monitor", "softf1 " SOFTF1_VERSION);
    suggested.origin.emplace_back("monitored_rows", std::to_string(data.scores.rows()));
    softf1::calibrated_rule rule{std::move(suggested)};
    if (data.scores.calibration) rule.calibration = *data.scores.calibration;
    files.add("--out", options.out, softf1::io::json_text(softf1::io::calibrated_rule_json(rule)));
  }
  if (!options.json.empty())
    files.add("--json", options.json, softf1::io::json_text(to_json(options, labels, data.scores)));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(to_text(options, labels, data.scores));
}

}  // namespace program
