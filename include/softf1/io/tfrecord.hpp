// TFRecord files: records of bytes one after the other, each with its length and checksums.
//
// A record is: length (8 bytes, least significant first), masked CRC-32C of these 8 bytes (4 bytes), the data, masked
// CRC-32C of the data (4 bytes).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/crc32c.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// What becomes of a file with records that are not whole: the first one is an error, or they are left out.
enum class on_corrupt : unsigned char { fail, skip };

/// A record that cannot be read.
struct record_failure {
  std::string path;    ///< of its file
  std::size_t offset;  ///< the byte of the file where the record begins
  std::string reason;  ///< one sentence that names both

  friend bool operator==(record_failure const&, record_failure const&) = default;
};

/// Where a record lies in its file.
struct record_extent {
  std::size_t offset;  ///< of its length; the data begin 12 bytes later
  std::size_t size;    ///< of the data
};

namespace detail {

constexpr std::size_t tfrecord_header = 12, tfrecord_footer = 4;

template <class T>
std::array<std::byte, sizeof(T)> little_endian_bytes(T value) {
  std::array<std::byte, sizeof(T)> bytes;
  for (std::size_t k = 0; k < sizeof(T); ++k) bytes[k] = static_cast<std::byte>(value >> (8 * k) & 0xff);
  return bytes;
}

template <class T>
T from_little_endian(std::byte const* at) {
  T value = 0;
  for (std::size_t k = 0; k < sizeof(T); ++k) value = static_cast<T>(value | std::to_integer<T>(at[k]) << (8 * k));
  return value;
}

/// Hands a record to `put(bytes)`, piece by piece.
template <class Put>
void frame_record(std::span<std::byte const> data, Put const& put) {
  auto const length = little_endian_bytes(static_cast<std::uint64_t>(data.size()));
  put(std::span<std::byte const>(length));
  put(std::span<std::byte const>(little_endian_bytes(masked_crc32c(length))));
  put(data);
  put(std::span<std::byte const>(little_endian_bytes(masked_crc32c(data))));
}

}  // namespace detail

/// Writes records one after the other; `close` puts the file under its name, without it nothing is written.
class tfrecord_writer {
 public:
  /// Throws io_error where the file cannot be written.
  explicit tfrecord_writer(std::string path, std::string who = "tfrecord_writer")
      : writer_(std::move(path), std::move(who)) {}

  void write(std::span<std::byte const> data) {
    detail::frame_record(data, [&](std::span<std::byte const> piece) { writer_.write(piece); });
    ++records_;
  }
  void write(std::string_view data) { write(std::as_bytes(std::span(data))); }

  /// How many records were written.
  std::size_t records() const { return records_; }

  /// Throws io_error where the system cannot store the file: then nothing has changed.
  void close() { writer_.commit(); }

 private:
  atomic_writer writer_;
  std::size_t records_ = 0;
};

/// How a TFRecord file is opened.
struct tfrecord_options {
  io::on_corrupt on_corrupt = io::on_corrupt::fail;
  /// Checks the data of all records when the file is opened (which reads all of it), not each when it is read.
  bool check_data = false;
};

/// The records of a TFRecord file, each by its index. Any number of threads may read at once.
///
/// The file is mapped: opening it reads the lengths and their checksums, and the data only if `check_data` says so. With
/// on_corrupt::skip, a record whose data have another checksum is left out where the data are checked here; a length
/// that cannot be right ends the file, since what follows it is not known. Both are in `failures`.
class tfrecord_file {
 public:
  /// Throws io_error where the file cannot be read, and naming the byte for the first record that is not whole, unless
  /// `options` skip it.
  explicit tfrecord_file(std::string path, tfrecord_options const& options = {}, std::string who = "tfrecord_file")
      : path_(std::move(path)), who_(std::move(who)), file_(path_, who_) {
    for (std::size_t at = 0; at < bytes().size();) {
      if (auto const fault = header_fault(at); !fault.empty()) {
        refuse(at, fault, options);
        break;
      }
      record_extent const record{at, detail::from_little_endian<std::uint64_t>(&bytes()[at])};
      at += detail::tfrecord_header + record.size + detail::tfrecord_footer;
      if (options.check_data && !is_whole(record))
        refuse(record.offset, data_fault, options);
      else
        records_.push_back(record);
    }
    is_checked_ = options.check_data;
  }

  std::string const& path() const { return path_; }
  std::size_t size() const { return records_.size(); }
  record_extent const& extent(std::size_t i) const { return records_[i]; }

  /// What was left out, in the order of the file.
  std::vector<record_failure> const& failures() const { return failures_; }

  /// The data of record i, where they lie. Throws io_error naming the byte where they have another checksum.
  std::span<std::byte const> read(std::size_t i) const {
    if (!is_checked_ && !is_whole(records_[i])) detail::fail(who_, path_, sentence(records_[i].offset, data_fault));
    return unchecked(i);
  }

  /// The data of record i, whatever their checksum.
  std::span<std::byte const> unchecked(std::size_t i) const { return data_of(records_[i]); }

 private:
  static constexpr std::string_view data_fault = "the data do not have the checksum stored behind them";

  std::span<std::byte const> bytes() const { return file_.bytes(); }
  std::span<std::byte const> data_of(record_extent const& record) const {
    return bytes().subspan(record.offset + detail::tfrecord_header, record.size);
  }
  bool is_whole(record_extent const& record) const {
    auto const data = data_of(record);
    return detail::from_little_endian<std::uint32_t>(data.data() + data.size()) == masked_crc32c(data);
  }

  static std::string sentence(std::size_t offset, std::string_view fault) {
    return "record at byte " + std::to_string(offset) + ": " + std::string(fault);
  }

  /// What is wrong with the record that begins at a byte, before its data are looked at; empty: nothing.
  std::string header_fault(std::size_t at) const {
    std::size_t const left = bytes().size() - at;
    if (at == 0 && file_.text().starts_with("\x1f\x8b")) return "the file is compressed (gzip): decompress it first";
    if (left < detail::tfrecord_header)
      return "expected a length and its checksum (12 bytes), the file ends after " + std::to_string(left);
    if (detail::from_little_endian<std::uint32_t>(&bytes()[at + 8]) != masked_crc32c(bytes().subspan(at, 8)))
      return at == 0 ? "the length does not have the checksum stored behind it: this is no TFRecord file, or its first "
                       "bytes are damaged"
                     : "the length does not have the checksum stored behind it";
    auto const size = detail::from_little_endian<std::uint64_t>(&bytes()[at]);
    std::size_t const room = left - detail::tfrecord_header;
    if (room < detail::tfrecord_footer || size > room - detail::tfrecord_footer)
      return "expected " + std::to_string(size) + " bytes of data and their checksum, the file ends after " +
             std::to_string(room);
    return {};
  }

  void refuse(std::size_t offset, std::string_view fault, tfrecord_options const& options) {
    if (options.on_corrupt == io::on_corrupt::fail) detail::fail(who_, path_, sentence(offset, fault));
    failures_.push_back({path_, offset, who_ + ": " + path_ + ": " + sentence(offset, fault)});
  }

  std::string path_, who_;
  mapped_file file_;
  std::vector<record_extent> records_;
  std::vector<record_failure> failures_;
  bool is_checked_ = false;
};

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::on_corrupt;
using io::record_failure;
using io::tfrecord_file;
using io::tfrecord_writer;
}  // namespace softf1::inline SOFTF1_ABI
