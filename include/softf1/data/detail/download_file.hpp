// Files of downloaded images: their names, and how they come to be.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include <softf1/core/errors.hpp>
#include <softf1/data/image_name.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// The file name of an id: the id, and ".jpg" unless it ends as an image's name does (so that the default image
/// template of tables finds it). Characters but [A-Za-z0-9._-] become '_', a leading dot too; at most 128 characters of
/// the id are kept. Empty for an empty id.
inline std::string image_file_name(std::string_view id) {
  constexpr std::size_t longest = 128;
  std::string name(id.substr(0, longest));
  if (name.empty()) return name;
  for (char& c : name) {
    bool const is_safe =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!is_safe) c = '_';
  }
  if (name.front() == '.') name.front() = '_';
  return image_name(name);
}

/// What the bytes of an image are by their beginning: "jpg", "png", "bmp", "gif"; empty for anything else.
inline std::string_view image_extension(std::span<std::byte const> bytes) {
  auto const found = image::detail::format_of(bytes);
  if (found.kind == image::detail::file_kind::unknown) return {};
  if (found.name == "JPEG") return "jpg";
  return found.name == "PNG" ? "png" : found.name == "BMP" ? "bmp" : "gif";
}

/// A file that did not exist, all of it or nothing: false where `path` exists by now, which is then left as it is.
/// Throws io_error where the system cannot store it.
inline bool store_new_file(std::string const& path, std::span<std::byte const> bytes, std::string_view who) {
  static std::atomic<unsigned> counter{0};
  auto const temporary = io::detail::folder_of(path) + ".softf1-download-" + std::to_string(::getpid()) + "-" +
                         std::to_string(counter++) + ".tmp";
  struct remover {
    std::string const& path;
    ~remover() { ::unlink(path.c_str()); }
  } const remove{temporary};
  io::write_atomically(temporary, bytes, who);
  // Unlike a rename, a link never replaces a file.
  if (::link(temporary.c_str(), path.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  // Some file systems have no links.
  std::error_code failed;
  if (std::filesystem::symlink_status(path, failed).type() != std::filesystem::file_type::not_found) return false;
  if (::rename(temporary.c_str(), path.c_str()) != 0) io::detail::fail_system(who, "write", path, errno);
  return true;
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
