// All code of the program for a device: nvcc compiles it where the backend is CUDA.
#include <softf1/backend/cuda/devices.hpp>

#include "devices.hpp"
#include "engine_on.hpp"

namespace program {

std::string_view device_backend() { return softf1::device_system; }

found_devices find_devices() {
  auto const found = softf1::find_devices();
  found_devices all{{}, found.why_none};
  for (auto const& d : found.devices) all.devices.push_back({d.number, d.name, d.architecture, d.memory, d.free});
  return all;
}

std::unique_ptr<engine> make_device_engine(common_options const& options, int device, std::string const& precision) {
  using enum softf1::product_precision;
  auto const products = precision == "tf32" ? tf32 : precision == "bf16" ? bf16 : precision == "fp16" ? fp16 : full;
  softf1::context<softf1::cuda>::options const how{.device = device, .seed = options.seed, .precision = products};
  return std::make_unique<engine_on<softf1::cuda>>(options, how, precision);
}

}  // namespace program
