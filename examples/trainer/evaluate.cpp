// softf1 evaluate: every metric of scores against targets.
#include <limits>

#include <softf1/io/json_report.hpp>
#include <softf1/metrics/report_text.hpp>

#include "inputs.hpp"
#include "model_data.hpp"
#include "output.hpp"

namespace program {

namespace {

struct evaluated {
  dataset data;
  softf1::decision_rule rule;
  std::string about;
};

/// Scores from files, or from a model, which brings its own rule.
evaluated load(evaluate_options const& options) {
  if (options.source.model.empty()) return {load_dataset(options.data), softf1::probability_threshold{}, {}};
  auto source = load_model_dataset(options.source, options);
  return {std::move(source.data), std::move(source.model.rule), std::move(source.about)};
}

}  // namespace

void run(evaluate_options const& options) {
  auto [data, rule, about] = load(options);
  if (options.threshold) rule = softf1::probability_threshold{*options.threshold};
  if (!options.thresholds.empty()) rule = load_rule(options.thresholds, data.scores);

  softf1::metric_options<> const metrics{.domain = data.scores.domain,
                                         .decision = rule,
                                         .mask = data.mask(),
                                         .row_weights = data.row_weights(),
                                         .zero_division = options.zero_division == "nan"
                                                              ? std::numeric_limits<double>::quiet_NaN()
                                                              : static_cast<double>(options.zero_division == "1")};
  auto ctx = make_context(options);
  auto const report = with_scores(data.scores, [&](auto scores) {
    return softf1::make_report(ctx, scores, data.targets(), metrics, data.scores.label_names);
  });

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
