// The devices of this machine.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <softf1/backend/cuda/context.hpp>

namespace softf1::inline SOFTF1_ABI {

/// A device that a context can be made for.
struct device_description {
  int number;                        ///< for context<cuda>::options::device
  std::string name;                  ///< as its maker calls it
  std::string architecture;          ///< "sm_90"; of Thrust's host systems their name
  std::size_t memory = 0, free = 0;  ///< bytes; 0: unknown
};

/// The devices found, and where there are none, why.
struct device_list {
  std::vector<device_description> devices;
  std::string why_none;  ///< a sentence; empty where there are devices
};

/// Looks for devices. Throws nothing: a machine without a driver has no devices, and says so.
inline device_list find_devices() {
  device_list found;
#if defined(SOFTF1_DEVICE_CUDA)
  int count = 0;
  auto code = cudaGetDeviceCount(&count);
  for (int k = 0; code == cudaSuccess && k < count; ++k) {
    // A device that cannot be used hides no other.
    cudaDeviceProp about{};
    device_description d{.number = k, .name = {}, .architecture = {}};
    try {
      detail::check_cuda(cudaGetDeviceProperties(&about, k), "cudaGetDeviceProperties");
      detail::device_guard const here(k);
      detail::check_cuda(cudaMemGetInfo(&d.free, &d.memory), "cudaMemGetInfo");
    } catch (backend_error const& e) {
      found.why_none = e.what();
      continue;
    }
    d.name = about.name;
    d.architecture = "sm_" + std::to_string(10 * about.major + about.minor);
    found.devices.push_back(std::move(d));
  }
  if (!found.devices.empty()) {
    found.why_none.clear();
  } else if (code != cudaSuccess) {
    cudaGetLastError();
    found.why_none =
        std::string("no device can be used: ") + cudaGetErrorString(code) + " (" + cudaGetErrorName(code) + ")";
  } else if (count == 0) {
    found.why_none = "the driver finds no device";
  }
#else
  found.devices.push_back({.number = 0,
                           .name = "the host, through Thrust's " + std::string(device_system.substr(7)) + " system",
                           .architecture = std::string(device_system)});
#endif
  return found;
}

}  // namespace softf1::inline SOFTF1_ABI
