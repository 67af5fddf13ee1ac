// Tables of labelled images, as features.
#pragma once

#include <string>
#include <vector>

#include <softf1/data/labels.hpp>

#include "models.hpp"
#include "options.hpp"

namespace program {

/// Images that could be read: their rows of the table, and their features.
struct image_set {
  softf1::data::label_table table;
  softf1::models::extracted_features features;
  std::vector<softf1::data::image_failure> failures;  ///< by their rows in the file's table
  std::string cache;                                  ///< the file that holds the features
};

/// "labels: …", rows dropped and labels dropped: what reading a table did, as lines.
std::string table_text(softf1::data::label_table const& table);

/// Reads the table. Throws io_error, value_error.
softf1::data::label_table load_table(image_set_options const& options);

/// Extracts the features of a table's images, or takes them from the cache in `cache_folder` (unless the options name
/// one). Throws io_error naming the first image that cannot be read where the options are strict, where none can, and
/// where it is interrupted.
image_set extract_images(engine& work, softf1::models::extractor const& extractor, softf1::data::label_table table,
                         image_set_options const& options, std::string const& cache_folder, bool quiet);

/// The images that could not be read, some of them with the reason; empty where there are none.
std::string failures_text(image_set const& set);

}  // namespace program
