// The network of a training run: what of it stays frozen, and what is trained behind that.
#pragma once

#include <cstddef>
#include <memory>

#include <softf1/models/model.hpp>

#include "engine.hpp"
#include "models.hpp"
#include "options.hpp"

namespace program {

class run_network {
 public:
  /// Reads or draws the frozen part, unless features come from elsewhere; refuses a head and groups that do not fit.
  /// Throws as load_extractor. The options and the engine must outlive it.
  run_network(engine& work, train_options const& options);

  /// Null where features come from elsewhere.
  softf1::models::extractor const* extractor() const { return extractor_.get(); }

  /// True where images are augmented, so that their features are made anew in each epoch.
  bool augments() const;

  /// What the trained part takes; `dimension`: of features that come from elsewhere.
  softf1::layers::sample_shape input_shape(std::size_t dimension) const;

  /// The trained part: the end of the network, where that is asked for, and the head.
  softf1::layers::table blocks(softf1::layers::sample_shape input, std::size_t labels) const;

  /// Whether features are scaled for training. Throws value_error where that is asked for and cannot be.
  bool standardises(softf1::layers::sample_shape input) const;

  /// The trained part of a model with its first weights.
  std::unique_ptr<head_network> make(softf1::models::model const& model) const;

 private:
  void check_groups() const;

  engine& work_;
  train_options const& options_;
  softf1::layers::table tail_;  // blocks of the network that are trained
  std::unique_ptr<softf1::models::extractor> extractor_;
};

}  // namespace program
