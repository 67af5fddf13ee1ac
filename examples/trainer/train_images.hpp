// The images of a training run, as training is shown them.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <softf1/image/image.hpp>
#include <softf1/models/image_feed.hpp>

#include "sources.hpp"

namespace program {

class engine;

/// The training images, augmented anew in each epoch.
class augmented_images {
 public:
  /// `rows`: of the source's table. Throws value_error for options that are none.
  augmented_images(engine& work, softf1::models::extractor const& extractor, labelled_source const& source,
                   std::vector<std::size_t> const& rows, train_options const& options);

  softf1::models::image_feed& feed() { return feed_; }

 private:
  softf1::models::batch_extractor extractor_;
  softf1::models::image_feed feed_;
};

/// A sheet of the first training images as the network is shown them in the first epoch.
softf1::rgb_image training_sheet(softf1::models::extractor const& extractor, labelled_source const& source,
                                 std::vector<std::size_t> const& rows, train_options const& options);

}  // namespace program
