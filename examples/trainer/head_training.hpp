// What an engine is asked to train.
#pragma once

#include <string>
#include <variant>

#include <softf1/training/feed.hpp>
#include <softf1/training/fit_lbfgs.hpp>
#include <softf1/training/state.hpp>

namespace program {

/// An update rule, or L-BFGS.
using any_optimizer = std::variant<softf1::update_rule, softf1::training::lbfgs_training>;

/// How a head is trained.
struct head_training {
  std::string loss;  ///< "bce", "bce:weight=0.3+soft_f1:weight=0.7"
  softf1::losses::objective_options objective = {};
  any_optimizer optimizer = {};
  softf1::training::fit_options how = {};  ///< but for its optimizer
  softf1::training::labelled_rows<float> rows = {}, validation = {};
  softf1::training::host_feed<float>* feed = nullptr;  ///< in place of the features of `rows`
  softf1::training::checkpointing<float> kept = {};
  softf1::training::fit_result result = {};
};

/// Throws value_error where a text names no losses, or none of them takes what the options give.
void check_loss(std::string const& text, softf1::losses::objective_options const& options);

}  // namespace program
