// softf1 calibrate: decision thresholds from scores and targets.
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <softf1/io/json_decisions.hpp>
#include <softf1/metrics/average.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/thresholds/all.hpp>
#include <softf1/version.hpp>

#include "engine.hpp"
#include "inputs.hpp"
#include "model_data.hpp"
#include "models.hpp"
#include "output.hpp"

namespace program {

namespace {

/// "recall, f_beta:beta": the names of a type list, and the options that they take.
template <class List>
std::string names_of() {
  std::string names;
  List::for_each([&]<class C>() {
    names += (names.empty() ? "" : ", ") + std::string(C::name);
    for (std::size_t k = 0; k < C::option_names.size(); ++k)
      names += (k == 0 ? ":" : ",") + std::string(C::option_names[k]);
  });
  return names;
}

using objective = softf1::scores::any_sum;

/// The objective on one label, or its mean over labels.
struct gain {
  double at_half, tuned, trivial;
};

/// The searched rule and what it is worth on the data that it was found on.
struct outcome {
  softf1::decision_rule rule;
  std::vector<double> thresholds;  ///< NaN where the rule looks at whole rows
  std::vector<softf1::confusion<double>> at_half, tuned;

  /// How the threshold of a label was found; the strategy where there is none.
  std::string reason(calibrate_options const& options, std::size_t j) const {
    auto const* const set = std::get_if<softf1::threshold_set>(&rule);
    return set ? set->reasons[j] : softf1::parse_spec(options.strategy).name;
  }

  gain of_label(objective const& score, std::size_t j) const {
    softf1::metrics::trivial<objective> const trivial{score};
    return {softf1::metrics::defined_score(score, at_half[j], 0), softf1::metrics::defined_score(score, tuned[j], 0),
            softf1::metrics::defined_score(trivial, tuned[j], 0)};
  }
  gain of_mean(objective const& score) const {
    softf1::metrics::trivial<objective> const trivial{score};
    auto const macro = softf1::metrics::averaging::macro;
    return {softf1::metrics::average(score, at_half, macro), softf1::metrics::average(score, tuned, macro),
            softf1::metrics::average(trivial, tuned, macro)};
  }
};

outcome search(engine& work, calibrate_options const& options, dataset const& data) {
  auto const rows = data.rows();
  auto rule = work.search(rows, options.strategy, options.objective);
  auto at_half = work.count(rows, softf1::probability_threshold{}), tuned = work.count(rows, rule);
  auto thresholds = softf1::decisions::thresholds_of(rule, data.scores.labels(), data.scores.domain, "calibrate");
  return {std::move(rule), std::move(thresholds), std::move(at_half), std::move(tuned)};
}

std::string to_text(calibrate_options const& options, outcome const& found, objective const& score,
                    score_matrix const& scores) {
  auto const& name = options.objective;
  std::vector<std::vector<std::string>> lines{
      {"label", "positives", "threshold", name + " at 0.5", name + " tuned", "trivial " + name, "reason"}};
  auto const add = [&](std::string label, std::string positives, std::string threshold, gain const& g,
                       std::string reason) {
    lines.push_back({std::move(label), std::move(positives), std::move(threshold), figure(g.at_half), figure(g.tuned),
                     figure(g.trivial), std::move(reason)});
  };
  double positives = 0;
  for (std::size_t j = 0; j < scores.labels(); ++j) {
    positives += found.tuned[j].support();
    add(scores.label_names.empty() ? std::to_string(j) : scores.label_names[j], count(found.tuned[j].support()),
        std::isnan(found.thresholds[j]) ? "-" : fmt::format("{:.4g}", found.thresholds[j]), found.of_label(score, j),
        found.reason(options, j));
  }
  lines.emplace_back();
  add("macro", count(positives), "", found.of_mean(score), "");
  return table(lines) +
         fmt::format(
             "\nrows {}, labels {}, scores are {}\n"
             "'{} tuned' is in-sample, on the rows that the thresholds were found on: expect less on new rows\n"
             "thresholds written to {}{}{}\n",
             scores.rows(), scores.labels(), scores.domain == softf1::logit ? "logits" : "probabilities", name,
             options.source.model, options.source.model.empty() || options.out.empty() ? "" : " and ", options.out);
}

softf1::io::json_value to_json(calibrate_options const& options, outcome const& found, objective const& score,
                               score_matrix const& scores) {
  using softf1::io::json_number;
  using softf1::io::json_value;
  auto const figures = [](json_value& to, gain const& g) {
    to["at_half"] = json_number(g.at_half);
    to["tuned"] = json_number(g.tuned);
    to["trivial"] = json_number(g.trivial);
  };
  json_value form{{"rows", scores.rows()},
                  {"domain", name_of(scores.domain)},
                  {"strategy", options.strategy},
                  {"objective", options.objective},
                  {"in_sample", true}};
  figures(form["macro"], found.of_mean(score));
  auto& labels = form["per_label"] = json_value::array();
  for (std::size_t j = 0; j < scores.labels(); ++j) {
    json_value label{{"name", scores.label_names.empty() ? std::to_string(j) : scores.label_names[j]},
                     {"positives", softf1::io::json_count(found.tuned[j].support())},
                     {"threshold", json_number(found.thresholds[j])},
                     {"reason", found.reason(options, j)}};
    figures(label, found.of_label(score, j));
    labels.push_back(std::move(label));
  }
  return form;
}

}  // namespace

void check_strategy(std::string const& text) {
  softf1::with_named<softf1::thresholds::all>(softf1::parse_spec(text), "strategy", [](auto const&) {});
}

void check_objective(std::string const& text) { softf1::scores::objective_named(text); }

std::string strategy_names() { return names_of<softf1::thresholds::all>(); }

std::string objective_names() { return names_of<softf1::scores::all>(); }

void run(calibrate_options const& options) {
  auto const score = softf1::scores::objective_named(options.objective);
  auto const work = make_engine(options, options.on);
  bool const from_model = !options.source.model.empty();
  std::string about;
  dataset data;
  if (from_model) {
    auto source = load_model_dataset(*work, options.source, options.quiet);
    if (source.model.task == softf1::models::task::multiclass)
      throw softf1::value_error(options.source.model + ": a multiclass model has no thresholds to calibrate");
    data = std::move(source.data);
    about = std::move(source.about);
  } else {
    data = load_dataset(options.data);
  }
  auto found = search(*work, options, data);
  if (auto* const set = std::get_if<softf1::threshold_set>(&found.rule)) {
    set->label_names = data.scores.label_names;
    set->origin = {{"program", "softf1 " SOFTF1_VERSION},
                   {"strategy", options.strategy},
                   {"objective", options.objective},
                   {"rows", std::to_string(data.scores.rows())}};
  }

  output_files files(from_model ? files_of(options.source) : files_of(options.data));
  if (!options.out.empty())
    files.add("--out", options.out, softf1::io::json_text(softf1::io::decision_rule_json(found.rule)));
  if (!options.json.empty())
    files.add("--json", options.json, softf1::io::json_text(to_json(options, found, score, data.scores)));
  if (from_model) {
    files.claim("--model", options.source.model);
    put_rule(options.source.model, found.rule);
  }
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(about + to_text(options, found, score, data.scores));
}

}  // namespace program
