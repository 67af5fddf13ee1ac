// Memory that a context lends out and takes back, so that steady work allocates nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>

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

/// Free blocks of one backend. `Memory` has `void* allocate(std::size_t)`, which throws out_of_memory where there is no
/// memory left, and `void deallocate(void*, std::size_t) noexcept`.
template <class Memory>
class memory_pool {
 public:
  struct block {
    void* data = nullptr;
    std::size_t bytes = 0;
  };

  explicit memory_pool(Memory memory = {}) : memory_(std::move(memory)) {}
  memory_pool(memory_pool const&) = delete;
  memory_pool& operator=(memory_pool const&) = delete;
  ~memory_pool() {
    for (block const& b : free_) memory_.deallocate(b.data, b.bytes);
  }

  /// A block of at least `bytes` bytes: the smallest free one that wastes less than half of itself, or a new one. Where
  /// there is no memory for a new one, what lies free goes back first. Throws what the memory throws; nothing is lost.
  block take(std::size_t bytes) {
    {
      spin_lock const held(busy_);
      if (block found; (apart_ && find(*apart_, bytes, found)) || find(free_, bytes, found)) return found;
      free_.reserve(++lent_);  // so that give_back cannot fail
      if (apart_) apart_->reserve(lent_);
    }
    std::size_t const rounded = bytes < minimum ? minimum : bytes;
    try {
      return {memory_.allocate(rounded), rounded};
    } catch (out_of_memory const&) {
      if (!trim()) throw;
      return {memory_.allocate(rounded), rounded};
    }
  }

  /// Frees what is not lent. True where something was freed.
  bool trim() noexcept {
    spin_lock const held(busy_);
    if (free_.empty()) return false;
    for (block const& b : free_) memory_.deallocate(b.data, b.bytes);
    free_.clear();
    return true;
  }

  /// From now on (until nullptr is given) blocks that come back lie in `apart`, and are lent from there first: memory
  /// that recorded work has the addresses of must go to nobody else.
  void set_apart(std::vector<block>* apart) {
    spin_lock const held(busy_);
    if (apart) apart->reserve(lent_);
    apart_ = apart;
  }

  Memory& memory() { return memory_; }

  void give_back(block b) noexcept {
    spin_lock const held(busy_);
    (apart_ ? *apart_ : free_).push_back(b);
  }

 private:
  static constexpr std::size_t minimum = 4096;

  // Takes the best fit out of the blocks.
  static bool find(std::vector<block>& blocks, std::size_t bytes, block& found) {
    std::size_t best = blocks.size();
    for (std::size_t k = 0; k < blocks.size(); ++k)
      if (blocks[k].bytes >= bytes && blocks[k].bytes / 2 <= bytes + minimum &&
          (best == blocks.size() || blocks[k].bytes < blocks[best].bytes))
        best = k;
    if (best == blocks.size()) return false;
    found = blocks[best];
    blocks[best] = blocks.back();
    blocks.pop_back();
    return true;
  }

  Memory memory_;
  std::vector<block> free_;
  std::vector<block>* apart_ = nullptr;
  std::size_t lent_ = 0;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace softf1::inline SOFTF1_ABI::detail
