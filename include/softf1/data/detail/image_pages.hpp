// Pixels in a file that only the cache knows, mapped into memory.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/detail/mapping.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// A temporary file that grows, in a folder or, where none is named, in $TMPDIR or /tmp. It has no name: it ends with
/// this object, or with the process, whatever ended that. For one thread at a time; what was given stays valid.
class image_pages {
 public:
  /// Throws io_error where no file can be made there.
  explicit image_pages(std::string folder) : folder_(std::move(folder)) {
    char const* const usual = std::getenv("TMPDIR");
    if (folder_.empty()) folder_ = usual && *usual ? usual : "/tmp";
    auto path = folder_ + "/softf1-image-cache-XXXXXX";
    file_ = io::detail::file_descriptor(::mkostemp(path.data(), O_CLOEXEC));
    if (!file_) io::detail::fail_system(who, "create a file in", folder_, errno);
    ::unlink(path.c_str());
  }

  /// A copy at the file's end, as it lies in memory. Throws io_error where the disk is full or nothing more can be
  /// mapped; what was given before stays.
  std::span<std::uint8_t const> append(std::span<std::uint8_t const> pixels) {
    if (pixels.size() > room_) add_room(pixels.size());
    // Not through the mapping, where a full disk would be a signal.
    for (std::size_t done = 0; done < pixels.size();) {
      auto const rest = pixels.subspan(done);
      auto const at = static_cast<::off_t>(size_ - room_ + done);
      auto const wrote = io::detail::retry([&] { return ::pwrite(file_.number(), rest.data(), rest.size(), at); });
      if (wrote < 0) io::detail::fail_system(who, "write to a file in", folder_, errno);
      done += static_cast<std::size_t>(wrote);
    }
    auto const mapped = parts_.back().bytes();
    auto const* const begin = reinterpret_cast<std::uint8_t const*>(mapped.data() + (mapped.size() - room_));
    room_ -= pixels.size();
    return {begin, pixels.size()};
  }

 private:
  /// Few large mappings: a process may have some ten thousand. The file is sparse until it is written.
  void add_room(std::size_t wanted) {
    std::size_t const more = (wanted + part_size - 1) / part_size * part_size;
    if (::ftruncate(file_.number(), static_cast<::off_t>(size_ + more)) != 0)
      io::detail::fail_system(who, "write to a file in", folder_, errno);
    io::detail::mapping part(file_.number(), static_cast<::off_t>(size_), more, MAP_SHARED);
    if (part.empty()) io::detail::fail_system(who, "map a file in", folder_, errno);
    parts_.push_back(std::move(part));
    size_ += more;
    room_ = more;
  }

  static constexpr char const* who = "image_cache";
  static constexpr std::size_t part_size = std::size_t{1} << 28;  // a whole number of pages everywhere

  std::string folder_;
  io::detail::file_descriptor file_;
  std::vector<io::detail::mapping> parts_;
  std::size_t size_ = 0;  // of the file
  std::size_t room_ = 0;  // at the end of the last part
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
