// Owning, uninitialised, one-dimensional memory on a backend.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <softf1/core/memory_pool.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI {

/// `size` elements of a trivially copyable T on backend B, drawn from the context's memory and given back to it.
/// The elements are uninitialised. A buffer may outlive its context. What another context still works on must be done
/// before the buffer ends, or goes back. Cost: no allocation once the context is warm.
template <class T, class B = cpu>
class buffer {
  static_assert(std::is_trivially_copyable_v<T>, "softf1: a buffer holds trivially copyable elements");
  using pool = typename context<B>::pool;

 public:
  buffer() = default;
  buffer(context<B>& ctx, std::size_t size) : pool_(ctx.memory()), block_(pool_->take(size * sizeof(T))), size_(size) {}
  buffer(buffer&& other) noexcept
      : pool_(std::move(other.pool_)), block_(std::exchange(other.block_, {})), size_(std::exchange(other.size_, 0)) {}
  buffer& operator=(buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~buffer() {
    if (pool_) pool_->give_back(block_);
  }

  T* data() { return static_cast<T*>(block_.data); }
  T const* data() const { return static_cast<T const*>(block_.data); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  vector_view<T, B> view() { return {data(), size_}; }
  vector_view<const T, B> view() const { return {data(), size_}; }
  /// The first rows × cols elements as a row-major matrix.
  matrix_view<T, B> matrix(std::size_t rows, std::size_t cols) { return {data(), rows, cols}; }
  matrix_view<const T, B> matrix(std::size_t rows, std::size_t cols) const { return {data(), rows, cols}; }

 private:
  std::shared_ptr<pool> pool_;
  typename pool::block block_;
  std::size_t size_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI
