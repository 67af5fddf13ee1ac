// softf1 evaluate: every metric of scores against targets.
#include <optional>
#include <utility>

#include "engine.hpp"
#include "evaluate_figures.hpp"
#include "evaluate_stream.hpp"
#include "inputs.hpp"
#include "model_data.hpp"
#include "output.hpp"
#include "watch.hpp"

namespace program {

namespace {

struct evaluated {
  dataset data;
  softf1::decision_rule rule;
  std::optional<softf1::calibration_map> calibration;
  std::string about;
};

/// Scores from files, or from a model, which brings its own rule and calibration.
evaluated load(engine& work, evaluate_options const& options) {
  if (options.source.model.empty()) return {load_dataset(options.data), softf1::probability_threshold{}, {}, {}};
  auto source = load_model_dataset(work, options.source, options.quiet);
  return {std::move(source.data), std::move(source.model.rule), std::move(source.model.calibration),
          std::move(source.about)};
}

}  // namespace

void run(evaluate_options const& options) {
  if (!options.watch.empty()) return watch(options);
  if (options.sketch_bins != 0) return evaluate_stream(options);
  auto const work = make_engine(options, options.on);
  auto [data, rule, calibration, about] = load(*work, options);
  if (options.threshold) rule = softf1::probability_threshold{*options.threshold};
  if (!options.thresholds.empty())
    rule = load_rule(options.thresholds, data.scores);
  else if (calibration)
    data.scores = calibrated(std::move(data.scores), *calibration, options.source.model);

  auto found = find_figures(*work, options, data, rule);
  find_curves(*work, options, data, rule, found);
  find_intervals(*work, options, data, rule, found);

  auto inputs = options.source.model.empty() ? files_of(options.data) : files_of(options.source);
  inputs.emplace_back("--model", options.source.model);
  inputs.emplace_back("--thresholds", options.thresholds);
  inputs.emplace_back("--label-groups", options.label_groups);
  inputs.emplace_back("--propensities", options.propensities);
  inputs.emplace_back("--row-groups", options.row_groups);
  inputs.emplace_back("--compare", options.compare);
  output_files files(std::move(inputs));
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(found.form));
  if (!options.csv.empty()) files.add("--table", options.csv, table_text(options.csv, found.report, found.columns));
  if (!options.curves.empty()) files.add("--curves", options.curves, found.curves);
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(about + found.text);
}

}  // namespace program
