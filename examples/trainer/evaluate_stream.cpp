// softf1 evaluate --sketch-bins: every metric of scores against targets that need not fit into memory.
#include "evaluate_stream.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <softf1/io/json_streaming_report.hpp>
#include <softf1/io/metric_state.hpp>
#include <softf1/metrics/full_report_text.hpp>
#include <softf1/metrics/streaming_report_text.hpp>

#include "engine.hpp"
#include "evaluate_figures.hpp"
#include "inputs.hpp"
#include "model_data.hpp"
#include "output.hpp"

namespace program {

namespace {

/// Labelled rows, block by block: those of files as they come, those that a model scores at once.
struct row_stream {
  std::function<std::optional<dataset>()> next;
  softf1::decision_rule rule;
  std::shared_ptr<softf1::calibration_map const> calibration;
  std::string about;
};

row_stream open(engine& work, evaluate_options const& options) {
  if (options.source.model.empty()) {
    auto const blocks = std::make_shared<dataset_blocks>(options.data, options.block_rows);
    return {[blocks] { return blocks->next(); }, softf1::probability_threshold{}, {}, {}};
  }
  auto source = load_model_dataset(work, options.source, options.quiet);
  auto const once = std::make_shared<std::optional<dataset>>(std::move(source.data));
  std::shared_ptr<softf1::calibration_map const> calibration;
  if (auto& own = source.model.calibration) calibration = std::make_shared<softf1::calibration_map>(std::move(*own));
  return {[once] { return std::exchange(*once, std::nullopt); }, std::move(source.model.rule), std::move(calibration),
          std::move(source.about)};
}

/// Where the calibration comes from, for errors.
std::string const& stream_source(evaluate_options const& options) {
  return options.thresholds.empty() ? options.source.model : options.thresholds;
}

void add(softf1::streaming_report& total, host& ctx, dataset const& block) {
  auto const rows = block.rows();
  softf1::row_ranking_options<softf1::cpu> o;
  if (rows.mask.data()) o.mask = rows.mask;
  if (rows.row_weights.data()) o.row_weights = rows.row_weights;
  with_scores(block.scores, [&](auto scores) { total.add(ctx, scores, rows.targets, o); });
}

}  // namespace

void evaluate_stream(evaluate_options const& options) {
  auto const work = make_engine(options, options.on);
  auto stream = open(*work, options);
  auto block = stream.next();
  if (options.threshold) stream.rule = softf1::probability_threshold{*options.threshold};
  if (!options.thresholds.empty()) {
    stream.rule = load_rule(options.thresholds, block->scores);
    stream.calibration = block->scores.calibration;
  }
  auto const calibrate = [&](dataset& data) {
    if (stream.calibration && !data.scores.calibration)
      data.scores = calibrated(std::move(data.scores), *stream.calibration, stream_source(options));
  };
  calibrate(*block);
  softf1::streaming_report total({.domain = block->scores.domain,
                                  .decision = stream.rule,
                                  .zero_division = zero_division_of(options),
                                  .beta = options.beta,
                                  .sketch_bins = options.sketch_bins,
                                  .at_k = numbers_at_k(options.at_k),
                                  .label_names = block->scores.label_names});
  for (; block; block = stream.next()) {
    calibrate(*block);
    add(total, work->on_host(), *block);
  }

  auto inputs = options.source.model.empty() ? files_of(options.data) : files_of(options.source);
  inputs.emplace_back("--model", options.source.model);
  inputs.emplace_back("--thresholds", options.thresholds);
  inputs.emplace_back("--label-groups", options.label_groups);
  give_report(total, options,
              {std::move(inputs),
               options.metrics,
               options.label_groups,
               options.csv,
               {"--state-out", options.state_out},
               stream.about,
               options.curves});
}

void give_report(softf1::streaming_report const& total, common_options const& options, stream_outputs const& outputs) {
  std::vector<std::string> names = total.options().label_names;
  for (std::size_t j = names.size(); j < total.labels(); ++j) names.push_back(std::to_string(j));
  auto const report = total.compute(read_label_groups(outputs.label_groups, names));
  output_files files(outputs.inputs);
  auto const& [state_option, state] = outputs.state;
  if (!options.json.empty())
    files.add("--json", options.json, softf1::io::json_text(softf1::io::streaming_report_json(report)));
  if (!outputs.csv.empty()) files.add("--table", outputs.csv, table_text(outputs.csv, report, {.lift = true}));
  if (!outputs.curves.empty()) files.add("--curves", outputs.curves, curves_text(total.sketch(), names));
  if (!state.empty())
    files.add(state_option, state,
              [&, path = state](softf1::io::atomic_writer& to) { softf1::write_metric_state(to, path, total); });
  files.commit();
  if (!options.quiet && !files.take_standard_output())
    print(outputs.about + softf1::to_text(report) + remarks_text(report) + "\n" + bounds_text(report) +
          figures_text(report, outputs.metrics));
}

}  // namespace program
