// CSV and text: as a table, and as numbers.
#include <softf1/io/csv.hpp>
#include <softf1/io/matrix.hpp>
#include <softf1/io/text.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_csv(path); });
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_csv_matrix(path); });
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_text_matrix(path); });
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_matrix(path); });
}
