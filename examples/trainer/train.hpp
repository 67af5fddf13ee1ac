// The pieces of softf1 train.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <softf1/data/split.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/models/model.hpp>
#include <softf1/report/document.hpp>

#include "engine.hpp"
#include "head_training.hpp"
#include "images.hpp"
#include "run_folder.hpp"

namespace program {

/// Some rows of an image set, as numbers.
struct part_rows {
  std::vector<std::size_t> rows;         ///< of the table
  std::vector<float> features, targets;  ///< (n, D), (n, L)
  std::vector<std::uint8_t> truth;       ///< the targets again, as metrics read them
  std::vector<float> logits = {};        ///< (n, L), once there is a model
  std::size_t dimension = 0, labels = 0;

  std::size_t size() const { return rows.size(); }
  softf1::matrix_view<const float> target_view() const { return {targets.data(), size(), labels}; }
  softf1::matrix_view<const float> logit_view() const { return {logits.data(), size(), labels}; }
  scored_rows scored() const { return {logit_view(), {truth.data(), size(), labels}}; }
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
  softf1::classification_report report;                 ///< of the model's rule
  std::vector<std::pair<std::string, double>> seconds;  ///< of each stage

  part_rows const& measured() const { return test.size() > 0 ? test : validation; }
};

/// The table of results, for reading.
std::string results_text(training_run const& run);

/// "0.7,0.1,0.2" as shares. Throws value_error.
std::array<double, 3> parse_shares(std::string const& text);

/// Throws value_error listing the names where there is none such.
any_optimizer optimizer_named(std::string const& text);

/// The result for --json; `folder`: where the files are.
softf1::io::json_value result_json(training_run const& run, std::string const& folder, image_set const& set);

/// Writes all files of a run into its folder.
void save(training_run const& run, train_options const& options, run_folder const& out, image_set const& set,
          std::vector<softf1::data::part> const& parts, softf1::models::extractor const& extractor);

/// The report of a run.
softf1::report::document make_document(train_options const& options, training_run const& run, image_set const& set);

}  // namespace program
