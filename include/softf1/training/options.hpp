// How a network is trained, and what came of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/decisions/decision_rule.hpp>
#include <softf1/optimizers/rules.hpp>
#include <softf1/optimizers/schedule.hpp>
#include <softf1/training/groups.hpp>
#include <softf1/training/history.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// Over which rows a loss of counts, and every mean, is taken.
enum class loss_scope {
  batch,        ///< each batch for itself; the step has the mean of their gradients, weighted by rows
  accumulated,  ///< all batches of a step: exact, for one forward pass more
  epoch         ///< all rows: one exact step an epoch
};
inline constexpr std::array<std::string_view, 3> loss_scope_names{"batch", "accumulated", "epoch"};

struct fit_options {
  std::size_t epochs = 100;      ///< at most
  std::size_t batch_size = 256;  ///< the last batch of an epoch may be smaller
  std::size_t accumulate = 1;    ///< batches of one step
  training::loss_scope loss_scope = loss_scope::accumulated;
  double learning_rate = 1e-3;
  optimizers::schedule schedule = {};  ///< of the learning rate, over all steps of all epochs
  update_rule optimizer = optimizers::adamw{};
  std::vector<parameter_group> groups = {};  ///< rates and decays of their own
  double clip_norm = 0;                      ///< the greatest norm of all gradients of a step; 0: any
  double average = 0;      ///< decay of an average of weights and running statistics, which is then evaluated; 0: none
  double mixup = 0;        ///< alpha of mixup, in [0, 1]; 0: none
  std::uint64_t seed = 0;  ///< of shuffling, dropout and mixup
  training::monitor monitor = {};
  std::size_t patience = 10;    ///< epochs without a better value of the monitor before training stops; 0: never stops
  decision_rule decision = {};  ///< of the F1 columns of the history
  bool stream = false;          ///< rows of the host travel in batches even where the backend has room for all
  /// The rows of an epoch (counted from 1) in their order, as many as there are rows, a pure function of the epoch;
  /// empty: all of them, shuffled.
  std::function<std::vector<std::uint64_t>(std::size_t epoch)> order = {};
  std::function<void(epoch_record const&)> on_epoch = {};
  std::function<void(std::size_t epoch, std::size_t done, std::size_t steps)> on_batch = {};
  std::function<bool()> stop_requested = {};  ///< asked after each step
};

/// Of so many rows, how many are taken in one step.
constexpr std::size_t rows_of_step(fit_options const& options, std::size_t rows) {
  std::size_t const most = options.batch_size * options.accumulate;
  return options.loss_scope == loss_scope::epoch || most > rows ? rows : most;
}

enum class fit_end { finished, early, interrupted, diverged };

constexpr std::string_view name_of(fit_end end) {
  return end == fit_end::finished      ? "finished"
         : end == fit_end::early       ? "early"
         : end == fit_end::interrupted ? "interrupted"
                                       : "diverged";
}

struct fit_result {
  training::history history;
  std::size_t best_epoch = 0;  ///< counted from 1; 0: the first weights, no epoch was completed
  fit_end end = fit_end::finished;
  std::string sentence;  ///< why it ended, where it did not run all epochs
};

}  // namespace softf1::inline SOFTF1_ABI::training
