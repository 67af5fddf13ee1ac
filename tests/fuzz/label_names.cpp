// Names of labels: one a line, and Mulan's XML.
// needs: pugixml
#define SOFTF1_PUGIXML 1
#include <cstdio>

#include <softf1/data/label_list.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_label_list(path); });
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) {
    auto const named = path + ".xml";
    std::rename(path.c_str(), named.c_str());
    softf1::read_label_list(named);
  });
}
