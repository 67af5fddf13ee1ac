// Rows that come from the host while the device works: pinned memory, and a stream of its own for the way.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <softf1/backend/cuda/elementwise.hpp>
#include <softf1/backend/staging.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {

#if defined(SOFTF1_DEVICE_CUDA)
/// Memory of the host that a device reads by itself.
struct pinned_memory {
  explicit pinned_memory(std::size_t bytes) { check_cuda(cudaMallocHost(&data, bytes), "cudaMallocHost"); }
  ~pinned_memory() { cudaFreeHost(data); }
  pinned_memory(pinned_memory const&) = delete;
  pinned_memory& operator=(pinned_memory const&) = delete;
  void* data = nullptr;
};

/// A place in the order of a stream.
struct stream_mark {
  stream_mark() { check_cuda(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreate"); }
  ~stream_mark() { cudaEventDestroy(event); }
  stream_mark(stream_mark const&) = delete;
  stream_mark& operator=(stream_mark const&) = delete;

  void set(device_stream const& at) { check_cuda(cudaEventRecord(event, at.get()), "cudaEventRecord"); }
  void hold_back(device_stream const& what) {
    check_cuda(cudaStreamWaitEvent(what.get(), event), "cudaStreamWaitEvent");
  }
  void wait() { check_cuda(cudaEventSynchronize(event), "cudaEventSynchronize"); }

  cudaEvent_t event = nullptr;
};
#else
struct pinned_memory {
  explicit pinned_memory(std::size_t bytes) : memory(bytes), data(memory.data()) {}
  std::vector<std::byte> memory;
  void* data;
};
struct stream_mark {
  void set(device_stream const&) {}
  void hold_back(device_stream const&) {}
  void wait() {}
};
#endif

}  // namespace detail

template <class T>
class staging_queue<T, cuda> {
 public:
  /// Throws backend_error where memory is lacking.
  staging_queue(context<cuda>& ctx, std::size_t size)
      : way_(std::make_shared<detail::device_stream>(ctx.device())),
        size_(size),
        slots_{slot(ctx, size), slot(ctx, size)} {
    // The slots' memory may still be worked on by whoever had it before.
    for (auto& s : slots_) s.read.set(ctx.stream());
  }
  ~staging_queue() {
    try {
      way_->synchronise();
    } catch (backend_error const&) {
      // It was reported, or will be, by work that somebody waits for.
    }
  }
  staging_queue(staging_queue const&) = delete;
  staging_queue& operator=(staging_queue const&) = delete;

  std::size_t size() const { return size_; }

  /// Memory of the host, for `size()` elements. Waits until what was sent from it before has arrived.
  T* next() {
    auto& s = slots_[sent_ % 2];
    s.arrived.wait();
    return static_cast<T*>(s.host->data);
  }

  /// Sends the first `count` elements of what `next` gave.
  void send(context<cuda>&, std::size_t count) {
    require_value(sent_ - received_ < 2, "staging_queue", "two arrays are on their way already");
    require_value(count <= size_, "staging_queue",
                  "an array has at most " + std::to_string(size_) + " elements, got " + std::to_string(count));
    auto& s = slots_[sent_ % 2];
    s.count = count;
    s.read.hold_back(*way_);
#if defined(SOFTF1_DEVICE_CUDA)
    auto const here = way_->use();
    detail::check_cuda(
        cudaMemcpyAsync(s.device.data(), s.host->data, count * sizeof(T), cudaMemcpyHostToDevice, way_->get()),
        "cudaMemcpyAsync");
#else
    detail::copy_bytes(*way_, s.host->data, s.device.data(), count * sizeof(T), detail::copy_kind::to_device);
#endif
    s.arrived.set(*way_);
    ++sent_;
  }

  /// Throws shape_error for another length than was sent.
  void receive(context<cuda>& ctx, vector_view<T, cuda> to) {
    require_value(sent_ > received_, "staging_queue", "nothing was sent that was not received");
    auto& s = slots_[received_ % 2];
    s.arrived.hold_back(ctx.stream());
    copy(ctx, vector_view<const T, cuda>(s.device.data(), s.count), to);
    s.read.set(ctx.stream());
    ++received_;
  }

 private:
  struct slot {
    slot(context<cuda>& ctx, std::size_t size)
        : host(std::make_unique<detail::pinned_memory>(size * sizeof(T))), device(ctx, size) {}
    std::unique_ptr<detail::pinned_memory> host;
    buffer<T, cuda> device;
    detail::stream_mark arrived, read;
    std::size_t count = 0;
  };

  std::shared_ptr<detail::device_stream> way_;
  std::size_t size_;
  std::array<slot, 2> slots_;
  std::size_t sent_ = 0, received_ = 0;
};

}  // namespace softf1::inline SOFTF1_ABI
