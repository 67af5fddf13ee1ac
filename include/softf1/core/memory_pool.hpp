// Memory that a context lends out and takes back, so that steady work allocates nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// Holds a flag for a few instructions.
class spin_lock {
 public:
  explicit spin_lock(std::atomic_flag& flag) : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  spin_lock(spin_lock const&) = delete;
  spin_lock& operator=(spin_lock const&) = delete;
  ~spin_lock() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag& flag_;
};

/// Free blocks of one backend. `Memory` has `static void* allocate(std::size_t)` and `static void deallocate(void*)`.
template <class Memory>
class memory_pool {
 public:
  struct block {
    void* data = nullptr;
    std::size_t bytes = 0;
  };

  memory_pool() = default;
  memory_pool(memory_pool const&) = delete;
  memory_pool& operator=(memory_pool const&) = delete;
  ~memory_pool() {
    for (block const& b : free_) Memory::deallocate(b.data);
  }

  /// A block of at least `bytes` bytes: the smallest free one that wastes less than half of itself, or a new one.
  block take(std::size_t bytes) {
    {
      spin_lock const held(busy_);
      std::size_t best = free_.size();
      for (std::size_t k = 0; k < free_.size(); ++k)
        if (free_[k].bytes >= bytes && free_[k].bytes / 2 <= bytes + minimum &&
            (best == free_.size() || free_[k].bytes < free_[best].bytes))
          best = k;
      if (best != free_.size()) {
        block const found = free_[best];
        free_[best] = free_.back();
        free_.pop_back();
        return found;
      }
      free_.reserve(++lent_);  // so that give_back cannot fail
    }
    std::size_t const rounded = bytes < minimum ? minimum : bytes;
    return {Memory::allocate(rounded), rounded};
  }

  /// Frees what is not lent.
  void trim() noexcept {
    spin_lock const held(busy_);
    for (block const& b : free_) Memory::deallocate(b.data);
    free_.clear();
  }

  void give_back(block b) noexcept {
    spin_lock const held(busy_);
    free_.push_back(b);
  }

 private:
  static constexpr std::size_t minimum = 4096;

  std::vector<block> free_;
  std::size_t lent_ = 0;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace softf1::inline SOFTF1_ABI::detail
