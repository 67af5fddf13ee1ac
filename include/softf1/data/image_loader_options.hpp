// How images become batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include <softf1/core/errors.hpp>
#include <softf1/data/image_cache.hpp>
#include <softf1/image/augment.hpp>
#include <softf1/image/crops.hpp>
#include <softf1/image/options.hpp>
#include <softf1/image/preprocess.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// As many batches ahead as prove useful.
inline constexpr std::size_t automatic_prefetch = std::numeric_limits<std::size_t>::max();

struct image_loader_options {
  image::preprocessing preprocessing = {};
  image::decode_options decode = {};
  std::size_t batch_size = 32;
  /// Batches made ahead of the one in use; 0: none, each is made while next() waits for it. automatic_prefetch: 2, and
  /// one more each time that next() has to wait, while all batches together take at most `max_batch_bytes`.
  std::size_t prefetch = 2;
  /// 0: as many as the machine has, of which one less works after each next() that found every batch made ahead ready,
  /// and one more after each that had to wait.
  int threads = 0;
  bool bytes = false;                     ///< whole levels 0..255, not yet scaled, in place of floats
  image::augmentation augmentation = {};  ///< of training; none: the plain preprocessing
  std::uint64_t seed = 0;                 ///< with `epoch` and the row, all that an augmentation depends on
  std::uint64_t epoch = 0;
  image::crop_list crops = {};              ///< of evaluation: images made of each; not with an augmentation
  std::shared_ptr<image_cache> cache = {};  ///< looked up first, and told of each new image; null: none
  std::size_t max_batch_bytes = std::size_t{256} << 20;  ///< of automatic_prefetch, beyond its first three batches
};

/// Throws value_error where batch_size or the image size is 0, threads is negative, the augmentation is not one, or there
/// are crops beside it.
inline void check(image_loader_options const& o) {
  require_value(o.batch_size > 0, "image_loader", "batch_size must be at least 1, got 0");
  require_value(o.preprocessing.image_size > 0, "image_loader", "image_size must be at least 1, got 0");
  require_value(o.threads >= 0, "image_loader", "threads must be at least 0, got " + std::to_string(o.threads));
  check(o.augmentation);
  require_value(o.augmentation.empty() || o.crops.scales.empty(), "image_loader",
                "an augmentation and crops exclude each other");
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::automatic_prefetch;
using data::image_loader_options;
}  // namespace softf1::inline SOFTF1_ABI
