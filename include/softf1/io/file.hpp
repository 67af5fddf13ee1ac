// Reading a file: whole, or mapped into memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/detail/mapping.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

struct opened_file {
  file_descriptor descriptor;
  bool regular;
  std::size_t size;  ///< of a regular file
};

/// Opens for reading; "-" is the standard input. A directory is refused here: read() would say so less clearly.
inline opened_file open_to_read(std::string const& path, std::string_view who) {
  file_descriptor descriptor(path == "-" ? ::dup(0)
                                         : retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!descriptor) fail_system(who, "open", path, errno);
  struct ::stat status {};
  if (::fstat(descriptor.number(), &status) != 0) fail_system(who, "read", path, errno);
  if (S_ISDIR(status.st_mode)) fail_system(who, "read", path, EISDIR);
  return {std::move(descriptor), S_ISREG(status.st_mode), static_cast<std::size_t>(status.st_size)};
}

/// Everything from here to the end; `size` is a guess (files of /proc and pipes have none).
inline std::vector<std::byte> read_to_end(int descriptor, std::size_t size, std::string const& path,
                                          std::string_view who) {
  std::vector<std::byte> bytes(size);
  std::size_t have = 0;
  for (;;) {
    // One byte more than expected tells the end of a file that has not grown without another allocation.
    std::byte probe[4096];
    bool const full = have == bytes.size();
    auto const got = retry([&] {
      return full ? ::read(descriptor, probe, sizeof probe) : ::read(descriptor, &bytes[have], bytes.size() - have);
    });
    if (got < 0) fail_system(who, "read", path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (full) bytes.insert(bytes.end(), probe, probe + got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace detail

/// All bytes of a file; "-" reads the standard input, pipes are read to their end.
/// Throws io_error with the system's reason where it cannot be opened or read.
inline std::vector<std::byte> read_file(std::string const& path, std::string_view who = "read_file") {
  auto const file = detail::open_to_read(path, who);
  return detail::read_to_end(file.descriptor.number(), file.regular ? file.size : 0, path, who);
}

/// A file mapped read-only: its pages are read when they are first touched. What cannot be mapped (a pipe, "-") is read
/// whole instead. The file must not be shortened while it is mapped; replacing it by a rename is harmless.
class mapped_file {
 public:
  /// Throws io_error with the system's reason where the file cannot be opened, mapped or read.
  explicit mapped_file(std::string const& path, std::string_view who = "mapped_file") {
    auto const file = detail::open_to_read(path, who);
    // Files of /proc are regular and claim to be empty.
    if (!file.regular || file.size == 0) {
      owned_ = detail::read_to_end(file.descriptor.number(), 0, path, who);
      return;
    }
    mapping_ = detail::mapping(file.descriptor.number(), 0, file.size, MAP_PRIVATE);
    if (mapping_.empty()) detail::fail_system(who, "map", path, errno);
  }

  std::span<std::byte const> bytes() const { return mapping_.empty() ? owned_ : mapping_.bytes(); }
  std::string_view text() const { return {reinterpret_cast<char const*>(bytes().data()), bytes().size()}; }

  /// Tells the system that the file will be read from front to back.
  void expect_sequential_reads() const { mapping_.advise(MADV_SEQUENTIAL); }

  /// Tells the system that what has been read need not stay in memory; it is read again where it is touched again.
  void let_go() const { mapping_.advise(MADV_DONTNEED); }

 private:
  std::vector<std::byte> owned_;
  detail::mapping mapping_;
};

}  // namespace softf1::inline SOFTF1_ABI::io
