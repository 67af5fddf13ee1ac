// The sub-commands that work on files of scores.
#include "calibrate_grid.hpp"
#include "command_parts.hpp"

#include <algorithm>

#include <softf1/core/named.hpp>

namespace program {

namespace {

void check_grid(std::string const& text) { check_whole<std::size_t>(text, 1'000'000, 2); }

void check_probability(std::string const& text) {
  double const p = softf1::parse_number(text, "a probability");
  if (!(p >= 0 && p <= 1)) throw softf1::value_error("must be a probability from 0 to 1, got " + text);
}

void add_scores(CLI::App& command, score_options& o) {
  add_file(command, "--scores", o.scores,
           "Scores, a row an example, a column a label: .npy (float16, 32, 64), .csv, .tsv or text")
      ->group("Input");
  command.add_flag("--logits", o.logits, "The scores are logits; without it, they are probabilities")->group("Input");
}

void add_dataset(CLI::App& command, dataset_options& o) {
  add_scores(command, o);
  add_file(command, "--targets", o.targets,
           "Targets of 0 and 1, of the same shape and in the same formats; any number type")
      ->group("Input");
  add_file(command, "--label-names", o.label_names,
           "Label names, one a line; without it, those of a CSV header, else 0, 1, ...")
      ->group("Input");
  add_file(command, "--mask", o.mask,
           "Matrix of the same shape: where it is 0 the target is missing and its cell left out")
      ->group("Input");
  command.add_option("--missing", o.missing, "The target that means missing, such as -1 or nan: its cell is left out")
      ->check(accepted_by(check_missing))
      ->type_name("X")
      ->group("Input");
  add_file(command, "--row-weights", o.row_weights, "One weight a row, >= 0")->group("Input");
}

void add_model(CLI::App& command, model_options& o) {
  add_file(command, "--model", o.model,
           "In place of --scores: a model, with --csv and --images, or another source of labelled rows")
      ->group("Model");
  add_file(command, "--weights", o.weights, "The weights of the model's network, needed unless it bundles them")
      ->group("Model");
  add_file(command, "--split-file", o.split_file, "Take one part of the rows only: split.csv of the training run")
      ->group("Model");
  command.add_option("--part", o.part, "train, validation or test; without it test")
      ->check(CLI::IsMember({"train", "validation", "test"}).description(""))
      ->type_name("NAME")
      ->group("Model");
  add_image_set(command, o.set, false);
  add_crops(command, o.crops);
}

/// What is missing of the two ways to say what is measured; empty where nothing is. --targets and --label-names mean
/// the same beside --features.
std::string missing_input(dataset_options const& data, model_options& source) {
  if (source.model.empty()) {
    if (!source.set.source().second.empty()) return source.set.source().first + " needs --model";
    if (!source.crops.crops.empty()) return "--crops needs --model";
    return data.scores.empty() || data.targets.empty()
               ? "--scores and --targets are required, or --model, --csv and --images"
               : "";
  }
  source.set.targets = data.targets;
  source.set.label_names = data.label_names;
  if (!data.scores.empty() || data.logits || !data.mask.empty() || !data.row_weights.empty())
    return "--model excludes --scores, --logits, --mask and --row-weights";
  if (!data.targets.empty() && source.set.features.empty()) return "--targets needs --scores or --features";
  if (auto wrong = wrong_source(source.set); !wrong.empty()) return "--model: " + wrong;
  if (!source.crops.crops.empty() && source.set.has_features()) return "--crops needs images";
  return source.part.empty() || !source.split_file.empty() ? "" : "--part needs --split-file";
}

/// What a stream of rows cannot give, as a sentence; empty where nothing of it is asked for.
std::string not_streamed(evaluate_options const& e) {
  if (e.ci != 0 || !e.row_groups.empty()) return "--sketch-bins excludes --ci and --row-groups, which draw rows again";
  if (!e.compare.empty()) return "--sketch-bins excludes --compare, which draws rows again";
  if (!e.watch.empty()) return "--sketch-bins excludes --watch";
  if (!e.propensities.empty()) return "--sketch-bins excludes --propensities";
  for (auto const* name : {"pairs", "operating_points"})
    if (e.metrics != "all" && names_metrics(e.metrics, name))
      return std::string("--sketch-bins excludes --metrics ") + name;
  return e.on.device == "cpu" ? "" : "--sketch-bins works on the cpu only: leave --device out";
}

/// The same for the ways to say what evaluates: a model or scores, or the checkpoints of a run.
std::string missing_for(evaluate_options& e) {
  if (e.sketch_bins != 0)
    if (auto text = not_streamed(e); !text.empty()) return text;
  if (e.watch.empty()) return e.once ? "--once needs --watch" : missing_input(e.data, e.source);
  if (!e.source.model.empty() || !e.data.scores.empty()) return "--watch excludes --model and --scores";
  if (e.threshold || !e.thresholds.empty() || !e.csv.empty())
    return "--watch excludes --threshold, --thresholds and --table";
  if (!e.curves.empty() || !e.propensities.empty()) return "--watch excludes --curves and --propensities";
  // Only so that what belongs to a model is checked as if there were one.
  e.source.model = e.watch;
  auto missing = missing_input(e.data, e.source);
  e.source.model.clear();
  bool const is_part = missing.starts_with("--part");  // there is the run's own split
  return is_part ? "" : missing;
}

}  // namespace

void add_evaluate(CLI::App& root, request& result) {
  auto const [command, o] = add_command<evaluate_options>(
      root, result, "evaluate",
      "Measure scores against targets: precision, recall, F1, AP, AUROC, for each label and averaged",
      R"(A label is predicted where its score >= its threshold. 'trivial F1' is the F1 of saying yes everywhere: what a
model has to beat. '-' (null in JSON) is undefined. Rows and labels without names are counted from 0.

Example:
  softf1 evaluate --scores val_prob.npy --targets val_y.npy --label-names labels.txt --json report.json)");
  add_dataset(*command, o->data);
  add_model(*command, o->source);
  require(*command, result, o, missing_for);
  command
      ->add_option(
          "--watch", o->watch,
          "In place of --model: the folder of a training run; each new checkpoint is evaluated on its validation "
          "rows, into evaluations.csv and events for TensorBoard")
      ->type_name("DIR")
      ->group("Watch");
  command->add_option("--interval", o->interval, "Seconds between looks at it")
      ->check(accepted_by(check_at_least_0))
      ->capture_default_str()
      ->type_name("S")
      ->group("Watch");
  command->add_flag("--once", o->once, "Look once, and end")->group("Watch");
  auto* const threshold =
      command
          ->add_option("--threshold", o->threshold,
                       "One threshold for all labels: a probability, also with --logits; without it 0.5, or the "
                       "model's own")
          ->check(accepted_by(check_probability))
          ->type_name("P")
          ->group("Decision");
  add_file(*command, "--thresholds", o->thresholds,
           "In place of --threshold: one for each label, as `softf1 calibrate` writes them")
      ->excludes(threshold)
      ->group("Decision");
  command
      ->add_option("--zero-division", o->zero_division,
                   "What an undefined precision, recall or F1 counts as: 0, 1, or nan (left out of means)")
      ->check(CLI::IsMember({"0", "1", "nan"}).description(""))
      ->capture_default_str()
      ->type_name("Z")
      ->group("Decision");
  add_name(*command, "--metrics", o->metrics, "What to print besides the report: all, or of " + metric_names())
      ->check(accepted_by(check_metrics))
      ->group("Metrics");
  add_name(*command, "--at-k", o->at_k, "The k of metrics of each row's k best labels")
      ->check(accepted_by(check_at_k))
      ->capture_default_str()
      ->group("Metrics");
  add_file(*command, "--propensities", o->propensities,
           "A number in (0, 1] for each label, how likely a true one was annotated: propensity-scored metrics at k")
      ->group("Metrics");
  command->add_option("--at-least", o->at_least, "What operating points keep: the best precision at this recall, ...")
      ->check(accepted_by(check_probability))
      ->capture_default_str()
      ->type_name("P")
      ->group("Metrics");
  command->add_option("--max-fpr", o->max_fpr, "Partial AUROC is that of false positive rates up to this")
      ->check(accepted_by(check_level))
      ->capture_default_str()
      ->type_name("P")
      ->group("Metrics");
  add_file(*command, "--label-groups", o->label_groups,
           "A table with the columns label and group: figures of each group; without it head, medium and tail by "
           "positives (100 and 20)")
      ->group("Metrics");
  command->add_option("--ci", o->ci, "Confidence intervals of this level, such as 0.95: rows are the unit of chance")
      ->check(accepted_by(check_level))
      ->type_name("LEVEL")
      ->group("Uncertainty");
  add_choice(*command, "--ci-method", o->ci_method, {"auto", "bca", "percentile", "delta", "corrected"},
             "bca, percentile (both resample rows), delta, corrected (both fast); auto: corrected for AP, else bca")
      ->capture_default_str()
      ->group("Uncertainty");
  command->add_option("--resamples", o->resamples, "How often rows are drawn again")
      ->check(accepted_by(check_resamples))
      ->capture_default_str()
      ->type_name("R")
      ->group("Uncertainty");
  add_file(*command, "--row-groups", o->row_groups, "A group a row, one a line: groups are drawn whole")
      ->group("Uncertainty");
  add_file(*command, "--compare", o->compare,
           "Scores of another model of the same rows, decided by the same rule: is the difference more than chance?")
      ->group("Uncertainty");
  auto* const bins = command
                         ->add_option("--sketch-bins", o->sketch_bins,
                                      "Go through the rows once, .npy files block by block whatever their length: AP, "
                                      "AUROC and best thresholds come from this many bins a label, with their bounds")
                         ->check(accepted_by(check_bins))
                         ->type_name("N")
                         ->group("Large data");
  command->add_option("--beta", o->beta, "The best thresholds are those of F-beta")
      ->check(accepted_by(check_at_least_0))
      ->needs(bins)
      ->capture_default_str()
      ->type_name("B")
      ->group("Large data");
  command->add_option("--block-rows", o->block_rows, "Rows read at once; without it about a million cells")
      ->check(accepted_by(check_positive))
      ->needs(bins)
      ->type_name("N")
      ->group("Large data");
  add_file(*command, "--state-out", o->state_out, "Write what has been counted (.safetensors), for softf1 merge")
      ->needs(bins)
      ->group("Large data");
  add_file(*command, "--table", o->csv, "Write the table of results: as Markdown where FILE ends with .md, else as CSV")
      ->group("Output");
  add_file(*command, "--curves", o->curves,
           "Write ROC, precision-recall, F1 over thresholds, gain, lift and DET curves as CSV, thinned for plotting")
      ->group("Output");
  add_device(*command, o->on, false);
  add_common(root, *command, *o, "Write the report");
}

void add_merge(CLI::App& root, request& result) {
  auto const [command, o] = add_command<merge_options>(
      root, result, "merge", "Add what evaluate has counted of parts of the data, and report on the whole",
      R"(The parts are written by `softf1 evaluate --sketch-bins N --state-out FILE`, anywhere and in any order, with the same
labels and options. Sums are exact where rows have no weights. States that a program wrote with the library (of
confusion_counts, score_sketch and other metrics) are added too, and go to --out.

Example:
  softf1 merge a.safetensors b.safetensors --json report.json)");
  command->add_option("FILES", o->files, "States, as `softf1 evaluate --sketch-bins N --state-out FILE` writes them")
      ->required()
      ->type_name("")
      ->group("Input");
  add_name(*command, "--metrics", o->metrics, "What to print besides the report: all, or of " + streamed_metric_names())
      ->check(accepted_by(check_streamed_metrics))
      ->group("Metrics");
  add_file(*command, "--label-groups", o->label_groups,
           "A table with the columns label and group: figures of each group; without it head, medium and tail by "
           "positives (100 and 20)")
      ->group("Metrics");
  add_file(*command, "--out", o->out, "Write the sum of the states (.safetensors)")->group("Output");
  add_file(*command, "--table", o->csv, "Write the table of results: as Markdown where FILE ends with .md, else as CSV")
      ->group("Output");
  add_common(root, *command, *o, "Write the report");
}

namespace {

/// The strategy that promises mean, in the grammar of strategies; or, behind `wrong`, what is wrong with them.
std::string strategy_of_promises(calibrate_options const& c, std::string& wrong) {
  std::string text = "constraint";
  auto const add = [&](std::string const& name, std::string_view value) {
    text += (text.find(':') == std::string::npos ? ':' : ',') + name + "=" + std::string(value);
  };
  auto const read = [&](std::vector<std::string> const& promises, std::string const& option, std::string const& prefix,
                        std::vector<std::string> const& known) {
    for (auto const& promise : promises) {
      auto const at = promise.find('=');
      auto const name = promise.substr(0, at);
      if (at == std::string::npos || std::find(known.begin(), known.end(), name) == known.end())
        wrong = option + " takes " + known[0] + "=X or " + known[1] + "=X, got " + promise;
      else
        add(prefix + name, promise.substr(at + 1));
    }
  };
  read(c.at_least, "--min", "min_", {"precision", "recall"});
  read(c.at_most, "--max", "max_", {"rate", "alarms"});
  if (c.rows_a_day) add("rows_a_day", softf1::number_text(*c.rows_a_day));
  if (c.confidence) add("confidence", softf1::number_text(*c.confidence));
  return text;
}

/// Turns promises into a strategy, and finds what is missing or does not go together.
std::string missing_to_calibrate(calibrate_options& c) {
  if (auto missing = missing_input(c.data, c.source); !missing.empty()) return missing;
  if (!c.compare.empty()) {
    if (!c.out.empty()) return "--compare writes no thresholds: leave --out out";
    if (c.nested) return "--compare is cross-validation: leave --nested out";
    if (c.grid != 0 || !c.html.empty()) return "--compare excludes --grid and --html";
  } else if (c.source.model.empty() && c.out.empty()) {
    return "--out is required";
  }
  if (c.grid != 0) {
    if (c.strategy != calibration_choice{}.strategy) return "--grid is the strategy grid: leave --strategy out";
    c.strategy = grid_strategy(c.grid, c.comparison);
  }
  bool const promises = !c.at_least.empty() || !c.at_most.empty();
  if (c.confidence && c.at_least.empty()) return "--confidence needs --min";
  bool const limits_alarms =
      std::any_of(c.at_most.begin(), c.at_most.end(), [](auto const& most) { return most.starts_with("alarms="); });
  if (c.rows_a_day && !limits_alarms) return "--rows-a-day needs --max alarms=N";
  if (c.confidence && c.folds != 0) return "--confidence is for the rows as a whole: leave --folds out";
  if (!promises) return "";
  if (!c.compare.empty()) return "--compare excludes --min and --max: name the strategy constraint:min_precision=X";
  if (c.strategy != calibration_choice{}.strategy)
    return "--min and --max are the strategy constraint: leave --strategy and --grid out";
  std::string wrong;
  c.strategy = strategy_of_promises(c, wrong);
  if (!wrong.empty()) return wrong;
  try {
    check_strategy(c.strategy);
  } catch (softf1::error const& e) {
    return e.what();
  }
  return "";
}

}  // namespace

void add_calibrate(CLI::App& root, request& result) {
  auto const [command, o] = add_command<calibrate_options>(
      root, result, "calibrate", "Find a decision threshold for each label on scores with known targets",
      "Strategies: " + strategy_names() + "\nRefinements: " + refinement_names() +
          "\nObjectives: " + objective_names() + "\nCalibrators: " + calibrator_names() + R"(
What stands behind a colon takes a value: fixed:at=0.4, f_beta:beta=2; refinements stand behind a strategy and a +:
best+shrunk:strength=20. 'best' is the exact optimum of the objective for each label, and with 'smooth' steadier. Use
rows that the model was not trained on. A label without positives keeps probability 0.5.
'tuned' is the objective on the rows of the search, 'expected' what to expect of it on new rows: by the bootstrap,
or with --nested by cross-validation. Intervals are those of thresholds found on rows that are drawn again.
A calibrator makes probabilities of scores, before thresholds are found: evaluate, apply and predict then do the same.
Where rows are drawn again or divided, it is fitted again.

Examples:
  softf1 calibrate --scores val_prob.npy --targets val_y.npy --objective f_beta:beta=2 --out thresholds.json
  softf1 calibrate --scores val_prob.npy --targets val_y.npy --min precision=0.9 --confidence 0.95 --out t.json
  softf1 calibrate --scores val_prob.npy --targets val_y.npy --calibrator platt --strategy expected_f --out t.json
  softf1 calibrate --scores val_prob.npy --targets val_y.npy --compare all)");
  add_dataset(*command, o->data);
  add_model(*command, o->source);
  require(*command, result, o, missing_to_calibrate);
  add_name(*command, "--strategy", o->strategy, "How thresholds are found")
      ->check(accepted_by(check_strategy))
      ->capture_default_str()
      ->group("Decision");
  add_name(*command, "--objective", o->objective, "The score that is made as large as possible")
      ->check(accepted_by(check_objective))
      ->capture_default_str()
      ->group("Decision");
  add_name(*command, "--calibrator", o->calibrator,
           "What makes probabilities of the scores first; it is kept with the thresholds")
      ->check(accepted_by(check_calibrator))
      ->group("Decision");
  command
      ->add_option("--min", o->at_least, "In place of --strategy: precision=X or recall=X that each label must reach")
      ->type_name("NAME=X")
      ->group("Decision");
  command
      ->add_option("--max", o->at_most,
                   "The same for what none may exceed: rate=X of rows, alarms=N: false alarms a day")
      ->type_name("NAME=X")
      ->group("Decision");
  command
      ->add_option("--rows-a-day", o->rows_a_day,
                   "With --max alarms=N: how many rows a day has; without it, the rows given are one day")
      ->check(CLI::PositiveNumber)
      ->type_name("R")
      ->group("Decision");
  command->add_option("--confidence", o->confidence, "With --min: it must hold on new rows, with this confidence")
      ->check(accepted_by(check_level))
      ->type_name("P")
      ->group("Decision");
  auto* const grid = command
                         ->add_option("--grid", o->grid,
                                      "In place of --strategy: the best of N equally spaced probabilities from 0 to 1, "
                                      "of equals the lowest")
                         ->check(accepted_by(check_grid))
                         ->type_name("N")
                         ->group("Decision");
  add_choice(*command, "--operator", o->comparison, {"ge", "gt"},
             "How the grid accepts: probability >= threshold, or > as in some tools")
      ->capture_default_str()
      ->needs(grid)
      ->group("Decision");
  command
      ->add_option("--folds", o->folds,
                   "Find thresholds without each of so many parts of the rows, and take their median; 0: on all rows")
      ->check(accepted_by(check_count))
      ->capture_default_str()
      ->type_name("K")
      ->group("Decision");
  add_name(*command, "--compare", o->compare, "In place of --out: measure strategies, or all, by cross-validation")
      ->check(accepted_by(check_compared))
      ->group("Uncertainty");
  command
      ->add_flag("--nested", o->nested,
                 "What to expect on new rows comes from cross-validation of the whole search, with --folds or 5 folds")
      ->group("Uncertainty");
  command
      ->add_option("--resamples", o->resamples,
                   "How often rows are drawn again, for intervals and expectations; 0: never")
      ->check(accepted_by(check_count))
      ->capture_default_str()
      ->type_name("R")
      ->group("Uncertainty");
  command->add_option("--ci", o->ci, "The level of intervals")
      ->check(accepted_by(check_level))
      ->capture_default_str()
      ->type_name("LEVEL")
      ->group("Uncertainty");
  add_file(*command, "--out", o->out,
           "The thresholds, as JSON, for evaluate and apply; with --model they go into the model")
      ->group("Output");
  add_file(*command, "--html", o->html,
           "Write a page of charts: what each threshold of each label gives, the chosen one and its interval")
      ->group("Output");
  add_file(*command, "--grid-csv", o->grid_csv,
           "Write what each threshold of the grid gives: id,label,freq,threshold,tp,fn,fp,precision,recall,f1")
      ->needs(grid)
      ->group("Output");
  add_device(*command, o->on, false);
  add_common(root, *command, *o, "Write the table");
}

void add_apply(CLI::App& root, request& result) {
  auto const [command, o] = add_command<apply_options>(
      root, result, "apply", "Turn scores into decisions with thresholds from calibrate",
      R"(Formats: npy (uint8, 1 where score >= threshold), csv (0 and 1 below the label names), lists (a line a row,
the names of its labels separated by tabs).

Example:
  softf1 apply --scores test_prob.npy --thresholds thresholds.json --out decisions.npy)");
  add_scores(*command, o->data);
  require(*command, result, o,
          [](apply_options& a) -> std::string { return a.data.scores.empty() ? "--scores is required" : ""; });
  add_file(*command, "--thresholds", o->thresholds, "A threshold for each label, as `softf1 calibrate` writes them")
      ->required()
      ->group("Decision");
  add_file(*command, "--out", o->out, "The decisions, a row an example, a column a label")->required()->group("Output");
  command
      ->add_option("--format", o->format, "npy, csv or lists; without it csv where the name of --out ends so, else npy")
      ->check(CLI::IsMember({"npy", "csv", "lists"}).description(""))
      ->type_name("NAME")
      ->group("Output");
  add_common(root, *command, *o, "Write the numbers of decisions");
}

void add_monitor(CLI::App& root, request& result) {
  auto const [command, o] = add_command<monitor_options>(
      root, result, "monitor", "Look whether thresholds are still right for new scores, without targets",
      R"(A label has drifted where it is predicted for another share of rows than on those its thresholds were found on,
beyond chance. Then the share of its positives today is estimated from the scores (by EM, as if they were true
probabilities and rows of each class looked as they did), and thresholds for that share are suggested. Nothing is
changed. Labelled rows and a new calibration are better.

Examples:
  softf1 monitor --scores today_prob.npy --thresholds thresholds.json
  softf1 monitor --scores today_logits.npy --model model.safetensors --out suggested.json)");
  add_scores(*command, o->data);
  add_file(*command, "--thresholds", o->thresholds, "Thresholds, as `softf1 calibrate` writes them")->group("Decision");
  add_file(*command, "--model", o->model, "In place of --thresholds: a model; the scores are its logits")
      ->group("Decision");
  require(*command, result, o, [](monitor_options& m) -> std::string {
    if (m.data.scores.empty()) return "--scores is required";
    if (m.thresholds.empty() == m.model.empty())
      return m.model.empty() ? "--thresholds or --model is required" : "--thresholds excludes --model";
    return "";
  });
  command->add_option("--level", o->level, "How often, without drift, one of all labels may be named")
      ->check(accepted_by(check_level))
      ->capture_default_str()
      ->type_name("P")
      ->group("Decision");
  add_file(*command, "--out", o->out, "Write the thresholds with those suggested, as JSON, for evaluate and apply")
      ->group("Output");
  add_common(root, *command, *o, "Write the table");
}

}  // namespace program
