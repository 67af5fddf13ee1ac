// Images kept in memory, or in a mapped file, from one pass over them to the next.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/image_pages.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/image/image.hpp>
#include <softf1/image/options.hpp>
#include <softf1/image/resize_filter.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// What a cache keeps.
enum class cache_kind : unsigned char {
  none,
  encoded,  ///< the bytes of files: reading is saved
  decoded,  ///< pixels, three bytes each: reading and decoding are saved
  mapped    ///< the same in a temporary file mapped into memory: may be larger than the memory, the system pages it
};

/// The kind that a name means: "none", "encoded", "decoded", "mapped". Throws value_error listing them.
inline cache_kind parse_cache_kind(std::string_view text) {
  constexpr std::array<std::string_view, 4> names = {"none", "encoded", "decoded", "mapped"};
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == text) return static_cast<cache_kind>(k);
  throw value_error("no kind of cache is named '" + std::string(text) + "', there are none, encoded, decoded, mapped");
}

/// Images of one source, each kept from the first time that it is met, until `max_bytes` are full; none is given up for
/// another, since a pass meets every row once and would otherwise lose each just before it is needed. Belongs to the
/// caller, who gives it to a loader an epoch. Any number of threads may use it at once. Of kind `mapped`, images found
/// are valid while the cache lives; a disk that fills up ends the keeping (see `trouble`), not the pass.
class image_cache {
 public:
  /// `folder` is where the file of kind `mapped` lies: $TMPDIR where that is set, else /tmp, unless named. Throws
  /// io_error where no file can be made there.
  explicit image_cache(cache_kind kind, std::size_t max_bytes, std::string const& folder = {})
      : kind_(kind), max_bytes_(max_bytes) {
    if (kind == cache_kind::mapped) pages_.emplace(folder);
  }

  image_cache(image_cache const&) = delete;
  image_cache& operator=(image_cache const&) = delete;

  cache_kind kind() const { return kind_; }
  bool keeps_pixels() const { return kind_ == cache_kind::decoded || kind_ == cache_kind::mapped; }
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

  /// Why nothing more is kept, though there is room; empty where all is well.
  std::string trouble() const {
    return locked([&] { return trouble_; });
  }

  /// What the cache is of; called by loaders. Throws value_error where that was another source, or decoded otherwise.
  void bind(std::shared_ptr<image_source const> const& source, image::decode_options const& decode) {
    std::lock_guard const lock(mutex_);
    if (!source_) {
      encoded_.resize(kind_ == cache_kind::encoded ? source->size() : 0);
      decoded_.resize(keeps_pixels() ? source->size() : 0);
      source_ = source;
      decode_ = decode;
    }
    require_value(source_ == source && decode_ == decode, "image_cache",
                  "it holds images of another source or of other decode options; each needs a cache of its own");
  }

  using encoded_image = std::shared_ptr<std::vector<std::byte> const>;

  /// Pixels, and who holds them: nobody but the cache where they are mapped.
  struct decoded_image {
    std::shared_ptr<image::rgb_image const> owner;
    image::rgb_view view;

    decoded_image() = default;
    explicit decoded_image(image::rgb_image image)
        : owner(std::make_shared<image::rgb_image const>(std::move(image))), view(*owner) {}
    explicit decoded_image(image::rgb_view const& mapped) : view(mapped) {}
    explicit operator bool() const { return !view.empty(); }
  };

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
    if (row >= decoded_.size()) return;
    if (pages_) return keep_mapped(row, image.view);
    std::size_t const bytes = image.view.pixels.size();
    if (reserve(bytes)) put(decoded_, row, bytes, [&] { return image; });
  }

 private:
  template <class Get>
  std::invoke_result_t<Get const&> locked(Get const& get) const {
    std::lock_guard const lock(mutex_);
    return get();
  }

  template <class Image>
  Image find(std::vector<Image> const& images, std::size_t row) {
    std::lock_guard const lock(mutex_);
    if (row >= images.size()) return {};
    ++(images[row] ? hits_ : misses_);
    return images[row];
  }

  void keep_mapped(std::size_t row, image::rgb_view const& image) {
    std::lock_guard const writing(writing_);
    // An image that another thread has just written would lie in the file twice.
    if (locked([&] { return static_cast<bool>(decoded_[row]); }) || !reserve(image.pixels.size())) return;
    try {
      put(decoded_, row, image.pixels.size(),
          [&] { return decoded_image(image::rgb_view(image.height, image.width, pages_->append(image.pixels))); });
    } catch (io_error const& error) {
      std::lock_guard const lock(mutex_);
      trouble_ = error.what();
    }
  }

  bool reserve(std::size_t bytes) {
    std::lock_guard const lock(mutex_);
    if (!trouble_.empty() || bytes > max_bytes_ - bytes_) return false;
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
  std::mutex writing_;  // of pages_; taken before mutex_
  std::optional<detail::image_pages> pages_;
  mutable std::mutex mutex_;
  std::shared_ptr<image_source const> source_;
  image::decode_options decode_;
  std::vector<encoded_image> encoded_;
  std::vector<decoded_image> decoded_;
  std::size_t bytes_ = 0, images_ = 0, hits_ = 0, misses_ = 0;
  std::string trouble_;
};

/// "5 images in 1.2 MB, found 10 times", and what keeps it from more.
inline std::string to_text(image_cache const& cache) {
  char line[160];
  std::snprintf(line, sizeof line, "%zu images in %.1f MB, found %zu times", cache.images(),
                static_cast<double>(cache.bytes()) / 1e6, cache.hits());
  auto const trouble = cache.trouble();
  return trouble.empty() ? line : line + (", no more since: " + trouble);
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::cache_kind;
using data::image_cache;
}  // namespace softf1::inline SOFTF1_ABI
