// A training run between two steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <softf1/training/history.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// All that a training run needs to go on, to the same bits, as if it had never stopped; arrays on the host.
template <class T>
struct training_state {
  std::size_t epoch = 1;                       ///< counted from 1: the one whose steps are next
  std::size_t done = 0;                        ///< steps of this epoch that are taken
  std::uint64_t steps = 0;                     ///< of all epochs
  std::vector<T> parameters = {}, state = {};  ///< the network's
  std::vector<T> optimizer = {};               ///< (slots, P)
  std::vector<T> averages = {};                ///< (P,) of the parameters; empty where none are kept
  std::vector<T> averaged_state = {};          ///< (S,) of the state; empty where none are kept
  std::vector<T> best_parameters = {}, best_state = {};
  std::size_t best_epoch = 0;
  std::vector<double> loss_memory = {};  ///< what the loss remembers from step to step
  std::vector<T> logits = {};            ///< of this epoch's rows so far, in their order
  training::history history = {};

  /// The weights that are evaluated, and the state that goes with them.
  std::vector<T> const& evaluated() const { return averages.empty() ? parameters : averages; }
  std::vector<T> const& evaluated_state() const { return averages.empty() ? state : averaged_state; }
};

/// Where a run begins, and when its state is kept.
template <class T>
struct checkpointing {
  training_state<T> const* resume = nullptr;                ///< null: from the beginning
  std::function<bool()> due = {};                           ///< asked after each step; empty: only at the end of epochs
  std::function<void(training_state<T> const&)> save = {};  ///< empty: nothing is kept
};

}  // namespace softf1::inline SOFTF1_ABI::training
