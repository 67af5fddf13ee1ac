// The JSON form of a decision rule.
#include <softf1/io/json_decisions.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::io::read_decision_rule(path); });
}
