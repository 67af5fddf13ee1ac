// What the fuzz targets share: bytes as a file, and that only the library's own errors may leave a parser.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <softf1/core/errors.hpp>

namespace softf1_fuzz {

/// Writes the bytes to a file of this process and calls read(path). A softf1::error is a right answer to wrong bytes;
/// anything else that is thrown ends the program.
template <class Read>
int try_bytes(std::uint8_t const* data, std::size_t size, Read read) {
  static std::string const path = [] {
    char const* const folder = std::getenv("TMPDIR");
    return std::string(folder ? folder : "/tmp") + "/softf1-fuzz-" + std::to_string(::getpid());
  }();
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (!file) std::abort();
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  try {
    read(path);
  } catch (softf1::error const&) {
  }
  return 0;
}

}  // namespace softf1_fuzz
