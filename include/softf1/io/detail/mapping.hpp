// Pages of a file in memory.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include <sys/mman.h>
#include <sys/types.h>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

/// Owns a part of a file that is mapped read-only; empty where it owns nothing.
class mapping {
 public:
  mapping() = default;

  /// `flags` of mmap: MAP_PRIVATE, or MAP_SHARED where later writes to the file must be seen. `offset` is a whole
  /// number of pages. Empty, with errno set, where the system refuses.
  mapping(int descriptor, ::off_t offset, std::size_t size, int flags) {
    void* const address = ::mmap(nullptr, size, PROT_READ, flags, descriptor, offset);
    if (address != MAP_FAILED) bytes_ = {static_cast<std::byte const*>(address), size};
  }
  mapping(mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  mapping& operator=(mapping&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~mapping() {
    if (!empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }

  bool empty() const { return bytes_.empty(); }
  std::span<std::byte const> bytes() const { return bytes_; }

  /// `advice` of madvise.
  void advise(int advice) const {
    if (!empty()) ::madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), advice);
  }

 private:
  std::span<std::byte const> bytes_;
};

}  // namespace softf1::inline SOFTF1_ABI::io::detail
