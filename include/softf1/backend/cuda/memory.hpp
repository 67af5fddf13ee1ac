// Memory of the device.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <softf1/backend/cuda/system.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

#if defined(SOFTF1_DEVICE_CUDA)
/// Makes a device the calling thread's, and at its end the one before.
class device_guard {
 public:
  explicit device_guard(int device) {
    check_cuda(cudaGetDevice(&before_), "cudaGetDevice");
    if (before_ == device)
      before_ = none;
    else
      check_cuda(cudaSetDevice(device), "cudaSetDevice");
  }
  ~device_guard() {
    if (before_ != none) cudaSetDevice(before_);
  }
  device_guard(device_guard const&) = delete;
  device_guard& operator=(device_guard const&) = delete;

 private:
  static constexpr int none = -1;
  int before_ = none;
};

/// The order of work on a device: a stream of its own, or one of the caller's.
class device_stream {
 public:
  explicit device_stream(int device) : device_(device), owned_(true) {
    auto const here = use();
    // Not of the non-blocking kind: so it keeps in order with what users do on the default stream.
    check_cuda(cudaStreamCreate(&stream_), "cudaStreamCreate");
  }
  device_stream(int device, cudaStream_t stream) : stream_(stream), device_(device), owned_(false) {}
  ~device_stream() {
    if (owned_ && cudaStreamDestroy(stream_) != cudaSuccess) cudaGetLastError();
  }
  device_stream(device_stream const&) = delete;
  device_stream& operator=(device_stream const&) = delete;

  [[nodiscard]] device_guard use() const { return device_guard(device_); }
  void synchronise() const {
    // The default stream is that of the current device.
    auto const here = use();
    check_cuda(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }
  int device() const { return device_; }
  cudaStream_t get() const { return recorded_ ? recorded_ : stream_; }

  /// While work is recorded, it goes to a stream that takes it down in place of doing it.
  void record_on(cudaStream_t stand_in) { recorded_ = stand_in; }
  bool recording() const { return recorded_ != nullptr; }

 private:
  cudaStream_t stream_ = nullptr, recorded_ = nullptr;
  int device_;
  bool owned_;
};
#else
/// On hosts everything is in order.
struct device_guard {};
class device_stream {
 public:
  explicit device_stream(int) {}
  [[nodiscard]] device_guard use() const { return {}; }
  void synchronise() const {}
  bool recording() const { return false; }
};
#endif

/// Memory of the device, allocated in the order of a stream.
class device_memory {
 public:
  device_memory() = default;
  /// `limit`: bytes that may be had at once; 0: as many as there are.
  device_memory(std::shared_ptr<device_stream> stream, std::size_t limit) : stream_(std::move(stream)), limit_(limit) {}

  void* allocate(std::size_t bytes) {
    // An address from within a recording would be good in the recording alone.
    if (stream_->recording()) throw backend_error("cuda: memory was asked for while work was recorded");
    void* data = limit_ > 0 && bytes > limit_ - used_ ? nullptr : allocate_new(bytes);
    if (!data) throw out_of_memory(no_room(bytes), bytes);
    used_ += bytes;
    return data;
  }

  void deallocate(void* data, std::size_t bytes) noexcept {
    used_ -= bytes;
#if defined(SOFTF1_DEVICE_CUDA)
    // The default stream is that of the current device. A failure is not thrown, and not blamed on the next call either.
    int before = 0;
    bool const known = cudaGetDevice(&before) == cudaSuccess && cudaSetDevice(stream_->device()) == cudaSuccess;
    if (cudaFreeAsync(data, stream_->get()) != cudaSuccess) cudaGetLastError();
    if (known) cudaSetDevice(before);
#else
    ::operator delete(data, std::align_val_t{64});
#endif
  }

  std::size_t used() const { return used_; }

 private:
  void* allocate_new(std::size_t bytes) {
#if defined(SOFTF1_DEVICE_CUDA)
    auto const here = stream_->use();
    void* data = nullptr;
    auto const code = cudaMallocAsync(&data, bytes, stream_->get());
    if (code == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      return nullptr;
    }
    check_cuda(code, "cudaMallocAsync");
    return data;
#else
    return ::operator new(bytes, std::align_val_t{64}, std::nothrow);
#endif
  }

  std::string no_room(std::size_t bytes) const {
    std::string text = std::string(device_system) + ": out of memory, asked for " + std::to_string(bytes) + " bytes";
    std::size_t free = limit_ - used_, total = limit_;
#if defined(SOFTF1_DEVICE_CUDA)
    auto const here = stream_->use();
    if (limit_ == 0 && cudaMemGetInfo(&free, &total) != cudaSuccess) total = 0;
#endif
    if (total > 0) text += ", " + std::to_string(free) + " of " + std::to_string(total) + " are free";
    return text + "; a smaller batch needs less";
  }

  std::shared_ptr<device_stream> stream_;
  std::size_t limit_ = 0, used_ = 0;
};

enum class copy_kind { to_device, from_device, on_device };

/// Copies bytes in the order of the stream; between host and device it waits until they are there.
inline void copy_bytes(device_stream const& stream, void const* from, void* to, std::size_t bytes, copy_kind kind) {
  if (bytes == 0) return;
#if defined(SOFTF1_DEVICE_CUDA)
  auto const here = stream.use();
  auto const direction = kind == copy_kind::to_device     ? cudaMemcpyHostToDevice
                         : kind == copy_kind::from_device ? cudaMemcpyDeviceToHost
                                                          : cudaMemcpyDeviceToDevice;
  check_cuda(cudaMemcpyAsync(to, from, bytes, direction, stream.get()), "cudaMemcpyAsync");
  if (kind != copy_kind::on_device) stream.synchronise();
#else
  (void)stream, (void)kind;
  std::memcpy(to, from, bytes);
#endif
}

}  // namespace softf1::inline SOFTF1_ABI::detail
