// In place of engine_device.cpp where the program is built for the CPU only.
#include <softf1/core/errors.hpp>

#include "devices.hpp"
#include "engine.hpp"

namespace program {

std::string_view device_backend() { return {}; }

found_devices find_devices() {
  return {{}, "this softf1 is built for the CPU only: configure with SOFTF1_BACKEND=cuda"};
}

std::unique_ptr<engine> make_device_engine(common_options const&, int, std::string const&) {
  throw softf1::backend_error(find_devices().why_none);
}

}  // namespace program
