// softf1 train: a table and its images to a calibrated model.
#include "train.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include <softf1/data/split_file.hpp>
#include <softf1/data/statistics.hpp>
#include <softf1/io/csv_writer.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/report/html.hpp>
#include <softf1/thresholds/best.hpp>
#include <softf1/training/defaults.hpp>
#include <softf1/training/fit_lbfgs.hpp>
#include <softf1/training/head.hpp>
#include <softf1/training/standardise.hpp>

#include "inputs.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;
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

/// "0.7,0.1,0.2" as shares.
std::array<double, 3> parse_shares(std::string const& text) {
  std::array<double, 3> shares{};
  std::string_view rest = text;
  for (std::size_t k = 0; k < 3; ++k) {
    auto const comma = rest.find(',');
    if ((comma == rest.npos) != (k == 2))
      throw value_error("expected three shares, train,validation,test, got '" + text + "'");
    shares[k] = softf1::parse_number(rest.substr(0, comma), "a share");
    if (k < 2) rest = rest.substr(comma + 1);
  }
  return shares;
}

std::string now_text(char const* format) {
  std::time_t const now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

/// A folder of its own for each run: what is not safe in a file name becomes an underscore.
std::string default_out(std::string const& loss) {
  std::string name = loss + "_" + now_text("%Y%m%d_%H%M%S");
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return (fs::path("runs") / name).string();
}

/// Where the files of a run lie. A folder that was made for a run and got no files is removed again.
class run_folder {
 public:
  run_folder(std::string path, bool overwrite) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    if (fs::exists(file("model.safetensors")) && !overwrite)
      throw softf1::io_error("--out: " + path_ + " holds a finished run (--overwrite replaces it)");
    std::error_code failed;
    made_ = fs::create_directories(path_, failed);
    if (!fs::is_directory(path_))
      throw softf1::io_error("--out: cannot make the folder " + path_ + (failed ? ": " + failed.message() : ""));
  }
  run_folder(run_folder const&) = delete;
  run_folder& operator=(run_folder const&) = delete;
  ~run_folder() {
    std::error_code ignored;
    if (made_ && fs::is_empty(path_, ignored)) fs::remove(path_, ignored);
  }

  std::string const& path() const { return path_; }
  std::string file(char const* name) const { return (fs::path(path_) / name).string(); }
  /// Where features are kept, so that the next run finds them.
  std::string parent() const {
    auto const parent = fs::path(path_).lexically_normal().parent_path().string();
    return parent.empty() ? "." : parent;
  }

 private:
  std::string path_;
  bool made_ = false;
};

std::vector<data::part> split_rows(train_options const& options, data::label_table const& table) {
  if (!options.split_file.empty()) return data::parts_of(table, data::read_split(options.split_file));
  data::split_options const how{.shares = parse_shares(options.split), .seed = options.seed};
  return options.split_by == "shuffle" ? data::shuffle_split(table.rows(), how)
                                       : data::stratified_split(table.target_view(), how);
}

part_rows take_rows(image_set const& set, std::vector<data::part> const& parts, data::part which) {
  part_rows part{data::rows_of(parts, which), {}, {}, {}, set.features.dimension, set.table.labels()};
  for (std::size_t i : part.rows) {
    auto const* const row = set.features.values.data() + i * part.dimension;
    part.features.insert(part.features.end(), row, row + part.dimension);
    for (std::size_t j = 0; j < part.labels; ++j) part.targets.push_back(set.table.targets[i * part.labels + j]);
  }
  return part;
}

/// An update rule, or L-BFGS.
using any_optimizer = std::variant<softf1::update_rule, training::lbfgs_training>;

any_optimizer optimizer_named(std::string const& text) {
  using named = softf1::type_list<softf1::optimizers::sgd, softf1::optimizers::adam, softf1::optimizers::adamw,
                                  training::lbfgs_training>;
  auto const specs = softf1::parse_specs(text);
  if (specs.size() != 1) throw value_error("expected one optimizer, got '" + text + "'");
  any_optimizer result;
  softf1::with_named<named>(specs.front(), "optimizer", [&]<class Found>(Found const& found) {
    if constexpr (std::is_same_v<Found, training::lbfgs_training>)
      result = found;
    else
      result = softf1::update_rule(found);
  });
  return result;
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
        out_(options.out.empty() ? default_out(options.loss) : options.out, options.overwrite),
        ctx_(make_context(options)),
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
    std::vector<double> const pos_weight(options_.pos_weight == "balanced" ? 1 : 0, 1.0);
    softf1::losses::make_objective<float>(ctx_, options_.loss, 1, {.pos_weight = pos_weight});
    if (!options_.split_file.empty()) data::read_split(options_.split_file);
    if (options_.hidden > 0 && std::holds_alternative<training::lbfgs_training>(optimizer_named(options_.optimizer)))
      throw value_error("--optimizer: lbfgs is for linear heads: give --hidden 0 as well");
  }

  image_set load() {
    auto table = load_table(options_.set);
    say(table_text(table) + to_text(data::statistics_of(table)));
    if (is_multiclass()) require_one_label(table);
    watch_.lap("table");
    extractor_ = std::make_unique<softf1::models::extractor>(load_extractor(ctx_, options_.extractor));
    say(extractor_text(*extractor_));
    watch_.lap("weights");
    auto set = extract_images(ctx_, *extractor_, std::move(table), options_.set, out_.parent(), options_.quiet);
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
    std::size_t const labels = run_.model.labels.size();
    net_ = std::make_unique<softf1::layers::network<float>>(ctx_, softf1::layers::sample_shape{1, 1, run_.model.inputs},
                                                            run_.model.head, options_.seed);
    auto const positives = training::count_positives(run_.train.target_view());
    if (options_.output_bias == "prior")
      training::set_output_bias(ctx_, *net_, training::prior_logits(positives, run_.train.size()));
    softf1::losses::objective_options how;
    if (options_.pos_weight == "balanced") how.pos_weight = training::balanced_pos_weight(positives, run_.train.size());
    auto const loss = softf1::losses::make_objective<float>(ctx_, options_.loss, labels, how);

    progress_bar bar("training", "batches", options_.quiet);
    interruptible const guard;
    auto const optimizer = optimizer_named(options_.optimizer);
    auto const* const rule = std::get_if<softf1::update_rule>(&optimizer);
    training::fit_options const options{.epochs = options_.epochs,
                                        .batch_size = options_.batch_size,
                                        .learning_rate = learning_rate(),
                                        .optimizer = rule ? *rule : softf1::update_rule(),
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
    say(rule ? fmt::format("training {} with {}, learning rate {:g}, at most {} epochs, the best by {} is kept\n",
                           options_.loss, options_.optimizer, learning_rate(), options_.epochs, monitor())
             : fmt::format("training {} with {} on all rows at once\n", options_.loss, options_.optimizer));
    std::optional<training::feature_scaling> scaling;
    if (standardises()) scaling = training::measure_scaling(run_.train.labelled().features);
    scaled_rows const train(run_.train, scaling), validation(run_.validation, scaling);
    run_.fit = rule ? training::fit(ctx_, *net_, *loss, train.labelled(), validation.labelled(), options)
                    : training::fit_lbfgs(ctx_, *net_, *loss, train.labelled(), validation.labelled(),
                                          std::get<training::lbfgs_training>(optimizer), options);
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
    training::predict_rows(ctx_, *net_, part.labelled().features, {part.logits.data(), part.size(), part.labels});
  }

  void calibrate() {
    for (auto* part : {&run_.train, &run_.validation, &run_.test}) predict(*part);
    if (is_multiclass()) return;
    auto rule = softf1::best_thresholds(ctx_, softf1::scores::f1{}, run_.validation.logit_view(),
                                        run_.validation.target_view());
    rule.label_names = run_.model.labels;
    rule.origin = {{"program", "softf1 " SOFTF1_VERSION},
                   {"strategy", "best"},
                   {"objective", "f1"},
                   {"part", "validation"},
                   {"rows", std::to_string(run_.validation.size())}};
    run_.model.rule = std::move(rule);
    watch_.lap("thresholds");
  }

  result_row measured(std::string name, softf1::decision_rule const& rule) {
    auto const& part = run_.measured();
    auto const report = softf1::make_report(ctx_, part.logit_view(), part.target_view(), {.decision = rule});
    return {std::move(name), report.macro.f1, report.micro.f1, report.samples.f1, report.macro.average_precision};
  }

  void measure() {
    run_.measured_on = run_.test.size() > 0 ? "test" : "validation";
    std::vector<double> const everything(run_.model.labels.size(), -std::numeric_limits<double>::infinity());
    auto all = measured("all positive", softf1::threshold_set{everything});
    all.map = std::numeric_limits<double>::quiet_NaN();
    run_.results.push_back(std::move(all));
    if (is_multiclass()) {
      run_.results.push_back(measured("highest score", run_.model.rule));
    } else {
      run_.results.push_back(measured("at 0.5", softf1::probability_threshold{}));
      run_.results.push_back(measured("tuned", run_.model.rule));
    }
    watch_.lap("metrics");
  }

  void save(image_set const& set, std::vector<data::part> const& parts) {
    // The model first: nothing that fails later can lose it, and no old one stays beside new results.
    save_model(out_.file("model.safetensors"), run_.model, options_.bundle ? extractor_.get() : nullptr);
    std::string const csv = training::history_csv(run_.fit.history);
    softf1::io::write_atomically(out_.file("history.csv"), csv, "history");
    softf1::io::write_atomically(out_.file("history.json"), softf1::io::json_text(history_json()), "history");
    data::write_split(out_.file("split.csv"), set.table.ids, parts);
    write_predictions(set, parts);
    softf1::write_html(out_.file("report.html"), make_document(options_, run_, set));
    watch_.lap("files");
    if (!options_.json.empty()) {
      output_files files({{"--csv", options_.set.csv}});
      files.add("--json", options_.json, softf1::io::json_text(result_json(set)));
      files.commit();
    }
  }

  softf1::io::json_value history_json() const {
    auto form = softf1::io::json_value::array();
    for (auto const& e : run_.fit.history) {
      softf1::io::json_value record{{"epoch", e.epoch}};
      for (auto const& column : training::history_columns)
        record[std::string(column.name)] = softf1::io::json_number(e.*column.value);
      form.push_back(std::move(record));
    }
    return form;
  }

  /// id, part, true labels joined by |, and a column of logits a label.
  void write_predictions(image_set const& set, std::vector<data::part> const& parts) const {
    std::vector<float const*> logits(set.table.rows());
    for (auto const* part : {&run_.train, &run_.validation, &run_.test})
      for (std::size_t k = 0; k < part->size(); ++k) logits[part->rows[k]] = part->logits.data() + k * part->labels;
    softf1::io::csv_writer writer(out_.file("predictions.csv"), ',', "predictions");
    std::vector<std::string> row{"id", "part", "labels"};
    row.insert(row.end(), run_.model.labels.begin(), run_.model.labels.end());
    writer.row(row);
    for (std::size_t i = 0; i < set.table.rows(); ++i) {
      std::string truth;
      for (std::size_t j = 0; j < set.table.labels(); ++j)
        if (set.table.targets[i * set.table.labels() + j])
          truth += (truth.empty() ? "" : "|") + set.table.label_names[j];
      row = {set.table.ids[i], std::string(data::name_of(parts[i])), truth};
      for (std::size_t j = 0; j < set.table.labels(); ++j) row.push_back(fmt::format("{}", logits[i][j]));
      writer.row(row);
    }
    writer.close();
  }

  softf1::io::json_value result_json(image_set const& set) const {
    softf1::io::json_value form{{"out", out_.path()},
                                {"settings", run_.model.settings},
                                {"extractor", to_json(extractor_->identity())},
                                {"best_epoch", run_.fit.best_epoch},
                                {"end", training::name_of(run_.fit.end)},
                                {"measured_on", run_.measured_on}};
    auto& results = form["results"] = softf1::io::json_value::array();
    for (auto const& r : run_.results)
      results.push_back({{"decision", r.decision},
                         {"macro_f1", softf1::io::json_number(r.macro_f1)},
                         {"micro_f1", softf1::io::json_number(r.micro_f1)},
                         {"samples_f1", softf1::io::json_number(r.samples_f1)},
                         {"map", softf1::io::json_number(r.map)}});
    for (auto const& [stage, seconds] : run_.seconds) form["seconds"][stage] = seconds;
    auto& failures = form["failures"] = softf1::io::json_value::array();
    for (auto const& failure : set.failures) failures.push_back(failure.reason);
    return form;
  }

  std::string closing_text() const {
    std::string text = "time:";
    for (auto const& [stage, seconds] : run_.seconds) text += fmt::format(" {} {:.1f} s,", stage, seconds);
    text.back() = '\n';
    return text + fmt::format("model:  {}\nreport: {}\n", out_.file("model.safetensors"), out_.file("report.html"));
  }

  train_options const& options_;
  run_folder out_;
  softf1::context<softf1::cpu> ctx_;
  training_run run_;
  stopwatch watch_;
  std::unique_ptr<softf1::models::extractor> extractor_;
  std::unique_ptr<softf1::layers::network<float>> net_;
};

}  // namespace

std::string results_text(training_run const& run) {
  std::vector<std::vector<std::string>> lines{{"decision", "macro F1", "micro F1", "samples F1", "mAP"}};
  for (auto const& r : run.results)
    lines.push_back({r.decision, figure(r.macro_f1), figure(r.micro_f1), figure(r.samples_f1), figure(r.map)});
  return fmt::format("\nresults on {} rows ({}):\n{}", run.measured_on, run.measured().size(), table(lines));
}

void check_loss(std::string const& text) {
  softf1::context<softf1::cpu> ctx;
  softf1::losses::make_objective<float>(ctx, text, 1);
}

void check_optimizer(std::string const& text) { optimizer_named(text); }

void check_split(std::string const& text) { data::shuffle_split(1, {.shares = parse_shares(text)}); }

void check_monitor(std::string const& text) { training::monitor_named(text); }

void check_initialiser(std::string const& text) { softf1::layers::initialiser_named(text); }

void run(train_options const& given) {
  auto options = given;
  if (options.loss.empty())
    options.loss = options.task == "multiclass" ? softf1::losses::softmax_cross_entropy::name
                                                : softf1::losses::binary_cross_entropy::name;
  trainer(options).run();
}

}  // namespace program
