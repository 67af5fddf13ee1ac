// ARFF.
#include <softf1/data/arff.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_arff(path, {"a"}); });
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_arff(path, {"b", "c d"}); });
}
