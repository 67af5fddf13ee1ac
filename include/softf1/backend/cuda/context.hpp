// The device's context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/backend/cuda/memory.hpp>
#include <softf1/core/buffer.hpp>

namespace softf1::inline SOFTF1_ABI {

/// How the products of float matrices are computed on the device; sums are float in each. full: in float. tf32, bf16,
/// fp16: the factors are rounded to 10, 7 or 10 bits behind the point first (fp16 with the range of half, ±65504), which
/// tensor cores multiply several times faster.
enum class product_precision { full, tf32, bf16, fp16 };

/// A device, a stream of work on it, scratch memory and seed. Work is done in the order in which it was given; functions
/// return before it is done, unless they give a value to the host. Used by one thread at a time; no globals.
/// The same bits each time, for the same device and the same shapes.
template <>
class context<cuda> {
 public:
  using pool = detail::memory_pool<detail::device_memory>;

  struct options {
    int device = 0;          ///< its number, from 0; see find_devices()
    std::uint64_t seed = 0;  ///< of every random number drawn through this context
    product_precision precision = product_precision::full;
    std::size_t memory_limit = 0;  ///< bytes that this context may take from the device; 0: as many as there are
    void* stream = nullptr;        ///< a cudaStream_t of the caller's that outlives the context; null: one of its own
  };

  context() : context(options{}) {}
  /// Throws backend_error where there is no such device.
  explicit context(options const& o)
      : device_(o.device),
        seed_(o.seed),
        precision_(o.precision),
        stream_(stream_of(o)),
        memory_(std::make_shared<pool>(detail::device_memory(stream_, o.memory_limit))) {}

  /// The context of a function that was called without one: on the current device and on the default stream, which keeps
  /// in order with all streams (but those of the non-blocking kind).
  static context for_one_call() {
    options o;
#if defined(SOFTF1_DEVICE_CUDA)
    detail::check_cuda(cudaGetDevice(&o.device), "cudaGetDevice");
    o.stream = cudaStreamLegacy;
#endif
    return context(o);
  }

  context(context&&) = default;
  context& operator=(context&&) = default;

  int device() const { return device_; }
  std::uint64_t seed() const { return seed_; }
  product_precision precision() const { return precision_; }
  std::shared_ptr<pool> const& memory() const { return memory_; }
  /// Frees the scratch memory that is kept for reuse.
  void trim() { memory_->trim(); }
  /// Waits until all work that was given is done. Throws backend_error for what failed in it.
  void synchronise() { stream_->synchronise(); }

  detail::device_stream& stream() { return *stream_; }
  /// Where what belongs to a library of products is kept between them.
  std::shared_ptr<void>& products() { return products_; }

 private:
  static std::shared_ptr<detail::device_stream> stream_of(options const& o) {
    int const device = checked(o.device);
#if defined(SOFTF1_DEVICE_CUDA)
    if (o.stream) return std::make_shared<detail::device_stream>(device, static_cast<cudaStream_t>(o.stream));
#endif
    return std::make_shared<detail::device_stream>(device);
  }

  static int checked(int device) {
    int count = 1;
#if defined(SOFTF1_DEVICE_CUDA)
    detail::check_cuda(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
#endif
    if (device < 0 || device >= count)
      throw backend_error(std::string(device_system) + ": there is no device " + std::to_string(device) + ", there " +
                          (count == 1 ? "is 1" : "are " + std::to_string(count)) + ", counted from 0");
    return device;
  }

  int device_;
  std::uint64_t seed_;
  product_precision precision_;
  std::shared_ptr<detail::device_stream> stream_;
  std::shared_ptr<pool> memory_;
  std::shared_ptr<void> products_;
};

/// "cuda", or the system of Thrust's that stands in for it: "thrust_omp", "thrust_cpp".
inline std::string_view backend_name(context<cuda> const&) { return device_system; }

namespace detail {

/// Lends Thrust its scratch memory from a context. What it did not give back goes back with the allocator.
class thrust_allocator {
 public:
  using value_type = char;

  explicit thrust_allocator(context<cuda>& ctx) : pool_(*ctx.memory()) {}
  thrust_allocator(thrust_allocator const&) = delete;
  thrust_allocator& operator=(thrust_allocator const&) = delete;
  ~thrust_allocator() {
    for (auto const& block : lent_) pool_.give_back(block);
  }

  char* allocate(std::ptrdiff_t bytes) {
    lent_.reserve(lent_.size() + 1);
    lent_.push_back(pool_.take(static_cast<std::size_t>(bytes)));
    return static_cast<char*>(lent_.back().data);
  }
  void deallocate(char* data, std::size_t) noexcept {
    for (auto& block : lent_)
      if (block.data == data) {
        pool_.give_back(std::exchange(block, lent_.back()));
        lent_.pop_back();
        return;
      }
  }

 private:
  context<cuda>::pool& pool_;
  std::vector<context<cuda>::pool::block> lent_;
};

/// work(policy) for an algorithm of Thrust's: in the order of the context's stream, waiting for nothing but its result,
/// with scratch memory from the context. What Thrust throws becomes a backend_error that names `who`.
template <class Work>
decltype(auto) with_thrust(context<cuda>& ctx, std::string_view who, Work const& work) {
  thrust_allocator memory(ctx);
  [[maybe_unused]] auto const here = ctx.stream().use();
  return guarded(who, [&]() -> decltype(auto) {
#if defined(SOFTF1_DEVICE_CUDA)
    return work(thrust::cuda::par_nosync(memory).on(ctx.stream().get()));
#elif defined(SOFTF1_DEVICE_THRUST_OMP)
    return work(thrust::omp::par(memory));
#else
    return work(thrust::cpp::par(memory));
#endif
  });
}

}  // namespace detail
}  // namespace softf1::inline SOFTF1_ABI
