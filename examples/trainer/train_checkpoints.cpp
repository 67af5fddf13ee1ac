#include "train_checkpoints.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "contact_sheet.hpp"

namespace program {

namespace models = softf1::models;
namespace training = softf1::training;

void refuse_old_checkpoints(train_options const& options, run_folder const& out) {
  if (options.resume || options.overwrite || models::checkpoint_folder(out.file("checkpoints")).paths().empty()) return;
  throw softf1::io_error("--out: " + out.path() +
                         " holds checkpoints of a run that was stopped (--resume goes on, --overwrite replaces it)");
}

void remove_old_checkpoints(train_options const& options, run_folder const& out) {
  if (!options.overwrite) return;
  for (auto const& path : models::checkpoint_folder(out.file("checkpoints")).paths()) std::filesystem::remove(path);
}

run_checkpoints::run_checkpoints(train_options const& options, run_folder const& out, training::monitor monitor,
                                 models::model const& model, models::extractor const* extractor)
    : options_(options),
      out_(out),
      folder_(out.file("checkpoints")),
      policy_{.last = options.keep_last, .best = options.keep_best, .monitor = std::move(monitor)},
      model_(model),
      extractor_(extractor) {
  if (options.resume) resume();
}

softf1::report::event_writer& run_checkpoints::events() {
  if (!events_) {
    events_ = std::make_unique<softf1::report::event_writer>(out_.file("events/train"));
    // What a run that was killed said of epochs that come again no longer holds.
    if (begin_)
      events_->restart(static_cast<std::int64_t>(begin_->epoch));
    else if (!sheet_.empty())
      write_sheet(*events_, "images/training", 0, sheet_);
  }
  return *events_;
}

void run_checkpoints::resume() {
  auto const all = folder_.list();
  if (all.empty()) throw softf1::value_error("--resume: there is no checkpoint in " + folder_.path());
  auto found = softf1::read_checkpoint(all.back().path);
  auto const differs = [&](std::string const& what) {
    throw softf1::value_error(fmt::format("--resume: {} is of a run with other {}", all.back().path, what));
  };
  auto const& here = model_.settings;
  auto const& there = found.model.settings;
  auto const value = [](softf1::io::json_value const& of, std::string const& key) {
    return of.contains(key) ? of[key].dump() : std::string("none");
  };
  for (auto const* settings : {&here, &there})
    for (auto const& [key, ignored] : settings->items())
      if (value(here, key) != value(there, key))
        differs(fmt::format("{}: {} there, {} here", key, value(there, key), value(here, key)));
  if (found.model.labels != model_.labels) differs("labels");
  if (found.model.train_rows != model_.train_rows || found.model.validation_rows != model_.validation_rows)
    differs("rows");
  if (!(found.model.extractor == model_.extractor)) differs("weights or preprocessing");
  begin_ = std::move(found.state);
}

training::checkpointing<float> run_checkpoints::kept() {
  training::checkpointing<float> kept;
  if (begin_) kept.resume = &*begin_;
  if (options_.no_checkpoints) return kept;
  if (options_.checkpoint_minutes > 0) kept.due = [this] { return is_due(); };
  kept.save = [this](training::training_state<float> const& state) { save(state); };
  return kept;
}

bool run_checkpoints::is_due() const {
  return std::chrono::duration<double>(clock::now() - last_).count() >= options_.checkpoint_minutes * 60;
}

void run_checkpoints::save(training::training_state<float> const& state) {
  auto m = model_;
  m.arrays = models::arrays_by_name(models::layout_of(m.input, m.head), state.evaluated(), state.evaluated_state());
  if (scaling_) {
    softf1::context<softf1::cpu> ctx({.threads = 1});
    auto net = models::head_network(ctx, m);
    training::fold_scaling(net, *scaling_);
    m.arrays = models::arrays_of(net);
  }
  folder_.save(m, state, policy_, options_.bundle ? extractor_ : nullptr);
  last_ = clock::now();
  if (state.done > 0) return;
  for (auto const& [name, values] : m.arrays)
    events().histogram("weights/" + name, static_cast<std::int64_t>(state.epoch - 1), values);
  events().flush();
}

void run_checkpoints::record(training::epoch_record const& e) {
  if (options_.no_checkpoints) return;
  auto const step = static_cast<std::int64_t>(e.epoch);
  for (auto const& column : training::history_columns)
    if (column.name != "seconds") {
      bool const of_training = column.name.starts_with("train_") || column.name == "learning_rate";
      events().scalar((of_training ? "training/" : "validation/") + std::string(column.name), step, e.*column.value);
    }
  events().flush();
}

std::string run_checkpoints::resumed_text() const {
  return fmt::format("goes on after {} steps, in epoch {}\n", begin_->steps, begin_->epoch);
}

std::string run_checkpoints::resume_text() const {
  if (options_.no_checkpoints || options_.out.empty() || folder_.list().empty()) return {};
  return "; the same command with --resume goes on from there";
}

}  // namespace program
