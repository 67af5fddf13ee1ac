// Batches of images, read, decoded and preprocessed by threads ahead of their use.
#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/image/preprocess.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// How image files become batches.
struct image_loader_options {
  image::preprocessing preprocessing = {};
  image::decode_options decode = {};
  std::size_t batch_size = 32;
  std::size_t prefetch = 2;  ///< batches made ahead of the one in use; 0: none, each is made while next() waits for it
  int threads = 0;           ///< 0: as many as the machine has
  bool bytes = false;        ///< whole levels 0..255, not yet scaled, in place of floats
};

/// A file that could not be read or decoded.
struct image_failure {
  std::size_t index;   ///< of its path
  std::string reason;  ///< one sentence that names the file

  friend bool operator==(image_failure const&, image_failure const&) = default;
};

/// Some images of consecutive paths.
struct image_batch {
  std::vector<std::size_t> indices;            ///< n, ascending: the paths that decoded
  tensor_view<float const, 4> pixels{};        ///< (n, S, S, 3), dense: valid until the loader's next call
  tensor_view<std::uint8_t const, 4> bytes{};  ///< the same as levels: where the loader gives bytes, and then alone
};

inline namespace SOFTF1_DETAIL_JPEG {

/// Goes once through a list of image files, in its order. Batch b holds what could be decoded of the paths b *
/// batch_size to (b + 1) * batch_size - 1: batches, their order and their bits do not depend on the number of threads.
///
/// Memory: (prefetch + 1) * batch_size * S * S * 3 floats or bytes, taken once, and one decoded image per thread.
/// Threads start in the constructor; the destructor waits for the images in work only, not for those to come. `next`
/// and `failures` are for one thread at a time.
class image_loader {
 public:
  /// Throws value_error where batch_size or the image size is 0 or threads is negative; backend_error where no thread
  /// can be started. Files are not looked at before they are read.
  explicit image_loader(std::vector<std::string> paths, image_loader_options const& options = {})
      : paths_(std::move(paths)), options_(options) {
    require_value(options_.batch_size > 0, "image_loader", "batch_size must be at least 1, got 0");
    require_value(options_.preprocessing.image_size > 0, "image_loader", "image_size must be at least 1, got 0");
    require_value(options_.threads >= 0, "image_loader",
                  "threads must be at least 0, got " + std::to_string(options_.threads));
    std::size_t const largest = std::min(options_.batch_size, paths_.size());
    batches_ = (paths_.size() + options_.batch_size - 1) / options_.batch_size;
    slots_.resize(std::min(options_.prefetch, batches_) + 1);
    for (auto& slot : slots_) {
      if (options_.bytes)
        slot.bytes.resize(largest * image_values());
      else
        slot.pixels.resize(largest * image_values());
      slot.outcomes.resize(largest);
    }
    start_threads();
  }

  image_loader(image_loader const&) = delete;
  image_loader& operator=(image_loader const&) = delete;
  ~image_loader() { stop(); }

  /// Waits for the next batch; false, and an empty batch, behind the last. A batch all of whose files failed has no
  /// images. What was not a fault of a file (memory that ran out, …) is thrown here, in place of the batch it was met
  /// in, and again by every later call.
  bool next(image_batch& batch) {
    batch = {};
    slot_state* slot = nullptr;
    {
      std::unique_lock lock(mutex_);
      if (std::exchange(in_use_, false)) {
        slot_of(delivered_ - 1).done = 0;
        ++released_;
        room_.notify_all();
      }
      if (delivered_ == batches_) return false;
      slot = &slot_of(delivered_);
      ready_.wait(lock, [&] { return slot->done == count_of(delivered_); });
    }
    // From here on no worker touches the slot until it is released.
    for (std::size_t k = 0; k < count_of(delivered_); ++k)
      if (slot->outcomes[k].unexpected) std::rethrow_exception(slot->outcomes[k].unexpected);
    collect(*slot, batch);
    in_use_ = true;
    ++delivered_;
    return true;
  }

  /// What failed in the batches that `next` has given so far, by ascending index: all of it once `next` was false.
  std::vector<image_failure> const& failures() const { return failures_; }

  /// The number of paths.
  std::size_t size() const { return paths_.size(); }

  /// The number of batches.
  std::size_t batches() const { return batches_; }

 private:
  struct outcome {
    std::optional<std::string> failure;
    std::exception_ptr unexpected;
  };
  struct slot_state {
    std::vector<float> pixels;
    std::vector<std::uint8_t> bytes;
    std::vector<outcome> outcomes;
    std::size_t done = 0;  // images of this batch, under the mutex
  };

  std::size_t side() const { return options_.preprocessing.image_size; }
  std::size_t image_values() const { return side() * side() * 3; }
  slot_state& slot_of(std::size_t batch) { return slots_[batch % slots_.size()]; }
  std::size_t count_of(std::size_t batch) const {
    return std::min(options_.batch_size, paths_.size() - batch * options_.batch_size);
  }

  /// Moves the images that decoded to the front, in order.
  void collect(slot_state& slot, image_batch& batch) {
    std::size_t const first = delivered_ * options_.batch_size;
    for (std::size_t k = 0; k < count_of(delivered_); ++k) {
      if (slot.outcomes[k].failure) {
        failures_.push_back({first + k, std::move(*slot.outcomes[k].failure)});
        continue;
      }
      std::size_t const to = batch.indices.size();
      if (to != k) move_image(slot, k, to);
      batch.indices.push_back(first + k);
    }
    if (options_.bytes)
      batch.bytes = {slot.bytes.data(), {batch.indices.size(), side(), side(), 3}};
    else
      batch.pixels = {slot.pixels.data(), {batch.indices.size(), side(), side(), 3}};
  }

  void move_image(slot_state& slot, std::size_t from, std::size_t to) const {
    if (options_.bytes)
      std::copy_n(&slot.bytes[from * image_values()], image_values(), &slot.bytes[to * image_values()]);
    else
      std::copy_n(&slot.pixels[from * image_values()], image_values(), &slot.pixels[to * image_values()]);
  }

  void start_threads() {
    std::size_t const wanted = options_.threads > 0 ? static_cast<std::size_t>(options_.threads)
                                                    : std::max(1u, std::thread::hardware_concurrency());
    std::size_t const count = std::min(wanted, paths_.size());
    try {
      threads_.reserve(count);
      while (threads_.size() < count) threads_.emplace_back([this] { work(); });
    } catch (std::system_error const& error) {
      // Fewer threads than wanted are slower, no more.
      if (threads_.empty())
        throw backend_error(std::string("image_loader: no thread could be started: ") + error.what());
    }
  }

  void stop() {
    {
      std::lock_guard const lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [&] {
        return stopped_ || taken_ == paths_.size() || taken_ / options_.batch_size < released_ + slots_.size();
      });
      if (stopped_ || taken_ == paths_.size()) return;
      std::size_t const index = taken_++;
      std::size_t const batch = index / options_.batch_size;
      auto& slot = slot_of(batch);
      lock.unlock();
      load(index, slot);
      lock.lock();
      if (++slot.done == count_of(batch)) ready_.notify_one();
    }
  }

  void load(std::size_t index, slot_state& slot) noexcept {
    std::size_t const k = index % options_.batch_size;
    auto& result = slot.outcomes[k];
    try {
      result = {};
      auto const picture = image::read_image(paths_[index], options_.decode);
      write(picture, slot, k * image_values());
    } catch (error const& failure) {
      keep_reason(failure, result);
    } catch (...) {
      result.unexpected = std::current_exception();
    }
  }

  void write(image::rgb_image const& picture, slot_state& slot, std::size_t at) const {
    std::array<std::size_t, 3> const shape{side(), side(), 3};
    if (options_.bytes)
      image::preprocess(picture, options_.preprocessing, tensor_view<std::uint8_t, 3>(slot.bytes.data() + at, shape));
    else
      image::preprocess(picture, options_.preprocessing, tensor_view<float, 3>(slot.pixels.data() + at, shape));
  }

  static void keep_reason(error const& failure, outcome& result) noexcept {
    try {
      result.failure = failure.what();
    } catch (...) {
      result.unexpected = std::current_exception();
    }
  }

  std::vector<std::string> const paths_;
  image_loader_options const options_;
  std::size_t batches_ = 0;
  std::vector<slot_state> slots_;
  std::vector<image_failure> failures_;
  std::size_t delivered_ = 0;  // batches that next() gave
  bool in_use_ = false;        // the last of them is with the caller

  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::size_t taken_ = 0;     // paths that workers took
  std::size_t released_ = 0;  // batches that the caller is done with
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace SOFTF1_DETAIL_JPEG
}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::image_batch;
using data::image_failure;
using data::image_loader;
using data::image_loader_options;
}  // namespace softf1::inline SOFTF1_ABI
