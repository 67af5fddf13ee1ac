// softf1 train: a table and its images to a calibrated model.
#include "train.hpp"

#include <chrono>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include <softf1/data/split_file.hpp>
#include <softf1/data/statistics.hpp>
#include <softf1/training/defaults.hpp>
#include <softf1/training/head.hpp>
#include <softf1/training/standardise.hpp>

#include "devices.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace data = softf1::data;
namespace training = softf1::training;
using softf1::value_error;

/// Seconds of each stage of a run.
class stopwatch {
 public:
  explicit stopwatch(std::vector<std::pair<std::string, double>>& seconds) : seconds_(seconds) {}
  void lap(std::string stage) {
    auto const now = clock::now();
    seconds_.emplace_back(std::move(stage), std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }

 private:
  using clock = std::chrono::steady_clock;
  std::vector<std::pair<std::string, double>>& seconds_;
  clock::time_point last_ = clock::now();
};

std::vector<data::part> split_rows(train_options const& options, data::label_table const& table) {
  if (!options.split_file.empty()) return data::parts_of(table, data::read_split(options.split_file));
  data::split_options const how{.shares = parse_shares(options.split), .seed = options.seed};
  return options.split_by == "shuffle" ? data::shuffle_split(table.rows(), how)
                                       : data::stratified_split(table.target_view(), how);
}

part_rows take_rows(image_set const& set, std::vector<data::part> const& parts, data::part which) {
  part_rows part{data::rows_of(parts, which), {}, {}, {}, {}, set.features.dimension, set.table.labels()};
  for (std::size_t i : part.rows) {
    auto const* const row = set.features.values.data() + i * part.dimension;
    part.features.insert(part.features.end(), row, row + part.dimension);
    for (std::size_t j = 0; j < part.labels; ++j) part.truth.push_back(set.table.targets[i * part.labels + j]);
  }
  part.targets.assign(part.truth.begin(), part.truth.end());
  return part;
}

/// For one label a row: a softmax over labels means nothing to rows with none or several.
void require_one_label(data::label_table const& table) {
  for (std::size_t i = 0; i < table.rows(); ++i) {
    std::size_t count = 0;
    for (std::size_t j = 0; j < table.labels(); ++j) count += table.targets[i * table.labels() + j];
    if (count != 1)
      throw value_error(
          fmt::format("--task multiclass: each row must have one label, row '{}' has {}", table.ids[i], count));
  }
}

/// Rows for training, their features scaled where they are to be.
class scaled_rows {
 public:
  scaled_rows(part_rows const& part, std::optional<training::feature_scaling> const& scaling) : rows_(part.labelled()) {
    if (!scaling) return;
    features_ = training::scaled(rows_.features, *scaling);
    rows_.features = {features_.data(), part.size(), part.dimension};
  }
  training::labelled_rows<float> const& labelled() const { return rows_; }

 private:
  training::labelled_rows<float> rows_;
  std::vector<float> features_;
};

class trainer {
 public:
  explicit trainer(train_options const& options)
      : options_(options),
        work_(make_engine(options, options.on)),
        out_(options.out.empty() ? default_run_folder(options.loss) : options.out, options.overwrite),
        watch_(run_.seconds) {}

  void run() {
    check_options();
    auto const set = load();
    auto const parts = split_rows(options_, set.table);
    prepare(set, parts);
    fit();
    calibrate();
    measure();
    save(set, parts);
    if (!options_.quiet && options_.json != "-") say(results_text(run_) + closing_text());
  }

 private:
  void say(std::string const& text) const {
    if (!options_.quiet && options_.json != "-") print(text);
  }

  /// What else would only be found after the features were extracted.
  void check_options() {
    output_files files({{"--csv", options_.set.csv},
                        {"--weights", options_.extractor.weights},
                        {"--split-file", options_.split_file}});
    if (!options_.json.empty()) files.claim("--json", options_.json);
    check_loss(options_.loss, {.pos_weight = std::vector<double>(options_.pos_weight == "balanced" ? 1 : 0, 1.0)});
    if (!options_.split_file.empty()) data::read_split(options_.split_file);
    if (!std::holds_alternative<training::lbfgs_training>(optimizer_named(options_.optimizer))) return;
    if (options_.hidden > 0) throw value_error("--optimizer: lbfgs is for linear heads: give --hidden 0 as well");
    if (!work_->is_host()) throw value_error("--optimizer: L-BFGS runs on the CPU: leave --device out, or take adamw");
  }

  image_set load() {
    auto table = load_table(options_.set);
    say(table_text(table) + to_text(data::statistics_of(table)));
    if (is_multiclass()) require_one_label(table);
    watch_.lap("table");
    extractor_ = std::make_unique<softf1::models::extractor>(load_extractor(work_->on_host(), options_.extractor));
    say(extractor_text(*extractor_));
    watch_.lap("weights");
    auto set = extract_images(*work_, *extractor_, std::move(table), options_.set, out_.parent(), options_.quiet);
    say(failures_text(set) + fmt::format("features: {} rows of {}, {} of them from {}\n", set.table.rows(),
                                         set.features.dimension, set.features.cached, set.cache));
    watch_.lap("features");
    return set;
  }

  // Random networks give features that hardly differ between images; those of trained ones are best as they are.
  bool standardises() const {
    return options_.standardise == "yes" || (options_.standardise == "auto" && extractor_->identity().is_random());
  }
  bool is_multiclass() const { return options_.task == "multiclass"; }

  void prepare(image_set const& set, std::vector<data::part> const& parts) {
    run_.train = take_rows(set, parts, data::part::train);
    run_.validation = take_rows(set, parts, data::part::validation);
    run_.test = take_rows(set, parts, data::part::test);
    if (run_.train.size() == 0 || run_.validation.size() == 0)
      throw value_error(fmt::format("--split: training needs train and validation rows, got {} and {}",
                                    run_.train.size(), run_.validation.size()));
    auto& m = run_.model;
    m.task = softf1::models::task_named(options_.task);
    m.labels = set.table.label_names;
    m.extractor = extractor_->identity();
    m.inputs = extractor_->dimension();
    m.head =
        training::head_table(m.labels.size(), {.hidden = options_.hidden,
                                               .dropout = options_.dropout,
                                               .weights = softf1::layers::initialiser_named(options_.initialiser)});
    m.settings = settings_json();
    if (!work_->is_host()) {
      m.settings["device"] = device_backend();
      m.settings["precision"] = options_.on.precision;
    }
    m.train_rows = softf1::models::hashes_of(set.table.select(run_.train.rows).ids);
    m.validation_rows = softf1::models::hashes_of(set.table.select(run_.validation.rows).ids);
    if (is_multiclass()) m.rule = softf1::argmax{};
    say(fmt::format("split: {} rows train, {} validation, {} test ({})\n", run_.train.size(), run_.validation.size(),
                    run_.test.size(), options_.split_file.empty() ? options_.split_by : options_.split_file));
  }

  double learning_rate() const {
    return options_.learning_rate > 0 ? options_.learning_rate : training::default_learning_rate;
  }
  std::string monitor() const {
    return options_.monitor.empty() ? std::string(training::default_monitor) : options_.monitor;
  }

  softf1::io::json_value settings_json() const {
    return {{"loss", options_.loss},
            {"pos_weight", options_.pos_weight},
            {"hidden", options_.hidden},
            {"dropout", options_.dropout},
            {"initialiser", options_.initialiser},
            {"output_bias", options_.output_bias},
            {"standardise", standardises()},
            {"optimizer", options_.optimizer},
            {"learning_rate", learning_rate()},
            {"epochs", options_.epochs},
            {"batch_size", options_.batch_size},
            {"monitor", monitor()},
            {"patience", options_.patience},
            {"seed", options_.seed},
            {"split", options_.split},
            {"split_by", options_.split_file.empty() ? options_.split_by : "file"},
            {"split_seed", options_.seed},
            {"train_rows", run_.train.size()},
            {"validation_rows", run_.validation.size()},
            {"test_rows", run_.test.size()}};
  }

  void fit() {
    net_ = std::make_unique<head_network>(work_->on_host(), softf1::layers::sample_shape{1, 1, run_.model.inputs},
                                          run_.model.head, options_.seed);
    auto const positives = training::count_positives(run_.train.target_view());
    if (options_.output_bias == "prior")
      training::set_output_bias(work_->on_host(), *net_, training::prior_logits(positives, run_.train.size()));
    head_training job{.loss = options_.loss, .optimizer = optimizer_named(options_.optimizer)};
    if (options_.pos_weight == "balanced")
      job.objective.pos_weight = training::balanced_pos_weight(positives, run_.train.size());

    progress_bar bar("training", "batches", options_.quiet);
    interruptible const guard;
    job.how = {.epochs = options_.epochs,
               .batch_size = options_.batch_size,
               .learning_rate = learning_rate(),
               .seed = options_.seed,
               .monitor = training::monitor_named(monitor()),
               .patience = options_.patience,
               .decision = run_.model.rule,
               .on_epoch =
                   [&](training::epoch_record const& e) {
                     bar.finish();
                     tell(e);
                   },
               .on_batch =
                   [&](std::size_t epoch, std::size_t done, std::size_t of) {
                     if (of > 0) bar.show((epoch - 1) * of + done, options_.epochs * of);
                   },
               .stop_requested = interruptible::requested};
    bool const in_epochs = std::holds_alternative<softf1::update_rule>(job.optimizer);
    say(in_epochs ? fmt::format("training {} with {}, learning rate {:g}, at most {} epochs, the best by {} is kept\n",
                                options_.loss, options_.optimizer, learning_rate(), options_.epochs, monitor())
                  : fmt::format("training {} with {} on all rows at once\n", options_.loss, options_.optimizer));
    std::optional<training::feature_scaling> scaling;
    if (standardises()) scaling = training::measure_scaling(run_.train.labelled().features);
    scaled_rows const train(run_.train, scaling), validation(run_.validation, scaling);
    job.rows = train.labelled();
    job.validation = validation.labelled();
    work_->train(*net_, job);
    run_.fit = std::move(job.result);
    if (scaling) training::fold_scaling(*net_, *scaling);
    bar.finish();
    watch_.lap("training");
    if (run_.fit.best_epoch == 0) throw value_error("training: " + run_.fit.sentence + "; there is nothing to keep");
    if (!run_.fit.sentence.empty()) say(run_.fit.sentence + "\n");
    if (run_.fit.end == training::fit_end::interrupted || run_.fit.end == training::fit_end::diverged)
      say(fmt::format("the best weights so far, of epoch {}, are kept\n", run_.fit.best_epoch));
    run_.model.arrays = softf1::models::arrays_of(*net_);
  }

  void tell(training::epoch_record const& e) const {
    say(fmt::format(
        "epoch {:>3}  loss {:.4f}  validation: loss {:.4f}  macro F1 {:.4f}  tuned {:.4f}  mAP {:.4f}  {:.1f} s\n",
        e.epoch, e.train_loss, e.loss, e.macro_f1, e.tuned_macro_f1, e.map, e.seconds));
  }

  void predict(part_rows& part) {
    part.logits.resize(part.size() * part.labels);
    work_->predict(*net_, part.labelled().features, {part.logits.data(), part.size(), part.labels});
  }

  void calibrate() {
    for (auto* part : {&run_.train, &run_.validation, &run_.test}) predict(*part);
    if (is_multiclass()) return;
    auto rule = work_->search(run_.validation.scored(), "best", "f1");
    rule.label_names = run_.model.labels;
    rule.origin = {{"program", "softf1 " SOFTF1_VERSION},
                   {"strategy", "best"},
                   {"objective", "f1"},
                   {"part", "validation"},
                   {"rows", std::to_string(run_.validation.size())}};
    run_.model.rule = std::move(rule);
    watch_.lap("thresholds");
  }

  /// The report of a way of deciding, and its line of the results.
  softf1::classification_report measure_as(std::string name, softf1::decision_rule const& rule) {
    auto report = work_->report(run_.measured().scored(), rule, 0, run_.model.labels);
    run_.results.push_back(
        {std::move(name), report.macro.f1, report.micro.f1, report.samples.f1, report.macro.average_precision});
    return report;
  }

  void measure() {
    run_.measured_on = run_.test.size() > 0 ? "test" : "validation";
    std::vector<double> const everything(run_.model.labels.size(), -std::numeric_limits<double>::infinity());
    measure_as("all positive", softf1::threshold_set{everything});
    run_.results.back().map = std::numeric_limits<double>::quiet_NaN();
    if (!is_multiclass()) measure_as("at 0.5", softf1::probability_threshold{});
    run_.report = measure_as(is_multiclass() ? "highest score" : "tuned", run_.model.rule);
    watch_.lap("metrics");
  }

  void save(image_set const& set, std::vector<data::part> const& parts) {
    program::save(run_, options_, out_, set, parts, *extractor_);
    watch_.lap("files");
    if (options_.json.empty()) return;
    output_files files({{"--csv", options_.set.csv}});
    files.add("--json", options_.json, softf1::io::json_text(result_json(run_, out_.path(), set)));
    files.commit();
  }

  std::string closing_text() const {
    std::string text = "time:";
    for (auto const& [stage, seconds] : run_.seconds) text += fmt::format(" {} {:.1f} s,", stage, seconds);
    text.back() = '\n';
    return text + fmt::format("model:  {}\nreport: {}\n", out_.file("model.safetensors"), out_.file("report.html"));
  }

  train_options const& options_;
  std::unique_ptr<engine> work_;
  run_folder out_;
  training_run run_;
  stopwatch watch_;
  std::unique_ptr<softf1::models::extractor> extractor_;
  std::unique_ptr<head_network> net_;
};

}  // namespace

std::string results_text(training_run const& run) {
  std::vector<std::vector<std::string>> lines{{"decision", "macro F1", "micro F1", "samples F1", "mAP"}};
  for (auto const& r : run.results)
    lines.push_back({r.decision, figure(r.macro_f1), figure(r.micro_f1), figure(r.samples_f1), figure(r.map)});
  return fmt::format("\nresults on {} rows ({}):\n{}", run.measured_on, run.measured().size(), table(lines));
}

void run(train_options const& given) {
  auto options = given;
  if (options.loss.empty())
    options.loss = options.task == "multiclass" ? softf1::losses::softmax_cross_entropy::name
                                                : softf1::losses::binary_cross_entropy::name;
  trainer(options).run();
}

}  // namespace program
