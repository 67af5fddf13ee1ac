// Images kept in memory from one pass over them to the next.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/image/image.hpp>
#include <softf1/image/options.hpp>
#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// What a cache keeps.
enum class cache_kind : unsigned char {
  none,
  encoded,  ///< the bytes of files: reading is saved
  decoded   ///< pixels, three bytes each: reading and decoding are saved
};

/// The kind that a name means: "none", "encoded", "decoded". Throws value_error listing them.
inline cache_kind parse_cache_kind(std::string_view text) {
  constexpr std::array<std::string_view, 3> names = {"none", "encoded", "decoded"};
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == text) return static_cast<cache_kind>(k);
  throw value_error("no kind of cache is named '" + std::string(text) + "', there are none, encoded, decoded");
}

/// Images of one source, each kept from the first time that it is met, until `max_bytes` are full; none is given up for
/// another, since a pass meets every row once and would otherwise lose each just before it is needed. Belongs to the
/// caller, who gives it to a loader an epoch. Any number of threads may use it at once.
class image_cache {
 public:
  explicit image_cache(cache_kind kind, std::size_t max_bytes) : kind_(kind), max_bytes_(max_bytes) {}

  image_cache(image_cache const&) = delete;
  image_cache& operator=(image_cache const&) = delete;

  cache_kind kind() const { return kind_; }
  std::size_t max_bytes() const { return max_bytes_; }

  /// Bytes and images that are kept now.
  std::size_t bytes() const {
    return locked([&] { return bytes_; });
  }
  std::size_t images() const {
    return locked([&] { return images_; });
  }

  /// Images that were found, and that were not, so far.
  std::size_t hits() const {
    return locked([&] { return hits_; });
  }
  std::size_t misses() const {
    return locked([&] { return misses_; });
  }

  /// What the cache is of; called by loaders. Throws value_error where that was another source, or decoded otherwise.
  void bind(std::shared_ptr<image_source const> const& source, image::decode_options const& decode) {
    std::lock_guard const lock(mutex_);
    if (!source_) {
      encoded_.resize(kind_ == cache_kind::encoded ? source->size() : 0);
      decoded_.resize(kind_ == cache_kind::decoded ? source->size() : 0);
      source_ = source;
      decode_ = decode;
    }
    require_value(source_ == source && decode_ == decode, "image_cache",
                  "it holds images of another source or of other decode options; each needs a cache of its own");
  }

  using encoded_image = std::shared_ptr<std::vector<std::byte> const>;
  using decoded_image = std::shared_ptr<image::rgb_image const>;

  /// Null where the image is not kept; `row` counts in the source.
  encoded_image find_encoded(std::size_t row) { return find(encoded_, row); }
  decoded_image find_decoded(std::size_t row) { return find(decoded_, row); }

  /// Keeps an image where there is room.
  void keep_encoded(std::size_t row, std::span<std::byte const> bytes) {
    if (row < encoded_.size() && reserve(bytes.size()))
      put(encoded_, row, bytes.size(),
          [&] { return std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end()); });
  }
  void keep_decoded(std::size_t row, decoded_image const& image) {
    if (row < decoded_.size() && reserve(image->pixels.size()))
      put(decoded_, row, image->pixels.size(), [&] { return image; });
  }

 private:
  template <class Get>
  std::size_t locked(Get const& get) const {
    std::lock_guard const lock(mutex_);
    return get();
  }

  template <class Image>
  Image find(std::vector<Image> const& images, std::size_t row) {
    std::lock_guard const lock(mutex_);
    if (row >= images.size()) return nullptr;
    ++(images[row] ? hits_ : misses_);
    return images[row];
  }

  bool reserve(std::size_t bytes) {
    std::lock_guard const lock(mutex_);
    if (bytes > max_bytes_ - bytes_) return false;
    bytes_ += bytes;
    return true;
  }

  /// Behind `reserve`; the room is given back where the image came in between, or cannot be copied.
  template <class Image, class Make>
  void put(std::vector<Image>& images, std::size_t row, std::size_t bytes, Make const& make) {
    Image image;
    try {
      image = make();
    } catch (...) {
      std::lock_guard const lock(mutex_);
      bytes_ -= bytes;
      throw;
    }
    std::lock_guard const lock(mutex_);
    if (images[row]) {
      bytes_ -= bytes;
      return;
    }
    images[row] = std::move(image);
    ++images_;
  }

  cache_kind const kind_;
  std::size_t const max_bytes_;
  mutable std::mutex mutex_;
  std::shared_ptr<image_source const> source_;
  image::decode_options decode_;
  std::vector<encoded_image> encoded_;
  std::vector<decoded_image> decoded_;
  std::size_t bytes_ = 0, images_ = 0, hits_ = 0, misses_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::cache_kind;
using data::image_cache;
}  // namespace softf1::inline SOFTF1_ABI
