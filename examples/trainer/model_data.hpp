// Images with known labels, scored by a model.
#pragma once

#include <string>
#include <vector>

#include <softf1/data/labels.hpp>
#include <softf1/models/extract.hpp>
#include <softf1/models/model.hpp>

#include "inputs.hpp"

namespace program {

class engine;

/// What a model says of a table's images, and what the table says.
struct model_dataset {
  softf1::models::model model;
  dataset data;
  std::string about;  ///< lines for the user: labels ignored, images left out, rows that the model was trained on
};

/// Labelled rows as a model takes them: features, and what the table says in the model's labels.
struct model_rows {
  softf1::data::label_table table;
  softf1::models::extracted_features features;
  std::string about;  ///< as in model_dataset
};

/// The rows that options name, for a model, which may be another than theirs; and their scores by any model of the same
/// labels and features. Throws as load_model_dataset.
model_rows load_model_rows(engine& work, softf1::models::model const& model, model_options const& options, bool quiet);
dataset score_rows(engine& work, softf1::models::model const& model, std::string const& path, model_rows const& rows);

/// Both in one; with several crops of each image, without features that are kept.
/// Throws value_error for a label of the model that the table lacks, and what reading and extracting throw.
model_dataset load_model_dataset(engine& work, model_options const& options, bool quiet);

/// The files that load_model_dataset reads, by the options that name them.
std::vector<named_path> files_of(model_options const& options);

}  // namespace program
