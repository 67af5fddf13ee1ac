// Images with known labels, scored by a model.
#pragma once

#include <string>
#include <vector>

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

/// Throws value_error for a label of the model that the table lacks, and what reading and extracting throw.
model_dataset load_model_dataset(engine& work, model_options const& options, bool quiet);

/// The files that load_model_dataset reads, by the options that name them.
std::vector<named_path> files_of(model_options const& options);

}  // namespace program
