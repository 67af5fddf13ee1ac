// The JSON form of a decision rule, and of its calibration.
#include <softf1/io/json_calibration.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::io::read_calibrated_rule(path); });
}
