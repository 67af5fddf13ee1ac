// Labelled rows, as features.
#pragma once

#include <string>
#include <vector>

#include "models.hpp"
#include "options.hpp"
#include "sources.hpp"

namespace program {

/// Rows of features: of images that could be read, or that came from elsewhere.
struct image_set {
  softf1::data::label_table table;
  softf1::models::extracted_features features;
  std::vector<softf1::data::image_failure> failures;  ///< by their rows in the source
  std::string cache;  ///< the file that holds the features; empty where they came from elsewhere
};

/// Extracts the features of a source's images, or takes them from the cache in `cache_folder` (unless the options name
/// one). Throws io_error naming the first image that cannot be read where the options are strict, where none can, and
/// where it is interrupted.
image_set extract_images(engine& work, softf1::models::extractor const& extractor, labelled_source const& source,
                         image_set_options const& options, std::string const& cache_folder, bool quiet);

/// The rows of features that came from elsewhere.
image_set take_features(labelled_source const& source);

/// The rows (of the source's table) whose images can be decoded; what cannot be is added to `failures`.
/// Throws io_error as extract_images.
std::vector<std::size_t> readable_images(labelled_source const& source, image_set_options const& options, int threads,
                                         bool quiet, std::vector<softf1::data::image_failure>& failures);

/// The rows of a source that lie at these places of its images.
std::vector<std::size_t> rows_at(labelled_source const& source, std::vector<std::size_t> const& places);

/// Throws io_error where nothing is left of `all` images, and for any failure where the options are strict.
void require_images(std::size_t left, std::vector<softf1::data::image_failure> const& failures,
                    image_set_options const& options, std::size_t all);

/// The images that could not be read, some of them with the reason; empty where there are none.
std::string failures_text(image_set const& set);

}  // namespace program
