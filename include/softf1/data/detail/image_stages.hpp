// One image's way into a batch: read, decode, transform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/data/detail/stop_watch.hpp>
#include <softf1/data/image_cache.hpp>
#include <softf1/data/image_loader_options.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/data/input_profile.hpp>
#include <softf1/image/augment.hpp>
#include <softf1/image/crops.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/image/preprocess.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

inline namespace SOFTF1_DETAIL_JPEG {

/// What a worker keeps from image to image.
struct stage_memory {
  std::vector<std::byte> file;
  input_profile times;
};

/// A row of the source to pixels, on any number of threads at once; throws what its stages throw.
class image_stages {
 public:
  image_stages(std::shared_ptr<image_source const> source, image_loader_options const& options)
      : source_(std::move(source)), options_(options) {
    if (options_.cache) options_.cache->bind(source_, options_.decode);
  }

  /// `repeat` counts how often the row was met before in this pass: repeats are augmented each in its own way. `to` has
  /// room for crops.count() images of floats or bytes.
  template <class T>
  void make(std::size_t row, std::uint64_t repeat, stage_memory& memory, T* to) const {
    stop_watch watch;
    auto const picture = decoded(row, memory, watch);
    transform(picture.view, row, repeat, to);
    memory.times.transform += watch.lap();
  }

 private:
  using decoded_image = image_cache::decoded_image;

  decoded_image decoded(std::size_t row, stage_memory& memory, stop_watch& watch) const {
    auto* const cache = options_.cache.get();
    bool const keeps = cache && cache->keeps_pixels();
    auto picture = keeps ? cache->find_decoded(row) : decoded_image();
    if (picture) {
      memory.times.read += watch.lap();
      return picture;
    }
    auto const kept = cache && cache->kind() == cache_kind::encoded ? cache->find_encoded(row) : nullptr;
    std::span<std::byte const> const bytes = kept ? std::span<std::byte const>(*kept) : source_->read(row, memory.file);
    if (cache && cache->kind() == cache_kind::encoded && !kept) cache->keep_encoded(row, bytes);
    memory.times.read += watch.lap();
    picture = decoded_image(image::decode(bytes, source_->name(row), options_.decode));
    if (keeps) cache->keep_decoded(row, picture);
    memory.times.decode += watch.lap();
    return picture;
  }

  template <class T>
  void transform(image::rgb_view const& picture, std::size_t row, std::uint64_t repeat, T* to) const {
    auto const& how = options_.preprocessing;
    std::size_t const side = how.image_size;
    if (!options_.augmentation.empty()) {
      // The high bits: rows are fewer than 2^40.
      random_stream const random(options_.seed, random_purpose::augment, options_.epoch, row + (repeat << 40));
      return image::augment(picture, options_.augmentation, how, random, tensor_view<T, 3>(to, {side, side, 3}));
    }
    if (options_.crops.scales.empty()) return image::preprocess(picture, how, tensor_view<T, 3>(to, {side, side, 3}));
    image::crops(picture, options_.crops, how, tensor_view<T, 4>(to, {options_.crops.count(), side, side, 3}));
  }

  std::shared_ptr<image_source const> source_;
  image_loader_options const& options_;
};

}  // namespace SOFTF1_DETAIL_JPEG
}  // namespace softf1::inline SOFTF1_ABI::data::detail
