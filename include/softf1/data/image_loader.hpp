// Batches of images, read, decoded and transformed by threads ahead of their use.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>
#include <softf1/data/detail/image_queue.hpp>
#include <softf1/data/detail/image_slot.hpp>
#include <softf1/data/detail/image_stages.hpp>
#include <softf1/data/image_loader_options.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/data/input_profile.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// An image that could not be read or decoded.
struct image_failure {
  std::size_t index;   ///< its place in the loader's list
  std::string reason;  ///< one sentence that names it

  friend bool operator==(image_failure const&, image_failure const&) = default;
};

/// Images of consecutive places in the loader's list; C images are made of each (1 without crops).
struct image_batch {
  std::vector<std::size_t> indices;            ///< n, ascending: the places of those that decoded
  std::size_t crops = 1;                       ///< C
  tensor_view<float const, 4> pixels{};        ///< (n C, S, S, 3), dense: valid until the loader's next call
  tensor_view<std::uint8_t const, 4> bytes{};  ///< the same as levels: where the loader gives bytes, and then alone
};

inline namespace SOFTF1_DETAIL_JPEG {

/// Goes once through a list of images, in its order. Batch b holds what could be decoded of the places b * batch_size
/// to (b + 1) * batch_size - 1: batches, their order and their bits do not depend on the number of threads, on
/// prefetching or on caches. An augmented image depends on the seed, the epoch, its row of the source, and, where the
/// list has a row more than once, on how often it was there before.
///
/// Memory: (prefetch + 1) * batch_size * C * S * S * 3 floats or bytes, and one decoded image per thread. Threads start
/// in the constructor; the destructor waits for the images in work only, not for those to come. All members are for one
/// thread at a time.
class image_loader {
 public:
  /// The rows of a source that are wanted, in the order wanted; repeats are allowed. Throws value_error where there is
  /// no source or a row lies behind its end, where the options are not `check`ed, or the cache is of another source;
  /// backend_error where no thread can be started. Images are not looked at before they are read.
  image_loader(std::shared_ptr<image_source const> source, std::vector<std::size_t> rows,
               image_loader_options const& options)
      : options_(checked(options)),
        rows_(checked(std::move(rows), source.get())),
        repeats_(repeats()),
        stages_(std::move(source), options_),
        queue_(rows_.size(), options_.crops.count() * image_values(), options_) {
    start_threads();
  }

  /// Files, by their paths.
  explicit image_loader(std::vector<std::string> const& paths, image_loader_options const& options = {})
      : image_loader(std::make_shared<image_files>(paths), every_row(paths.size()), options) {}

  image_loader(image_loader const&) = delete;
  image_loader& operator=(image_loader const&) = delete;
  ~image_loader() { stop(); }

  /// Waits for the next batch; false, and an empty batch, behind the last. A batch all of whose images failed has none.
  /// What was not a fault of an image (memory that ran out, …) is thrown here, in place of the batch it was met in, and
  /// again by every later call.
  bool next(image_batch& batch) {
    batch = {};
    if (unexpected_) std::rethrow_exception(unexpected_);
    auto* const slot = queue_.next();
    if (!slot) return false;
    // From here on no worker touches the slot until the next call gives it back.
    for (std::size_t k = 0; k < slot->count; ++k)
      if (slot->outcomes[k].unexpected) {
        unexpected_ = slot->outcomes[k].unexpected;
        std::rethrow_exception(unexpected_);
      }
    collect(*slot, batch);
    return true;
  }

  /// What failed in the batches that `next` has given so far, by ascending place: all of it once `next` was false.
  std::vector<image_failure> const& failures() const { return failures_; }

  /// The number of places in the list.
  std::size_t size() const { return rows_.size(); }

  image_loader_options const& options() const { return options_; }

  /// The row of the source at each place.
  std::vector<std::size_t> const& rows() const { return rows_; }

  /// The number of batches.
  std::size_t batches() const { return queue_.batches(); }

  /// Where the time went so far, and what was made of automatic choices.
  input_profile profile() const {
    auto all = queue_.profile();
    if (options_.cache) all.cache = to_text(*options_.cache);
    return all;
  }
  std::size_t prefetch() const { return queue_.prefetch(); }
  std::size_t active_workers() const { return queue_.active_workers(); }

 private:
  static image_loader_options const& checked(image_loader_options const& options) {
    check(options);
    return options;
  }

  static std::vector<std::size_t> checked(std::vector<std::size_t> rows, image_source const* source) {
    require_value(source != nullptr, "image_loader", "expected a source of images, got none");
    for (std::size_t k = 0; k < rows.size(); ++k)
      if (rows[k] >= source->size())
        throw value_error("image_loader: rows must be below " + std::to_string(source->size()) + ", got " +
                          std::to_string(rows[k]) + " at place " + std::to_string(k));
    return rows;
  }

  /// How often each row was there before; empty where nothing is drawn.
  std::vector<std::uint32_t> repeats() const {
    if (options_.augmentation.empty() || rows_.empty()) return {};
    std::vector<std::uint32_t> met(*std::max_element(rows_.begin(), rows_.end()) + 1), before;
    before.reserve(rows_.size());
    for (std::size_t const row : rows_) before.push_back(met[row]++);
    return before;
  }

  std::size_t side() const { return options_.preprocessing.image_size; }
  std::size_t image_values() const { return side() * side() * 3; }

  /// Moves the images that decoded to the front, in order.
  void collect(detail::image_slot& slot, image_batch& batch) {
    for (std::size_t k = 0; k < slot.count; ++k) {
      if (slot.outcomes[k].failure) {
        failures_.push_back({slot.first + k, std::move(*slot.outcomes[k].failure)});
        continue;
      }
      std::size_t const to = batch.indices.size();
      if (to != k) slot.move_row(k, to);
      batch.indices.push_back(slot.first + k);
    }
    batch.crops = options_.crops.count();
    std::array<std::size_t, 4> const shape{batch.indices.size() * batch.crops, side(), side(), 3};
    if (options_.bytes)
      batch.bytes = {slot.levels.data(), shape};
    else
      batch.pixels = {slot.floats.data(), shape};
  }

  void start_threads() {
    std::size_t const wanted = options_.threads > 0 ? static_cast<std::size_t>(options_.threads)
                                                    : std::max(1u, std::thread::hardware_concurrency());
    std::size_t const count = std::min(wanted, rows_.size());
    try {
      threads_.reserve(count);
      while (threads_.size() < count) threads_.emplace_back([this, id = threads_.size()] { work(id); });
    } catch (std::system_error const& error) {
      // Fewer threads than wanted are slower, no more.
      if (threads_.empty())
        throw backend_error(std::string("image_loader: no thread could be started: ") + error.what());
    }
    queue_.set_workers(threads_.size());
  }

  void stop() {
    queue_.stop();
    for (auto& thread : threads_) thread.join();
  }

  void work(std::size_t id) {
    detail::stage_memory memory;
    for (detail::image_queue::task task; queue_.take(id, task); queue_.finish(task, memory.times)) load(task, memory);
  }

  void load(detail::image_queue::task const& task, detail::stage_memory& memory) noexcept {
    auto& slot = *task.slot;
    std::size_t const k = task.index - slot.first;
    auto& result = slot.outcomes[k];
    try {
      std::uint64_t const repeat = repeats_.empty() ? 0 : repeats_[task.index];
      if (options_.bytes)
        stages_.make(rows_[task.index], repeat, memory, &slot.levels[k * slot.values]);
      else
        stages_.make(rows_[task.index], repeat, memory, &slot.floats[k * slot.values]);
    } catch (error const& failure) {
      keep_reason(failure, result);
    } catch (...) {
      result.unexpected = std::current_exception();
    }
  }

  static void keep_reason(error const& failure, detail::image_slot::outcome& result) noexcept {
    try {
      result.failure = failure.what();
    } catch (...) {
      result.unexpected = std::current_exception();
    }
  }

  image_loader_options const options_;
  std::vector<std::size_t> const rows_;
  std::vector<std::uint32_t> const repeats_;
  detail::image_stages const stages_;
  detail::image_queue queue_;
  std::vector<image_failure> failures_;
  std::exception_ptr unexpected_;
  std::vector<std::thread> threads_;
};

}  // namespace SOFTF1_DETAIL_JPEG
}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::image_batch;
using data::image_failure;
using data::image_loader;
}  // namespace softf1::inline SOFTF1_ABI
