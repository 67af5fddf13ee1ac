// TFRecord files, the messages in them, and tar archives: as they are, and with right checksums.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include <softf1/data/record_source.hpp>

#include "fuzz.hpp"

namespace {

void read_all(std::string const& path) {
  softf1::data::record_options options;
  for (auto const policy : {softf1::on_corrupt::fail, softf1::on_corrupt::skip}) {
    options.on_corrupt = policy;
    try {
      auto const set = softf1::read_records(path, options);
      std::vector<std::byte> memory;
      for (std::size_t i = 0; i < set.images->size(); ++i) set.images->read(i, memory);
    } catch (softf1::error const&) {
    }
  }
}

/// As an archive whose headers have right checksums.
void read_archive(std::string const& path, std::vector<std::uint8_t> bytes) {
  for (std::size_t at = 0; at + 512 <= bytes.size(); at += 512) {
    if (std::memcmp(&bytes[at + 257], "ustar", 5) != 0) continue;
    std::memset(&bytes[at + 148], ' ', 8);
    unsigned sum = 0;
    for (std::size_t k = 0; k < 512; ++k) sum += bytes[at + k];
    std::snprintf(reinterpret_cast<char*>(&bytes[at + 148]), 8, "%06o", sum);
  }
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (!file) std::abort();
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  read_all(path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return softf1_fuzz::try_bytes(data, size, [&](std::string const& path) {
    read_all(path);
    read_archive(path + ".tar", {data, data + size});
    std::remove((path + ".tar").c_str());
    softf1::tfrecord_writer writer(path);
    writer.write(std::as_bytes(std::span(data, size)));
    writer.close();
    read_all(path);
  });
}
