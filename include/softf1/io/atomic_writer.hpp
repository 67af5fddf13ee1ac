// Writing a file so that its name shows the whole new content or the old one, never a part.
#pragma once

#include <atomic>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

/// The folder of a path, with its last slash; "./" where it has none.
inline std::string folder_of(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

/// Follows symbolic links to the file they mean, whether or not it exists, so that a link survives a rename onto it.
inline std::string follow_links(std::string path) {
  for (int depth = 0; depth < 40; ++depth) {
    char target[4096];
    auto const length = ::readlink(path.c_str(), target, sizeof target);
    if (length <= 0) break;
    std::string const link(target, static_cast<std::size_t>(length));
    path = link[0] == '/' ? link : folder_of(path) + link;
  }
  return path;
}

/// The descriptor that a path names ("-", /dev/stdout, /dev/stderr, /dev/fd/N), or -1. Opened anew, a redirected
/// standard output would be written from its beginning, over what is already there.
inline int descriptor_named(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return 1;
  if (path == "/dev/stderr") return 2;
  constexpr std::string_view folder = "/dev/fd/";
  int number = -1;
  if (!path.starts_with(folder)) return -1;
  auto const end = path.data() + path.size();
  return std::from_chars(path.data() + folder.size(), end, number).ptr == end ? number : -1;
}

}  // namespace detail

/// Writes a temporary file beside the target; `commit` flushes it to the disk and renames it onto the target. Without
/// commit, or after any failure, the temporary is removed and the target stays as it was. A target that exists keeps
/// its permissions and, where the system allows, its owner; a symbolic link keeps pointing to the file, which is
/// replaced. "-", /dev/stdout, devices and pipes are written directly.
class atomic_writer {
 public:
  /// `who` begins the sentences of errors. Throws io_error where the target cannot be replaced or its folder not
  /// written.
  explicit atomic_writer(std::string path, std::string who = "atomic_writer")
      : path_(std::move(path)), who_(std::move(who)) {
    if (path_.empty()) fail(ENOENT);
    buffer_.reserve(capacity);
    if (int const number = detail::descriptor_named(path_); number >= 0) {
      if (number == 1) std::fflush(stdout);
      file_ = detail::file_descriptor(::dup(number));
      if (!file_) fail(errno);
      return;
    }
    struct ::stat status {};
    bool const exists = ::stat(path_.c_str(), &status) == 0;
    if (!exists && errno != ENOENT) fail(errno);
    if (exists && S_ISDIR(status.st_mode)) fail(EISDIR);
    if (exists && !S_ISREG(status.st_mode)) {
      file_ = detail::file_descriptor(detail::retry([&] { return ::open(path_.c_str(), O_WRONLY | O_CLOEXEC); }));
      if (!file_) fail(errno);
      return;
    }
    // A rename would replace a write-protected file without asking.
    if (exists && ::faccessat(AT_FDCWD, path_.c_str(), W_OK, AT_EACCESS) != 0) fail(errno);
    target_ = detail::follow_links(path_);
    create_temporary();
    if (exists) {
      // Best effort: only root may give files away, and some file systems have no permissions.
      [[maybe_unused]] int const owner = ::fchown(file_.number(), status.st_uid, status.st_gid);
      ::fchmod(file_.number(), status.st_mode & 07777);
    }
  }

  atomic_writer(atomic_writer&& other) noexcept
      : path_(std::move(other.path_)),
        who_(std::move(other.who_)),
        target_(std::move(other.target_)),
        temporary_(std::exchange(other.temporary_, {})),
        file_(std::move(other.file_)),
        buffer_(std::exchange(other.buffer_, {})) {}
  atomic_writer& operator=(atomic_writer&&) = delete;

  ~atomic_writer() { remove_temporary(); }

  void write(std::span<std::byte const> bytes) {
    if (buffer_.size() + bytes.size() > capacity) flush();
    if (bytes.size() >= capacity)
      write_out(bytes);
    else
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }

  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Overwrites the beginning of what was written before. Throws io_error on a direct target.
  void rewrite_beginning(std::string_view bytes) {
    flush();
    if (is_direct()) fail(ESPIPE);
    for (std::size_t done = 0; done < bytes.size();) {
      auto const n = detail::retry(
          [&] { return ::pwrite(file_.number(), &bytes[done], bytes.size() - done, static_cast<off_t>(done)); });
      if (n <= 0) fail(n < 0 ? errno : EIO);
      done += static_cast<std::size_t>(n);
    }
  }

  /// True for a target that is written directly, without a temporary: a device, a pipe, "-".
  bool is_direct() const { return target_.empty(); }

  /// Puts the content under its final name. Throws io_error where the system cannot store it: then nothing has changed.
  void commit() {
    flush();
    if (!file_) fail(EBADF);
    if (!is_direct() && detail::retry([&] { return ::fsync(file_.number()); }) != 0 && !has_no_fsync(errno))
      fail(errno);
    if (int const code = file_.close(); code != 0) fail(code);
    if (is_direct()) return;
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
    temporary_.clear();
    // The new name is on the disk once the folder is; where this fails, the content is whole under either name.
    detail::file_descriptor const folder(
        ::open(detail::folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) ::fsync(folder.number());
  }

 private:
  static constexpr std::size_t capacity = 1 << 16;

  static bool has_no_fsync(int code) { return code == EINVAL || code == ENOSYS || code == ENOTSUP; }

  void remove_temporary() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    temporary_.clear();
  }

  // What was written is not known any more: nothing may be committed after a failure.
  [[noreturn]] void fail(int code) {
    remove_temporary();
    file_.close();
    detail::fail_system(who_, "write", path_, code);
  }

  void create_temporary() {
    static std::atomic<unsigned> counter{0};
    // A name of its own, not the target's with an ending: that may be longer than the file system allows.
    auto const stem = detail::folder_of(target_) + ".softf1-" + std::to_string(::getpid()) + "-";
    do {
      temporary_ = stem + std::to_string(counter++) + ".tmp";
      file_ = detail::file_descriptor(
          detail::retry([&] { return ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }));
    } while (!file_ && errno == EEXIST);
    if (file_) return;
    temporary_.clear();
    fail(errno);
  }

  void flush() {
    write_out(buffer_);
    buffer_.clear();
  }

  void write_out(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
      auto const n = detail::retry([&] { return ::write(file_.number(), bytes.data(), bytes.size()); });
      if (n <= 0) fail(n < 0 ? errno : EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  std::string path_, who_;
  std::string target_;     // the file behind links; empty where the target is written directly
  std::string temporary_;  // to be removed, unless empty
  detail::file_descriptor file_;
  std::vector<std::byte> buffer_;
};

/// Writes what `fill(atomic_writer&)` writes, all of it or nothing. Throws io_error where the system cannot store it;
/// an exception of `fill` leaves the target as it was.
template <class Fill>
  requires std::invocable<Fill&, atomic_writer&>
void write_atomically(std::string const& path, Fill&& fill, std::string_view who = "write_atomically") {
  atomic_writer writer(path, std::string(who));
  fill(writer);
  writer.commit();
}

/// Writes bytes, all of them or nothing.
inline void write_atomically(std::string const& path, std::span<std::byte const> bytes,
                             std::string_view who = "write_atomically") {
  write_atomically(path, [&](atomic_writer& writer) { writer.write(bytes); }, who);
}

/// Writes a text, all of it or nothing.
inline void write_atomically(std::string const& path, std::string_view text,
                             std::string_view who = "write_atomically") {
  write_atomically(path, [&](atomic_writer& writer) { writer.write(text); }, who);
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::write_atomically;
}
