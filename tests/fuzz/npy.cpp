// .npy: reading whole, mapped and in blocks.
#include <softf1/io/npy.hpp>
#include <softf1/io/npy_stream.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) {
    auto const whole = softf1::read_npy(path);
    softf1::map_npy(path);
    if (whole.rank() == 2) whole.as<double>("fuzz");
    softf1::npy_reader reader(path);
    while (reader.position() < reader.rows()) reader.read_rows(3);
  });
}
