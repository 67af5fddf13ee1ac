// Which row a worker takes next and which batch the consumer gets: back-pressure, and how far ahead the workers are.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <softf1/data/detail/image_slot.hpp>
#include <softf1/data/detail/stop_watch.hpp>
#include <softf1/data/image_loader_options.hpp>
#include <softf1/data/input_profile.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// Rows 0 … rows - 1 in batches, in order: for any number of workers and one consumer.
class image_queue {
 public:
  struct task {
    image_slot* slot = nullptr;
    std::size_t index = 0;
  };

  image_queue(std::size_t rows, std::size_t row_values, image_loader_options const& o)
      : rows_(rows),
        batch_size_(o.batch_size),
        batches_((rows + o.batch_size - 1) / o.batch_size),
        row_values_(row_values),
        is_bytes_(o.bytes),
        can_grow_(o.prefetch == automatic_prefetch),
        can_rest_(o.threads == 0) {
    std::size_t const slot_bytes = std::min(batch_size_, rows_) * row_values_ * (is_bytes_ ? 1 : sizeof(float));
    most_slots_ = std::min({most_prefetch + 1, batches_ + 1, o.max_batch_bytes / std::max<std::size_t>(slot_bytes, 1)});
    std::size_t const ahead = can_grow_ ? 2 : o.prefetch;
    for (std::size_t k = std::min(ahead, batches_) + 1; k > 0; --k) add_slot();
  }

  std::size_t batches() const { return batches_; }

  /// How many workers there are, before the first batch is asked for.
  void set_workers(std::size_t count) {
    std::lock_guard const lock(mutex_);
    workers_ = active_ = count;
    room_.notify_all();
  }

  /// For a worker: waits for room; false where nothing is left to do.
  bool take(std::size_t worker, task& next) {
    std::unique_lock lock(mutex_);
    if (!may_go_on(worker)) {
      stop_watch watch;
      room_.wait(lock, [&] { return may_go_on(worker); });
      profile_.workers_waited += watch.lap();
    }
    if (stopped_ || taken_ == rows_) return false;
    if (taken_ % batch_size_ == 0) {
      pending_.push_back(free_.back());
      free_.pop_back();
      pending_.back()->start(taken_, std::min(batch_size_, rows_ - taken_));
    }
    next = {pending_.back(), taken_++};
    return true;
  }

  /// For a worker: the row is in its slot; `times` are added to the profile and set to nothing.
  void finish(task const& done, input_profile& times) {
    std::lock_guard const lock(mutex_);
    profile_ += std::exchange(times, {});
    ++profile_.images;
    if (++done.slot->done == done.slot->count) ready_.notify_one();
  }

  /// For the consumer: gives its batch back and waits for the next; null behind the last.
  image_slot* next() {
    bool grow = false;
    {
      std::unique_lock lock(mutex_);
      bool const was_full = pending_.size() + 1 >= slots_.size() &&
                            std::all_of(pending_.begin(), pending_.end(), [](auto* slot) { return slot->is_ready(); });
      if (in_use_) free_.push_back(std::exchange(in_use_, nullptr));
      if (delivered_ == batches_) return nullptr;
      bool const waits = !front_is_ready();
      // The first batch is waited for in any case.
      if (delivered_ > 0) grow = adapt(waits, was_full);
      room_.notify_all();
      if (waits) {
        stop_watch watch;
        ready_.wait(lock, [&] { return front_is_ready(); });
        profile_.consumer_waited += watch.lap();
      }
      in_use_ = pending_.front();
      pending_.pop_front();
      ++delivered_;
      profile_.elapsed += since_start_.lap();
    }
    if (grow) try_to_grow();
    return in_use_;
  }

  void stop() {
    std::lock_guard const lock(mutex_);
    stopped_ = true;
    room_.notify_all();
  }

  input_profile profile() const {
    std::lock_guard const lock(mutex_);
    return profile_;
  }

  /// Batches ahead, and workers, as they are now.
  std::size_t prefetch() const {
    std::lock_guard const lock(mutex_);
    return slots_.size() - 1;
  }
  std::size_t active_workers() const {
    std::lock_guard const lock(mutex_);
    return active_;
  }

 private:
  static constexpr std::size_t most_prefetch = 16;

  bool may_go_on(std::size_t worker) const {
    if (stopped_ || taken_ == rows_) return true;
    return worker < active_ && (taken_ % batch_size_ != 0 || !free_.empty());
  }

  bool front_is_ready() const { return !pending_.empty() && pending_.front()->is_ready(); }

  bool adapt(bool waits, bool was_full) {
    if (can_rest_ && waits && active_ < workers_) ++active_;
    if (can_rest_ && !waits && was_full && active_ > 1) --active_;
    return can_grow_ && waits && slots_.size() < most_slots_;
  }

  void add_slot() {
    slots_.push_back(std::make_unique<image_slot>(std::min(batch_size_, rows_), row_values_, is_bytes_));
    free_.push_back(slots_.back().get());
  }

  void try_to_grow() {
    try {
      auto slot = std::make_unique<image_slot>(std::min(batch_size_, rows_), row_values_, is_bytes_);
      std::lock_guard const lock(mutex_);
      slots_.push_back(std::move(slot));
      free_.push_back(slots_.back().get());
      room_.notify_all();
    } catch (std::bad_alloc const&) {
      // What there is goes on as before.
      can_grow_ = false;
    }
  }

  std::size_t const rows_, batch_size_, batches_, row_values_;
  bool const is_bytes_;
  bool can_grow_;  // the consumer's
  bool const can_rest_;
  std::size_t most_slots_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<std::unique_ptr<image_slot>> slots_;
  std::vector<image_slot*> free_;
  std::deque<image_slot*> pending_;  // begun or ready, the consumer's next first
  image_slot* in_use_ = nullptr;     // with the consumer
  std::size_t taken_ = 0, delivered_ = 0;
  std::size_t workers_ = 0, active_ = 0;
  bool stopped_ = false;
  input_profile profile_;
  stop_watch since_start_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
