// What --device can name beside cpu.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace program {

/// A device of this machine.
struct found_device {
  int number;
  std::string name, architecture;
  std::size_t memory, free;  ///< bytes; 0: unknown
};

/// The devices that can be used.
struct found_devices {
  std::vector<found_device> devices;
  std::string why_none;  ///< a sentence; empty where there are devices
};

/// Of the unit that holds the device's code, or stands in for it. device_backend: "cuda", "thrust_omp", "thrust_cpp", or
/// empty where the program is built for the CPU only.
std::string_view device_backend();
found_devices find_devices();

}  // namespace program
