// softf1 evaluate --watch: every checkpoint of a run, as soon as it is there.
#include "watch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <softf1/math/sigmoid.hpp>
#include <softf1/models/checkpoint_folder.hpp>
#include <softf1/report/event_file.hpp>

#include "calibrate.hpp"
#include "contact_sheet.hpp"
#include "engine.hpp"
#include "evaluate_figures.hpp"
#include "evaluations.hpp"
#include "model_data.hpp"
#include "models.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;
namespace models = softf1::models;

/// When a file was written; the beginning of time where there is none.
fs::file_time_type time_of(fs::path const& path) {
  std::error_code none;
  auto const time = fs::last_write_time(path, none);
  return none ? fs::file_time_type::min() : time;
}

/// Where the greatest numbers are, from the greatest on; of equal ones the first.
std::vector<std::size_t> greatest(std::vector<double> const& numbers, std::size_t most) {
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return numbers[a] > numbers[b]; });
  order.resize(std::min(order.size(), most));
  return order;
}

/// The labels with the most positives.
std::vector<std::size_t> frequent_labels(dataset const& data, std::size_t most) {
  std::size_t const labels = data.scores.labels();
  std::vector<double> positives(labels);
  for (std::size_t k = 0; k < data.target_values.size(); ++k) positives[k % labels] += data.target_values[k];
  return greatest(positives, most);
}

/// A name without what event files do not take.
std::string printable(std::string name) {
  for (char& c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return name;
}

/// Figures, curves and logits of a checkpoint, for TensorBoard.
void write_events(softf1::event_writer& events, evaluation const& one, dataset const& data) {
  constexpr std::size_t most_curves = 8;
  auto const step = static_cast<std::int64_t>(one.step);
  for (std::size_t k = 0; k < one.figures.size(); ++k)
    if (!std::isnan(one.figures[k]))
      events.scalar("evaluate/" + std::string(evaluation_figures[k]), step, one.figures[k]);
  events.scalar("evaluate/epoch", step, static_cast<double>(one.epoch));
  auto const logits = data.scores.values.view<float>();
  events.histogram("logits", step, {logits.data(), logits.size()});
  for (std::size_t j : frequent_labels(data, most_curves)) {
    std::vector<float> scores;
    std::vector<std::uint8_t> truth;
    for (std::size_t i = 0; i < logits.rows(); ++i) {
      std::size_t const cell = i * logits.cols() + j;
      if (!data.mask_values.empty() && data.mask_values[cell] == 0) continue;
      scores.push_back(softf1::math::sigmoid(logits(i, j)));
      truth.push_back(data.target_values[cell]);
    }
    events.pr_curve("pr_curves/" + printable(data.scores.label_names[j]), step, scores, truth);
  }
}

/// The rows with the greatest cross-entropy, from the greatest on.
std::vector<std::size_t> hardest_rows(dataset const& data, std::size_t most) {
  auto const logits = data.scores.values.view<float>();
  std::vector<double> losses(logits.rows());
  for (std::size_t i = 0; i < logits.rows(); ++i)
    for (std::size_t j = 0; j < logits.cols(); ++j) {
      std::size_t const cell = i * logits.cols() + j;
      if (!data.mask_values.empty() && data.mask_values[cell] == 0) continue;
      losses[i] += softf1::math::softplus(data.target_values[cell] ? -logits(i, j) : logits(i, j));
    }
  return greatest(losses, most);
}

class watcher {
 public:
  explicit watcher(evaluate_options const& options)
      : options_(options),
        work_(make_engine(options, options.on)),
        run_(fs::path(options.watch).lexically_normal()),
        folder_((run_ / "checkpoints").string()),
        source_(options.source) {
    if (!fs::is_directory(run_)) throw softf1::io_error("--watch: there is no folder " + options.watch);
    if (!run_.has_filename()) run_ = run_.parent_path();
    if (source_.split_file.empty()) source_.split_file = (run_ / "split.csv").string();
    if (source_.part.empty()) source_.part = "validation";
    auto const& crops = source_.crops;
    part_ = source_.part + (crops.crops.empty() ? "" : " (" + crops.crops + ", " + crops.reduce + ")");
    // Where the run itself keeps features.
    auto const parent = run_.parent_path().string();
    if (source_.set.feature_cache.empty()) source_.set.feature_cache = parent.empty() ? "." : parent;
    all_ = read_evaluations(table_path());
  }

  void run() {
    interruptible const guard;
    while (true) {
      // Asked before the folder is looked at: what was written until then is evaluated.
      bool const is_last = options_.once || is_finished();
      bool const any = evaluate_new();
      if (options_.once && !any) throw softf1::io_error("--watch: there is no checkpoint in " + folder_.path());
      if (is_last || !wait()) break;
    }
    finish();
  }

 private:
  std::string table_path() const { return (run_ / "evaluations.csv").string(); }

  void say(std::string const& text) const {
    if (!options_.quiet && options_.json != "-") print(text);
  }

  /// True once training has left its model, after the last checkpoint.
  bool is_finished() const {
    auto const model = time_of(run_ / "model.safetensors");
    if (model == fs::file_time_type::min()) return false;
    auto const all = folder_.list();
    return all.empty() || model >= time_of(all.back().path);
  }

  /// False where it was told to end.
  bool wait() const {
    using clock = std::chrono::steady_clock;
    auto const end = clock::now() + std::chrono::duration<double>(options_.interval);
    do std::this_thread::sleep_for(std::chrono::milliseconds(20));
    while (!interruptible::requested() && clock::now() < end);
    return !interruptible::requested();
  }

  /// A checkpoint that is newer than the table may be of a run that began anew under the same name.
  bool is_known(models::checkpoint_info const& c) const {
    return std::any_of(all_.begin(), all_.end(),
                       [&](evaluation const& one) { return one.step == c.steps && one.part == part_; }) &&
           time_of(table_path()) > time_of(c.path);
  }

  /// True where there is any checkpoint, new or not.
  bool evaluate_new() {
    auto const found = folder_.list();
    for (auto const& c : found) {
      if (interruptible::requested()) break;
      if (is_known(c)) continue;
      try {
        evaluate(c);
      } catch (softf1::io_error const&) {
        // Training removes what its policy does not keep.
        if (fs::exists(c.path)) throw;
      }
    }
    return !found.empty();
  }

  /// Features are found once: all checkpoints of a run have the same extractor.
  model_rows& rows_for(models::model const& model) {
    bool const fits = rows_ && like_.labels == model.labels && like_.source == model.source &&
                      like_.extractor == model.extractor && like_.input == model.input;
    if (fits) return *rows_;
    rows_ = load_model_rows(*work_, model, source_, options_.quiet);
    like_ = model;
    like_.arrays.clear();
    return *rows_;
  }

  void evaluate(models::checkpoint_info const& c) {
    auto const model = load_model(c.path);
    source_.model = c.path;
    auto& rows = rows_for(model);
    auto const data = score_rows(*work_, model, source_, rows, options_.quiet);
    say(std::exchange(rows.about, {}));
    double const zero = zero_division_of(options_);
    auto const as = [&](dataset const& of, softf1::decision_rule const& rule) {
      return work_->report(of.rows(), rule, zero, of.scores.label_names);
    };
    auto const report = [&] {
      if (!model.calibration) return as(data, model.rule);
      auto mapped = data;
      mapped.scores = calibrated(std::move(mapped.scores), *model.calibration, c.path);
      return as(mapped, model.rule);
    }();
    double tuned_macro = std::numeric_limits<double>::quiet_NaN(), tuned_micro = tuned_macro;
    if (model.task == models::task::multilabel) {
      auto& host = work_->on_host();
      auto const found = search_rule(host, tuning_rows_of(host, data.rows()), {.strategy = "best", .resamples = 0});
      auto const tuned = as(data, found.rule);
      tuned_macro = tuned.macro.f1;
      tuned_micro = tuned.micro.f1;
    }
    evaluation one{
        c.steps,
        c.epoch,
        part_,
        report.rows,
        {report.macro.f1, report.micro.f1, report.samples.f1, report.macro.average_precision,
         report.micro.average_precision, report.macro.roc_auc, report.micro.roc_auc, tuned_macro, tuned_micro}};
    if (!events_) events_ = std::make_unique<softf1::event_writer>((run_ / "events" / "evaluate").string());
    write_events(*events_, one, data);
    if (rows.source.images)
      write_sheet(*events_, "images/hardest", static_cast<std::int64_t>(one.step),
                  sheet_of(rows.source.images, rows.source.select(hardest_rows(data, 16)).rows,
                           {.preprocessing = model.extractor.input, .threads = 1}));
    events_->flush();
    tell(one);
    put(all_, std::move(one));
    write_evaluations(table_path(), all_);
  }

  void tell(evaluation const& one) {
    auto const& f = one.figures;
    if (!std::exchange(has_told_, true))
      say(fmt::format("{} rows ({}); tuned F1 is in-sample, with thresholds found on these same rows\n", one.rows,
                      one.part));
    say(fmt::format("step {:>6}  epoch {:>3}  macro F1 {}  micro F1 {}  tuned {}  mAP {}  AUROC {}\n", one.step,
                    one.epoch, figure(f[0]), figure(f[1]), figure(f[7]), figure(f[3]), figure(f[5])));
  }

  void finish() const {
    if (!options_.json.empty()) {
      softf1::io::json_value form{{"run", run_.string()}, {"part", part_}};
      auto& list = form["evaluations"] = softf1::io::json_value::array();
      for (auto const& one : all_)
        if (one.part == part_) list.push_back(to_json(one));
      auto inputs = files_of(source_);
      inputs.emplace_back("--watch", table_path());
      output_files files(std::move(inputs));
      files.add("--json", options_.json, softf1::io::json_text(form));
      files.commit();
    }
    if (!all_.empty()) say(fmt::format("evaluations: {}\n", table_path()));
  }

  evaluate_options const& options_;
  std::unique_ptr<engine> work_;
  fs::path run_;
  softf1::checkpoint_folder folder_;
  model_options source_;
  std::string part_;    // what the rows are called: figures of several crops are others
  models::model like_;  // what the rows are for, without its arrays
  std::optional<model_rows> rows_;
  std::vector<evaluation> all_;
  std::unique_ptr<softf1::event_writer> events_;
  bool has_told_ = false;
};

}  // namespace

void watch(evaluate_options const& options) { watcher(options).run(); }

}  // namespace program
