// The pieces of softf1 train.
#pragma once

#include <string>
#include <vector>

#include <softf1/data/split.hpp>
#include <softf1/models/model.hpp>
#include <softf1/report/document.hpp>
#include <softf1/training/fit.hpp>

#include "images.hpp"

namespace program {

/// Some rows of an image set, as numbers.
struct part_rows {
  std::vector<std::size_t> rows;         ///< of the table
  std::vector<float> features, targets;  ///< (n, D), (n, L)
  std::vector<float> logits = {};        ///< (n, L), once there is a model
  std::size_t dimension = 0, labels = 0;

  std::size_t size() const { return rows.size(); }
  softf1::matrix_view<const float> target_view() const { return {targets.data(), size(), labels}; }
  softf1::matrix_view<const float> logit_view() const { return {logits.data(), size(), labels}; }
  softf1::training::labelled_rows<float> labelled() const {
    return {{features.data(), size(), dimension}, target_view()};
  }
};

/// One way of deciding, measured on one part. NaN is undefined.
struct result_row {
  std::string decision;
  double macro_f1, micro_f1, samples_f1, map;
};

/// All that a run has found out.
struct training_run {
  softf1::models::model model;
  softf1::training::fit_result fit;
  part_rows train, validation, test;
  std::string measured_on;  ///< "test", or "validation" where there are no test rows
  std::vector<result_row> results;
  std::vector<std::pair<std::string, double>> seconds;  ///< of each stage

  part_rows const& measured() const { return test.size() > 0 ? test : validation; }
};

/// The table of results, for reading.
std::string results_text(training_run const& run);

/// The report of a run.
softf1::report::document make_document(train_options const& options, training_run const& run, image_set const& set);

}  // namespace program
