// What the tests of io share: files made of bytes, and the sentence of an error.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>

#include "support/paths.hpp"

namespace softf1_io_test {

using namespace std::string_literals;

inline void put(std::filesystem::path const& path, std::string const& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string get(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Number of files and folders in a folder: a forgotten temporary is one too many.
inline std::ptrdiff_t count_files(std::filesystem::path const& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

/// The sentence of the E that f() throws; any other outcome is a sentence that no test expects.
template <class E = softf1::io_error, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (E const& e) {
    return e.what();
  } catch (std::exception const& e) {
    return "another exception: "s + e.what();
  }
  return "nothing was thrown";
}

/// True where f() returns or throws a softf1::error: what reading a damaged file may do.
template <class F>
bool ends_well(F&& f) {
  try {
    f();
  } catch (softf1::error const&) {
  }
  return true;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// `part` where the text has it, else all of the text: a failed comparison shows what there was instead.
inline std::string part_of(std::string const& text, std::string const& part) {
  return contains(text, part) ? part : text;
}

/// The integer's bytes, least significant first.
inline std::string little_endian(std::size_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t k = 0; k < bytes; ++k) text += static_cast<char>(value >> 8 * k & 0xff);
  return text;
}

}  // namespace softf1_io_test
