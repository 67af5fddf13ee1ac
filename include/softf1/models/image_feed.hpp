// Training rows that are images: made anew in each epoch, and turned into features by a frozen network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/data/image_loader.hpp>
#include <softf1/models/extract.hpp>
#include <softf1/training/feed.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// The images of some rows of a source, augmented: what `training::fit` takes in place of features. The next batches are
/// read, decoded and augmented by threads while the backend works; the frozen network runs on this thread.
/// The same bits for a seed at any number of threads, and where a run is resumed.
class image_feed final : public training::host_feed<float> {
 public:
  /// `rows`: which images are the training rows 0, 1, … . Of `how`, preprocessing, batch_size, bytes and epoch are the
  /// extractor's and the epoch's. `of` must outlive the feed. Throws as image_loader.
  image_feed(batch_extractor const& of, std::shared_ptr<data::image_source const> images, std::vector<std::size_t> rows,
             data::image_loader_options how)
      : extractor_(of), images_(std::move(images)), rows_(std::move(rows)), how_(std::move(how)) {
    how_.preprocessing = of.input;
    how_.bytes = of.bytes;
    data::check(how_);
  }

  std::size_t rows() const override { return rows_.size(); }
  std::size_t dimension() const override { return extractor_.dimension; }

  void begin(training::feed_epoch const& epoch) override {
    keep_profile();
    how_.batch_size = epoch.batch;
    how_.epoch = epoch.epoch;
    std::vector<std::size_t> order;
    order.reserve(epoch.order.size());
    for (std::uint64_t row : epoch.order) order.push_back(rows_[static_cast<std::size_t>(row)]);
    loader_.emplace(images_, std::move(order), how_);
    // What was drawn before is drawn again: an image that is there twice is augmented in two ways.
    data::image_batch skipped;
    for (std::size_t k = 0; k < epoch.first / epoch.batch; ++k) loader_->next(skipped);
  }

  /// Throws io_error for an image that cannot be read.
  void load(matrix_view<float> to) override {
    data::image_batch batch;
    loader_->next(batch);
    if (!loader_->failures().empty()) throw io_error("training: " + loader_->failures().front().reason);
    require_shape("image_feed", "a batch", {to.rows()}, std::vector<std::size_t>{batch.indices.size()});
    extractor_.run(batch, to);
  }

  /// Where the time of the epochs so far went.
  data::input_profile profile() {
    keep_profile();
    return profile_;
  }

 private:
  void keep_profile() {
    if (loader_) profile_ += loader_->profile();
    loader_.reset();
  }

  batch_extractor const& extractor_;
  std::shared_ptr<data::image_source const> images_;
  std::vector<std::size_t> rows_;
  data::image_loader_options how_;
  std::optional<data::image_loader> loader_;
  data::input_profile profile_;
};

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::image_feed;
}
