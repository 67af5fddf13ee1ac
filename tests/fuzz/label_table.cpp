// Tables of labels in every shape, and splits.
#include <softf1/data/split_file.hpp>
#include <softf1/data/table.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_label_table(path); });
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) {
    softf1::read_label_table(path, {.label_column = "g", .drop_unlabelled = true, .drop_repeated = true});
  });
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_split(path); });
}
