// Memory of the device.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include <softf1/backend/cuda/system.hpp>

namespace softf1::inline SOFTF1_ABI::detail {

/// The order of work on a device: a stream, destroyed with the last that uses it. On hosts everything is in order.
class device_stream {
 public:
#if defined(SOFTF1_DEVICE_CUDA)
  explicit device_stream(int device) : device_(device) {
    use();
    // Not of the non-blocking kind: so it keeps in order with what users do on the default stream.
    check_cuda(cudaStreamCreate(&stream_), "cudaStreamCreate");
  }
  ~device_stream() {
    if (cudaSetDevice(device_) == cudaSuccess) cudaStreamDestroy(stream_);
  }
  device_stream(device_stream const&) = delete;
  device_stream& operator=(device_stream const&) = delete;

  /// Makes the device the calling thread's.
  void use() const { check_cuda(cudaSetDevice(device_), "cudaSetDevice"); }
  void synchronise() const { check_cuda(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }
  cudaStream_t get() const { return stream_; }
  bool recording() const {
    auto status = cudaStreamCaptureStatusNone;
    check_cuda(cudaStreamIsCapturing(stream_, &status), "cudaStreamIsCapturing");
    return status != cudaStreamCaptureStatusNone;
  }

 private:
  cudaStream_t stream_ = nullptr;
#else
  explicit device_stream(int device) : device_(device) {}
  void use() const {}
  void synchronise() const {}
  bool recording() const { return false; }

 private:
#endif
  int device_;
};

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
    if (!data) throw backend_error(out_of_memory(bytes));
    used_ += bytes;
    return data;
  }

  void deallocate(void* data, std::size_t bytes) noexcept {
    used_ -= bytes;
#if defined(SOFTF1_DEVICE_CUDA)
    cudaFreeAsync(data, stream_->get());
#else
    ::operator delete(data, std::align_val_t{64});
#endif
  }

  std::size_t used() const { return used_; }

 private:
  void* allocate_new(std::size_t bytes) {
#if defined(SOFTF1_DEVICE_CUDA)
    stream_->use();
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

  std::string out_of_memory(std::size_t bytes) const {
    std::string text = std::string(device_system) + ": out of memory, asked for " + std::to_string(bytes) + " bytes";
    std::size_t free = limit_ - used_, total = limit_;
#if defined(SOFTF1_DEVICE_CUDA)
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
  stream.use();
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
