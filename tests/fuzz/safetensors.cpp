// .safetensors: the header, and every tensor.
#include <softf1/io/safetensors.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) {
    auto const file = softf1::read_safetensors(path);
    for (auto const& entry : file.entries()) file.tensor(entry.name);
  });
}
