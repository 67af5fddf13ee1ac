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

/// The rows of a run and their parts.
struct training_data {
  labelled_source source;  ///< without what cannot be read
  std::vector<softf1::data::part> parts;
  std::vector<softf1::data::image_failure> failures;
  softf1::models::extracted_features features;  ///< of all rows; none where they are made anew in each epoch
  std::string about;                            ///< lines: what could not be read, where features came from
};

/// Some rows of a run, as numbers.
struct part_rows {
  std::vector<std::size_t> rows;                   ///< of the table
  std::vector<float> features = {}, targets = {};  ///< (n, D), (n, L)
  std::vector<std::uint8_t> truth = {};            ///< the targets again, as metrics read them
  std::vector<std::uint8_t> mask = {};             ///< (n, L), empty where nothing is missing
  std::vector<float> logits = {};                  ///< (n, L), once there is a model
  std::size_t dimension = 0, labels = 0;

  std::size_t size() const { return rows.size(); }
  softf1::matrix_view<const float> target_view() const { return {targets.data(), size(), labels}; }
  softf1::matrix_view<const float> logit_view() const { return {logits.data(), size(), labels}; }
  softf1::matrix_view<const std::uint8_t> mask_view() const {
    return mask.empty() ? softf1::matrix_view<const std::uint8_t>()
                        : softf1::matrix_view<const std::uint8_t>(mask.data(), size(), labels);
  }
  scored_rows scored() const {
    return {.scores = logit_view(), .targets = {truth.data(), size(), labels}, .mask = mask_view()};
  }
  softf1::training::labelled_rows<float> labelled() const {
    return {{features.data(), size(), dimension}, target_view(), mask_view()};
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

/// Reads the rows. Throws io_error, value_error.
training_data load_rows(image_set_options const& options);

/// Leaves out the rows whose images cannot be read, and finds the features of all others: those that are there already,
/// or those of `extractor`. `later`: they are made anew in each epoch; images are only looked at.
void find_features(engine& work, softf1::models::extractor const* extractor, train_options const& options, bool later,
                   std::string const& cache_folder, training_data& data);

/// The part of each row, from a file or drawn.
std::vector<softf1::data::part> split_rows(train_options const& options, softf1::data::label_table const& table);

/// The rows of a part, with their features where there are any.
part_rows rows_of_part(training_data const& data, softf1::data::part which);

/// "0.7,0.1,0.2" as shares. Throws value_error.
std::array<double, 3> parse_shares(std::string const& text);

/// Throws value_error listing the names where there is none such.
any_optimizer optimizer_named(std::string const& text);

/// Throws value_error for options that exclude each other, and for a split file that is none.
void check_train_options(train_options const& options);

/// The result for --json; `folder`: where the files are.
softf1::io::json_value result_json(training_run const& run, std::string const& folder, training_data const& data);

/// Writes all files of a run into its folder; `extractor`: null where features came from elsewhere.
void save(training_run const& run, train_options const& options, run_folder const& out, training_data const& data,
          softf1::models::extractor const* extractor);

/// The report of a run.
softf1::report::document make_document(train_options const& options, training_run const& run,
                                       training_data const& data);

}  // namespace program
