// Images with known labels, scored by a model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <softf1/data/labels.hpp>
#include <softf1/models/extract.hpp>
#include <softf1/models/model.hpp>

#include "inputs.hpp"
#include "sources.hpp"

namespace program {

class engine;

/// What a model says of a table's images, and what the table says.
struct model_dataset {
  softf1::models::model model;
  dataset data;
  std::string about;  ///< lines for the user: labels ignored, images left out, rows that the model was trained on
};

/// Labelled rows as a model takes them, in the model's labels: features, or images of which several crops are taken.
struct model_rows {
  labelled_source source;
  std::vector<float> features;                                 ///< (N, D); none for crops
  std::shared_ptr<softf1::models::extractor const> extractor;  ///< for crops
  std::string about;                                           ///< as in model_dataset; scoring adds to it
};

/// The rows that options name, for a model, which may be another than theirs; and their scores by any model of the same
/// labels and features, in which images that cannot be read are left out from then on. Throws as load_model_dataset.
model_rows load_model_rows(engine& work, softf1::models::model const& model, model_options const& options, bool quiet);
dataset score_rows(engine& work, softf1::models::model const& model, model_options const& options, model_rows& rows,
                   bool quiet);

/// Both in one. Throws value_error for a label of the model that the table lacks, and what reading and extracting throw.
model_dataset load_model_dataset(engine& work, model_options const& options, bool quiet);

/// The files that load_model_dataset reads, by the options that name them.
std::vector<named_path> files_of(model_options const& options);

}  // namespace program
