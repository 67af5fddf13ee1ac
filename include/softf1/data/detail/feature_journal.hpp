// The rows of an extraction that is under way: a file that only grows, and survives its writer's death at any byte.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <softf1/data/detail/feature_record.hpp>
#include <softf1/data/file_stamp.hpp>
#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// The journal of one cache: closed until `open` has its lock, which `remove`, `release` and the end of the process end.
class feature_journal {
 public:
  enum class when_absent : unsigned char { leave, make };

  feature_journal(std::string path, std::size_t dimension, std::uint64_t key, std::string_view who)
      : path_(std::move(path)), dimension_(dimension), key_(key), who_(who) {}
  feature_journal(feature_journal&&) = default;
  ~feature_journal() { release(); }

  bool is_open() const { return static_cast<bool>(file_); }
  /// Bytes that `replay` cut off: a record that was being written, or what was damaged and all behind it.
  std::size_t dropped_bytes() const { return dropped_; }

  /// Opens and locks the file; false where it is not there and shall not be made. Throws io_error where another one has
  /// the lock, in this process or any other.
  bool open(when_absent absent) {
    int const flags = O_RDWR | O_APPEND | O_CLOEXEC | (absent == when_absent::make ? O_CREAT : 0);
    for (;;) {
      io::detail::file_descriptor file(io::detail::retry([&] { return ::open(path_.c_str(), flags, 0666); }));
      if (!file && errno == ENOENT && absent == when_absent::leave) return false;
      if (!file) io::detail::fail_system(who_, "open", path_, errno);
      if (io::detail::retry([&] { return ::flock(file.number(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno != EWOULDBLOCK) io::detail::fail_system(who_, "lock", path_, errno);
        io::detail::fail(who_, path_, "the cache is in use by another extraction");
      }
      // Its last owner may have removed it between the two calls: then the lock is one on nothing.
      if (!is_at_path(file.number())) continue;
      file_ = std::move(file);
      return true;
    }
  }

  /// Calls take(record) for each whole row, in order of writing, and cuts off what is behind the last one. A file of
  /// another dimension or key is emptied.
  template <class Take>
  void replay(Take&& take) {
    std::size_t size = 0, left = 0;
    {
      io::mapped_file const mapped(path_, who_);
      auto const bytes = mapped.bytes();
      size = left = bytes.size();
      auto const expected = feature_header(dimension_, key_);
      if (text_of(bytes).starts_with(expected)) {
        feature_record_reader reader(bytes.subspan(expected.size()), dimension_);
        for (feature_record record; reader.next(record);) take(std::as_const(record));
        left = reader.left();
      }
    }
    dropped_ += left;
    end_ = size - left;
    if (left != 0) cut();
  }

  /// Appends a row, in one call of the system where it takes it whole. Throws io_error where it does not fit; the rows
  /// before it stay.
  void append(std::string_view id, file_stamp stamp, std::span<float const> values) {
    if (end_ == 0) write(feature_header(dimension_, key_));
    put_feature_record(record_, id, stamp, values);
    write(record_);
  }

  /// Ends the lock. A file without rows is removed: nothing is lost with it.
  void release() noexcept {
    struct ::stat status {};
    if (is_open() && ::fstat(file_.number(), &status) == 0 &&
        static_cast<std::size_t>(status.st_size) <= feature_journal_header)
      ::unlink(path_.c_str());
    close();
  }

  /// Removes the file and ends the lock.
  void remove() {
    if (!is_open()) return;
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT) io::detail::fail_system(who_, "remove", path_, errno);
    close();
  }

 private:
  void close() noexcept {
    file_.close();
    end_ = 0;
    is_torn_ = false;
  }

  static std::string_view text_of(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
  }

  bool is_at_path(int descriptor) const {
    struct ::stat here {};
    struct ::stat there {};
    return ::fstat(descriptor, &here) == 0 && ::stat(path_.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
  }

  /// Makes the file end behind the last whole row.
  void cut() {
    is_torn_ = true;
    if (io::detail::retry([&] { return ::ftruncate(file_.number(), static_cast<off_t>(end_)); }) != 0)
      io::detail::fail_system(who_, "shorten", path_, errno);
    is_torn_ = false;
  }

  void write(std::string_view bytes) {
    if (is_torn_) cut();
    for (std::size_t done = 0; done < bytes.size();) {
      auto const n = io::detail::retry([&] { return ::write(file_.number(), &bytes[done], bytes.size() - done); });
      if (n <= 0) {
        int const code = n < 0 ? errno : EIO;
        is_torn_ = true;
        cut();
        io::detail::fail_system(who_, "write", path_, code);
      }
      done += static_cast<std::size_t>(n);
    }
    end_ += bytes.size();
  }

  std::string path_;
  std::size_t dimension_;
  std::uint64_t key_;
  std::string who_;
  io::detail::file_descriptor file_;
  std::string record_;   // being put together; kept for its memory
  std::size_t end_ = 0;  // behind the last whole row
  std::size_t dropped_ = 0;
  bool is_torn_ = false;  // something may stand behind end_
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
