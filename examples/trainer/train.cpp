// softf1 train: labelled rows to a calibrated model.
#include "train.hpp"

#include <chrono>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>

#include <fmt/format.h>

#include <softf1/core/hash.hpp>
#include <softf1/data/sampler.hpp>
#include <softf1/data/split_file.hpp>
#include <softf1/data/statistics.hpp>
#include <softf1/training/defaults.hpp>
#include <softf1/training/head.hpp>
#include <softf1/training/standardise.hpp>

#include "calibrate.hpp"
#include "devices.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "train_checkpoints.hpp"
#include "train_images.hpp"
#include "train_network.hpp"

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

// Which labels have no positive in more than one step of twenty, and how often; empty where there are none.
std::string absent_labels_text(std::vector<std::size_t> const& positives, std::size_t rows, std::size_t step,
                               std::vector<std::string> const& names) {
  std::vector<std::pair<double, std::string>> often;
  for (std::size_t j = 0; j < positives.size(); ++j) {
    double const p = softf1::absent_probability(static_cast<double>(positives[j]) / static_cast<double>(rows), step);
    if (p > 0.05) often.emplace_back(p, names[j]);
  }
  if (often.empty()) return {};
  std::stable_sort(often.begin(), often.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
  std::string text = fmt::format("{} of {} labels are absent from more than 5 % of steps of {} rows:", often.size(),
                                 positives.size(), step);
  for (std::size_t k = 0; k < often.size() && k < 5; ++k)
    text += fmt::format("{} {} {:.0f} %", k ? "," : "", often[k].second, 100 * often[k].first);
  return text + (often.size() > 5 ? ", ..." : "") + "; a greater --accumulate or --batch-size helps\n";
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
        out_(options.out.empty() ? default_run_folder(options.loss) : options.out, options.overwrite || options.resume),
        watch_(run_.seconds) {}

  void run() {
    check_options();
    load();
    prepare();
    fit();
    calibrate();
    measure();
    save();
    if (!options_.quiet && options_.json != "-") say(results_text(run_) + closing_text());
  }

 private:
  void say(std::string const& text) const {
    if (!options_.quiet && options_.json != "-") print(text);
  }

  /// What else would only be found after the features were extracted.
  void check_options() {
    auto inputs = files_of(options_.set);
    inputs.emplace_back("--weights", options_.extractor.weights);
    inputs.emplace_back("--split-file", options_.split_file);
    output_files files(std::move(inputs));
    if (!options_.json.empty()) files.claim("--json", options_.json);
    check_loss(options_.loss, {.pos_weight = std::vector<double>(options_.pos_weight == "balanced" ? 1 : 0, 1.0),
                               .schedule = loss_schedule()});
    check_train_options(options_);
    refuse_old_checkpoints(options_, out_);
    if (is_lbfgs() && !work_->is_host())
      throw value_error("--optimizer: L-BFGS runs on the CPU: leave --device out, or take adamw");
  }

  bool is_multiclass() const { return options_.task == "multiclass"; }
  bool is_lbfgs() const {
    return std::holds_alternative<training::lbfgs_training>(optimizer_named(options_.optimizer));
  }

  void load() {
    // What is wrong with the network is said before the table is read and images are.
    network_ = std::make_unique<run_network>(*work_, options_);
    watch_.lap("weights");
    data_ = load_rows(options_.set);
    say(table_text(data_.source.table) + data_.source.failures + to_text(data::statistics_of(data_.source.table)));
    if (is_multiclass()) require_one_label(data_.source.table);
    watch_.lap("table");
    if (extractor()) say(extractor_text(*extractor()));
    find_features(*work_, extractor(), options_, network_->augments(), out_.parent(), data_);
    say(data_.about);
    data_.parts = split_rows(options_, data_.source.table);
    watch_.lap("features");
  }

  softf1::models::extractor const* extractor() const { return network_->extractor(); }

  void prepare() {
    run_.train = rows_of_part(data_, data::part::train);
    run_.validation = rows_of_part(data_, data::part::validation);
    run_.test = rows_of_part(data_, data::part::test);
    if (run_.train.size() == 0 || run_.validation.size() == 0)
      throw value_error(fmt::format("--split: training needs train and validation rows, got {} and {}",
                                    run_.train.size(), run_.validation.size()));
    if (network_->augments())
      for (auto* part : {&run_.validation, &run_.test}) extract_part(*part);
    auto& m = run_.model;
    auto const& table = data_.source.table;
    m.task = softf1::models::task_named(options_.task);
    m.labels = table.label_names;
    m.source = extractor() ? softf1::models::source::images : softf1::models::source::features;
    if (extractor()) m.extractor = extractor()->identity();
    m.input = network_->input_shape(data_.source.dimension);
    m.head = network_->blocks(m.input, m.labels.size());
    m.settings = settings_json();
    m.settings["device"] = std::string(work_->is_host() ? "cpu" : device_backend());
    m.settings["precision"] = options_.on.precision;
    m.settings["rows"] = hash_of_rows();
    m.train_rows = softf1::models::hashes_of(table.select(run_.train.rows).ids);
    m.validation_rows = softf1::models::hashes_of(table.select(run_.validation.rows).ids);
    if (is_multiclass()) m.rule = softf1::argmax{};
    say(fmt::format("split: {} rows train, {} validation, {} test ({})\n", run_.train.size(), run_.validation.size(),
                    run_.test.size(), options_.split_file.empty() ? options_.split_by : options_.split_file));
  }

  void extract_part(part_rows& part) {
    if (part.size() == 0) return;
    auto const set = extract_images(*work_, *extractor(), data_.source.select(part.rows), options_.set, out_.parent(),
                                    options_.quiet);
    if (set.table.rows() != part.size())
      throw softf1::io_error("an image cannot be read any more: " + set.failures.front().reason);
    part.features = set.features.values;
    part.dimension = set.features.dimension;
  }

  double learning_rate() const {
    return options_.learning_rate > 0 ? options_.learning_rate : training::default_learning_rate;
  }
  softf1::loss_schedule loss_schedule() const {
    return options_.loss_schedule.empty() ? softf1::loss_schedule{}
                                          : softf1::losses::loss_schedule_named(options_.loss_schedule);
  }
  training::loss_scope loss_scope() const {
    return static_cast<training::loss_scope>(
        softf1::place_of_word(options_.loss_scope, training::loss_scope_names, "--loss-scope"));
  }

  // Labels that many steps do not see, where the loss is of counts or of pairs of rows: in those it learns nothing of them.
  std::string absent_text(std::vector<std::size_t> const& positives) const {
    using of_labels = softf1::joined_lists<softf1::losses::of_counts, softf1::losses::of_row_pairs>;
    bool of_columns = false;
    for (auto const& spec : softf1::parse_specs(options_.loss))
      of_labels::for_each([&]<class Loss>() { of_columns = of_columns || spec.name == Loss::name; });
    if (!of_columns || is_lbfgs() || run_.train.size() == 0) return {};
    auto how = training::fit_options{.batch_size = options_.batch_size, .accumulate = options_.accumulate};
    how.loss_scope = loss_scope();
    if (how.loss_scope == training::loss_scope::batch) how.accumulate = 1;
    std::size_t const rows = training::rows_of_step(how, run_.train.size());
    return absent_labels_text(positives, run_.train.size(), rows, data_.source.table.label_names);
  }

  std::string monitor() const {
    return options_.monitor.empty() ? std::string(training::default_monitor) : options_.monitor;
  }

  softf1::io::json_value settings_json() const {
    return {{"loss", options_.loss},
            {"pos_weight", options_.pos_weight},
            {"loss_schedule", options_.loss_schedule},
            {"loss_scope", options_.loss_scope},
            {"head", options_.head},
            {"hidden", options_.hidden},
            {"dropout", options_.dropout},
            {"initialiser", options_.initialiser},
            {"output_bias", options_.output_bias},
            {"standardise", standardises()},
            {"train_from", options_.train_from},
            {"batch_norm", options_.batch_norm},
            {"groups", options_.groups},
            {"optimizer", options_.optimizer},
            {"schedule", options_.schedule},
            {"learning_rate", learning_rate()},
            {"clip_norm", options_.clip_norm},
            {"average", options_.average},
            {"mixup", options_.mixup},
            {"augment", options_.augment},
            {"sampler", options_.sampler},
            {"epochs", options_.epochs},
            {"batch_size", options_.batch_size},
            {"accumulate", options_.accumulate},
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

  // Of the rows in their order, with what is known of them: a run goes on with the same rows only.
  std::string hash_of_rows() const {
    softf1::hasher hash;
    auto const& table = data_.source.table;
    for (auto const& id : table.ids) hash.add(id + "\n");
    hash.add(std::as_bytes(std::span(table.targets)));
    hash.add(std::as_bytes(std::span(table.mask)));
    if (!extractor()) hash.add(std::as_bytes(std::span(data_.features.values)));
    return hash.hex();
  }

  std::vector<std::size_t> present() const {
    return training::count_present(run_.train.mask_view(), run_.train.size(), run_.train.labels);
  }

  bool standardises() const { return network_->standardises(run_.model.input); }

  void make_network(std::vector<std::size_t> const& positives) {
    net_ = network_->make(run_.model);
    if (options_.output_bias == "prior")
      training::set_output_bias(work_->on_host(), *net_, training::prior_logits(positives, present()));
  }

  training::fit_options fit_options(progress_bar& bar) {
    return {.epochs = options_.epochs,
            .batch_size = options_.batch_size,
            .accumulate = options_.accumulate,
            .loss_scope = loss_scope(),
            .learning_rate = learning_rate(),
            .schedule = softf1::schedule_named(options_.schedule),
            .groups = training::groups_named(options_.groups),
            .clip_norm = options_.clip_norm,
            .average = options_.average,
            .mixup = options_.mixup,
            .seed = options_.seed,
            .monitor = training::monitor_named(monitor()),
            .patience = options_.patience,
            .decision = run_.model.rule,
            .order = order_of_rows(),
            .on_epoch =
                [&](training::epoch_record const& e) {
                  bar.finish();
                  tell(e);
                  checkpoints_->record(e);
                },
            .on_batch =
                [&](std::size_t epoch, std::size_t done, std::size_t of) {
                  if (of > 0) bar.show((epoch - 1) * of + done, options_.epochs * of);
                },
            .stop_requested = interruptible::requested};
  }

  std::function<std::vector<std::uint64_t>(std::size_t)> order_of_rows() const {
    if (options_.sampler == "shuffle") return {};
    data::sampler_options const how{.kind = data::parse_sampling(options_.sampler)};
    softf1::matrix_view<const std::uint8_t> const truth(run_.train.truth.data(), run_.train.size(), run_.train.labels);
    return
        [how, truth, seed = options_.seed](std::size_t epoch) { return data::sampled_rows(truth, how, seed, epoch); };
  }

  void fit() {
    auto const positives = training::count_positives(run_.train.target_view());
    make_network(positives);
    head_training job{.loss = options_.loss, .optimizer = optimizer_named(options_.optimizer)};
    if (options_.pos_weight == "balanced")
      job.objective.pos_weight = training::balanced_pos_weight(positives, present());
    job.objective.label_counts.assign(positives.begin(), positives.end());
    job.objective.rows = static_cast<double>(run_.train.size());
    if (options_.loss.find("label_correlation") != std::string::npos)  // its pairs of labels cost N L²
      job.objective.similarities = training::label_cosines(run_.train.target_view());
    job.objective.schedule = loss_schedule();
    say(absent_text(positives));
    remove_old_checkpoints(options_, out_);
    checkpoints_ =
        std::make_unique<run_checkpoints>(options_, out_, training::monitor_named(monitor()), run_.model, extractor());
    if (extractor() && checkpoints_->wants_sheet())
      checkpoints_->show(training_sheet(*extractor(), data_.source, run_.train.rows, options_));
    if (!is_lbfgs()) job.kept = checkpoints_->kept();
    if (job.kept.save)
      // Who evaluates checkpoints needs to know which rows are whose; a run that fails before leaves nothing.
      job.kept.save = [this, save = job.kept.save](training::training_state<float> const& state) {
        write_split();
        save(state);
      };
    if (job.kept.resume) say(checkpoints_->resumed_text());

    progress_bar bar("training", "steps", options_.quiet);
    interruptible const guard;
    job.how = fit_options(bar);
    say(is_lbfgs() ? fmt::format("training {} with {} on all rows at once\n", options_.loss, options_.optimizer)
                   : fmt::format("training {} with {}, learning rate {:g}, at most {} epochs, the best by {} is kept\n",
                                 options_.loss, options_.optimizer, learning_rate(), options_.epochs, monitor()));
    std::optional<training::feature_scaling> scaling;
    if (standardises()) scaling = training::measure_scaling(run_.train.labelled().features);
    checkpoints_->scale(scaling);
    scaled_rows const train(run_.train, scaling), validation(run_.validation, scaling);
    job.rows = train.labelled();
    job.validation = validation.labelled();
    std::optional<augmented_images> images;  // none: features are taken as they are
    if (network_->augments()) images.emplace(*work_, *extractor(), data_.source, run_.train.rows, options_);
    if (images) job.feed = &images->feed();
    work_->train(*net_, job);
    run_.fit = std::move(job.result);
    if (scaling) training::fold_scaling(*net_, *scaling);
    bar.finish();
    if (images && options_.profile_input) say(to_text(images->feed().profile()));
    watch_.lap("training");
    if (run_.fit.best_epoch == 0)
      throw value_error("training: " + run_.fit.sentence + "; there is nothing to keep" +
                        (run_.fit.end == training::fit_end::interrupted ? checkpoints_->resume_text() : std::string()));
    bool const goes_on = run_.fit.end == training::fit_end::interrupted;
    if (!run_.fit.sentence.empty())
      say(run_.fit.sentence + (goes_on ? checkpoints_->resume_text() : std::string()) + "\n");
    if (run_.fit.end == training::fit_end::interrupted || run_.fit.end == training::fit_end::diverged)
      say(fmt::format("the best weights so far, of epoch {}, are kept\n", run_.fit.best_epoch));
    run_.model.arrays = softf1::models::arrays_of(*net_);
    run_.model.settings["end"] = training::name_of(run_.fit.end);
  }

  void write_split() {
    if (std::exchange(split_written_, true)) return;
    data::write_split(out_.file("split.csv"), data_.source.table.ids, data_.parts);
  }

  void tell(training::epoch_record const& e) const {
    say(fmt::format(
        "epoch {:>3}  loss {:.4f}  validation: loss {:.4f}  macro F1 {:.4f}  tuned {:.4f}  mAP {:.4f}  {:.1f} s{}\n",
        e.epoch, e.train_loss, e.loss, e.macro_f1, e.tuned_macro_f1, e.map, e.seconds,
        e.constant_labels > 0 ? fmt::format("  {} labels constant", e.constant_labels) : std::string()));
  }

  // Rows without features are made them some at a time.
  void predict(part_rows& part) {
    part.logits.resize(part.size() * part.labels);
    softf1::matrix_view<float> const logits(part.logits.data(), part.size(), part.labels);
    if (!part.features.empty() || part.size() == 0) return work_->predict(*net_, part.labelled().features, logits);
    // The network as it was trained: folded for inference it rounds otherwise, which devices do anyway.
    row_function const head =
        work_->is_host() ? row_function([this](auto features, auto to) { work_->predict(*net_, features, to); })
                         : work_->load_head(*net_);
    auto const scored =
        softf1::score_images(batches_on(*work_, *extractor()), head, part.labels, data_.source.images,
                             {.rows = data_.source.select(part.rows).rows, .batch_size = work_->is_host() ? 32u : 64u});
    if (!scored.failures.empty()) throw softf1::io_error(scored.failures.front().reason);
    part.logits = scored.logits;
  }

  void calibrate() {
    for (auto* part : {&run_.train, &run_.validation, &run_.test}) predict(*part);
    if (is_multiclass()) return;
    calibration_choice const choice;
    auto& host = work_->on_host();
    auto const found = search_rule(host, tuning_rows_of(host, run_.validation.scored()), choice);
    auto rule = std::get<softf1::threshold_set>(found.rule);
    rule.label_names = run_.model.labels;
    rule.origin = {{"program", "softf1 " SOFTF1_VERSION},
                   {"strategy", choice.strategy},
                   {"objective", choice.objective},
                   {"part", "validation"},
                   {"rows", std::to_string(run_.validation.size())},
                   {"optimism", softf1::number_text(found.optimism)}};
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

  void save() {
    program::save(run_, options_, out_, data_, extractor());
    write_split();
    watch_.lap("files");
    if (options_.json.empty()) return;
    output_files files(files_of(options_.set));
    files.add("--json", options_.json, softf1::io::json_text(result_json(run_, out_.path(), data_)));
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
  training_data data_;
  bool split_written_ = false;
  std::unique_ptr<run_network> network_;
  std::unique_ptr<head_network> net_;
  std::unique_ptr<run_checkpoints> checkpoints_;
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
  auto const model = (std::filesystem::path(options.out) / "model.safetensors").string();
  // One that was interrupted has a model as well: of its best epoch so far.
  if (options.resume && std::filesystem::exists(model) &&
      load_model(model).settings.value("end", std::string()) != name_of(training::fit_end::interrupted))
    throw value_error("--resume: the run in " + options.out + " is finished, there is nothing left to do");
  trainer(options).run();
}

}  // namespace program
