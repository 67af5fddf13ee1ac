// softf1 evaluate: every metric of scores against targets.
#include <limits>

#include <softf1/io/json_report.hpp>
#include <softf1/metrics/report_text.hpp>

#include "engine.hpp"
#include "inputs.hpp"
#include "model_data.hpp"
#include "output.hpp"
#include "watch.hpp"

namespace program {

namespace {

struct evaluated {
  dataset data;
  softf1::decision_rule rule;
  std::string about;
};

/// Scores from files, or from a model, which brings its own rule.
evaluated load(engine& work, evaluate_options const& options) {
  if (options.source.model.empty()) return {load_dataset(options.data), softf1::probability_threshold{}, {}};
  auto source = load_model_dataset(work, options.source, options.quiet);
  return {std::move(source.data), std::move(source.model.rule), std::move(source.about)};
}

}  // namespace

void run(evaluate_options const& options) {
  if (!options.watch.empty()) return watch(options);
  auto const work = make_engine(options, options.on);
  auto [data, rule, about] = load(*work, options);
  if (options.threshold) rule = softf1::probability_threshold{*options.threshold};
  if (!options.thresholds.empty()) rule = load_rule(options.thresholds, data.scores);

  double const zero_division = options.zero_division == "nan" ? std::numeric_limits<double>::quiet_NaN()
                                                              : static_cast<double>(options.zero_division == "1");
  auto const report = work->report(data.rows(), rule, zero_division, data.scores.label_names);

  auto inputs = options.source.model.empty() ? files_of(options.data) : files_of(options.source);
  inputs.emplace_back("--model", options.source.model);
  inputs.emplace_back("--thresholds", options.thresholds);
  output_files files(std::move(inputs));
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(softf1::io::report_json(report)));
  if (!options.csv.empty()) files.add("--table", options.csv, softf1::to_csv(report));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(about + softf1::to_text(report));
}

}  // namespace program
