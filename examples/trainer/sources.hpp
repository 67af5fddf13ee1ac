// Labelled rows, wherever they come from.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <softf1/data/image_source.hpp>
#include <softf1/data/labels.hpp>

#include "options.hpp"

namespace program {

/// Rows with their labels, and the image or the features of each.
struct labelled_source {
  softf1::data::label_table table;
  std::vector<std::size_t> rows;                             ///< N: where each lies in `images` or `features`
  std::shared_ptr<softf1::data::image_source const> images;  ///< null where there are features
  std::vector<float> features;                               ///< (·, D)
  std::size_t dimension = 0;                                 ///< D
  std::string place;     ///< where the images are: what their features are kept under
  std::string failures;  ///< lines: what could not be read

  bool has_features() const { return dimension > 0; }

  /// The rows with these indices, in this order.
  labelled_source select(std::span<std::size_t const> indices) const;
  /// The same rows with other labels.
  labelled_source with_table(softf1::data::label_table other) const;
};

/// Reads what the options name. Throws io_error, value_error.
labelled_source load_source(image_set_options const& options);

/// The images of the records that the options name, which need no labels; the table has their ids. Throws as load_source.
labelled_source load_record_images(image_set_options const& options);

/// The files that are read, by the options that name them.
std::vector<named_path> files_of(image_set_options const& options);

/// "labels: …", rows dropped and labels dropped: what reading a table did, as lines.
std::string table_text(softf1::data::label_table const& table);

}  // namespace program
