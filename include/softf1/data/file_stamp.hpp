// When and how large a file was: tells that it has changed without reading it.
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Size and last change of a file. A file whose content was replaced has another stamp, unless someone set both back.
struct file_stamp {
  std::int64_t size = 0;  ///< in bytes
  std::int64_t time = 0;  ///< of the last change of its content, in nanoseconds since 1970

  friend bool operator==(file_stamp const&, file_stamp const&) = default;
};

/// The stamp of the file that `path` names, through symbolic links; zeros where there is none or the system does not
/// say. Cost: one system call.
inline file_stamp stamp_of(std::string const& path) {
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  auto const& changed = status.st_mtim;
  return {static_cast<std::int64_t>(status.st_size),
          static_cast<std::int64_t>(changed.tv_sec) * 1'000'000'000 + static_cast<std::int64_t>(changed.tv_nsec)};
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::file_stamp;
using data::stamp_of;
}  // namespace softf1::inline SOFTF1_ABI
