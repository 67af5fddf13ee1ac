// What a training run keeps while it runs: checkpoints, and figures for TensorBoard.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <softf1/image/image.hpp>
#include <softf1/models/checkpoint_folder.hpp>
#include <softf1/report/event_file.hpp>
#include <softf1/training/standardise.hpp>

#include "options.hpp"
#include "run_folder.hpp"

namespace program {

/// Checkpoints of an earlier run in the folder of a new one would be taken for its own. Throws io_error where there are
/// any, unless the run goes on from them or is to replace them.
void refuse_old_checkpoints(train_options const& options, run_folder const& out);
/// Removes those that are to be replaced.
void remove_old_checkpoints(train_options const& options, run_folder const& out);

/// The folders `checkpoints` and `events/train` of a run. A run that goes on begins with its newest checkpoint.
class run_checkpoints {
 public:
  /// `model`: what the checkpoints are of; all but its arrays. Throws value_error where the newest checkpoint is of a
  /// run with other options or rows, or there is none to go on from.
  run_checkpoints(train_options const& options, run_folder const& out, softf1::training::monitor monitor,
                  softf1::models::model const& model, softf1::models::extractor const* extractor);

  /// Where training begins, and what it keeps. The object must outlive training.
  softf1::training::checkpointing<float> kept();

  /// The network is trained on scaled features: the model of a checkpoint takes them as they are.
  void scale(std::optional<softf1::training::feature_scaling> const& scaling) { scaling_ = scaling; }

  /// True where a sheet of what the network is shown is wanted: the events of this run begin with it.
  bool wants_sheet() const { return !options_.no_checkpoints && !begin_; }
  /// What the network is shown, for TensorBoard.
  void show(softf1::rgb_image sheet) { sheet_ = std::move(sheet); }

  /// An epoch has ended.
  void record(softf1::training::epoch_record const& e);

  /// A line: where the run goes on.
  std::string resumed_text() const;
  /// How a run that was stopped goes on; empty where nothing is kept.
  std::string resume_text() const;

 private:
  using clock = std::chrono::steady_clock;

  void resume();
  // The file is made when there is something to say: a run that fails before leaves nothing.
  softf1::report::event_writer& events();
  bool is_due() const;
  void save(softf1::training::training_state<float> const& state);

  train_options const& options_;
  run_folder const& out_;
  softf1::models::checkpoint_folder folder_;
  softf1::models::checkpoint_policy policy_;
  softf1::models::model model_;
  softf1::models::extractor const* extractor_;
  std::optional<softf1::training::feature_scaling> scaling_;
  std::optional<softf1::training::training_state<float>> begin_;
  softf1::rgb_image sheet_;
  std::unique_ptr<softf1::report::event_writer> events_;
  clock::time_point last_ = clock::now();
};

}  // namespace program
