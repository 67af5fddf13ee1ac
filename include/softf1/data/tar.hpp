// Tar archives: the regular files in them, read where they lie, and written.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/safe_name.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/file.hpp>
#include <softf1/io/tfrecord.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// A regular file of an archive.
struct tar_member {
  std::string name;
  std::size_t offset;  ///< of its data in the archive
  std::size_t size;
};

/// The regular files of a tar archive: ustar, GNU long names and numbers, pax paths and sizes. Everything else
/// (folders, links, devices) is passed over. The archive is mapped, and only its headers are read before the data are
/// asked for.
class tar_file {
 public:
  /// Throws io_error naming the byte for a header whose checksum is wrong, a size that the file does not have, and a
  /// name that is absolute or has `..`; with on_corrupt::skip such a name is left out and the others end the archive.
  explicit tar_file(std::string path, io::on_corrupt on_corrupt = io::on_corrupt::fail, std::string who = "tar_file")
      : path_(std::move(path)), who_(std::move(who)), file_(path_, who_) {
    std::size_t at = 0;
    while (at < size() && read_header(at, on_corrupt)) {
    }
  }

  std::string const& path() const { return path_; }
  std::vector<tar_member> const& members() const { return members_; }
  std::vector<io::record_failure> const& failures() const { return failures_; }
  std::span<std::byte const> data(tar_member const& member) const {
    return file_.bytes().subspan(member.offset, member.size);
  }

 private:
  static constexpr std::size_t block = 512, longest_name = 1 << 16;

  std::size_t size() const { return file_.bytes().size(); }

  /// A field up to its first zero byte.
  static std::string_view text(std::string_view header, std::size_t at, std::size_t length) {
    auto const field = header.substr(at, length);
    return field.substr(0, field.find('\0'));
  }

  /// Octal digits, or, where the first bit is set, a number of base 256.
  static std::optional<std::uint64_t> number(std::string_view field) {
    std::uint64_t value = 0;
    if (static_cast<unsigned char>(field[0]) & 0x80u) {
      for (std::size_t k = 1; k < field.size(); ++k) {
        if (value >> 55) return std::nullopt;
        value = value << 8 | static_cast<unsigned char>(field[k]);
      }
      return value;
    }
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    field = field.substr(0, field.find_first_of(std::string_view("\0 ", 2)));
    if (field.empty()) return 0;
    auto const [end, code] = std::from_chars(field.data(), field.data() + field.size(), value, 8);
    if (code != std::errc{} || end != field.data() + field.size()) return std::nullopt;
    return value;
  }

  static bool has_checksum(std::string_view header) {
    std::uint64_t sum = 0;
    for (std::size_t k = 0; k < block; ++k) sum += k >= 148 && k < 156 ? ' ' : static_cast<unsigned char>(header[k]);
    return number(header.substr(148, 8)) == sum;
  }

  /// The path and the size of pax records, "LENGTH key=value\n".
  bool read_pax(std::string_view records) {
    while (!records.empty()) {
      std::size_t length = 0;
      auto const [end, code] = std::from_chars(records.data(), records.data() + records.size(), length);
      auto const digits = static_cast<std::size_t>(end - records.data());
      if (code != std::errc{} || length > records.size() || length < digits + 2 || *end != ' ') return false;
      auto const record = records.substr(digits + 1, length - digits - 2);
      records.remove_prefix(length);
      auto const equals = record.find('=');
      if (equals == record.npos) return false;
      auto const key = record.substr(0, equals), value = record.substr(equals + 1);
      if (key == "path") name_ = std::string(value);
      if (key == "size") {
        std::uint64_t bytes = 0;
        auto const [stop, fault] = std::from_chars(value.data(), value.data() + value.size(), bytes);
        if (fault != std::errc{} || stop != value.data() + value.size()) return false;
        size_ = bytes;
      }
    }
    return true;
  }

  /// Reads one header and what it announces, and moves `at` behind them; false at the end of the archive.
  bool read_header(std::size_t& at, io::on_corrupt on_corrupt) {
    auto const stop = [&](std::string_view fault) { return refuse(at, fault, on_corrupt), false; };
    if (size() - at < block) return stop("expected a header of 512 bytes, the file ends before");
    auto const header = file_.text().substr(at, block);
    if (header.find_first_not_of('\0') == header.npos) return false;
    if (at == 0 && header.starts_with("\x1f\x8b")) return stop("the file is compressed (gzip): decompress it first");
    if (!has_checksum(header)) return stop("the header does not have the checksum stored in it");
    char const kind = header[156];
    bool const is_file = kind == '0' || kind == '\0' || kind == '7';
    auto bytes = number(header.substr(124, 12));
    if (is_file && size_) bytes = size_;
    if (!bytes) return stop("the size is not a number");
    std::size_t const begin = at + block;
    if (*bytes > size() - begin)
      return stop("expected " + std::to_string(*bytes) + " bytes of data, the file ends after " +
                  std::to_string(size() - begin));
    std::size_t const length = static_cast<std::size_t>(*bytes);
    if (kind == 'L' || kind == 'x') {
      if (length > longest_name) return stop("a name or its attributes have more than 65536 bytes");
      auto const content = file_.text().substr(begin, length);
      if (kind == 'L') name_ = std::string(content.substr(0, content.find('\0')));
      if (kind == 'x' && !read_pax(content)) return stop("attributes that cannot be read");
    } else {
      if (is_file) add(at, header, begin, length, on_corrupt);
      name_.reset();
      size_.reset();
    }
    // The last padding may be missing.
    at = begin + std::min((length + block - 1) / block * block, size() - begin);
    return true;
  }

  void add(std::size_t at, std::string_view header, std::size_t begin, std::size_t length, io::on_corrupt on_corrupt) {
    std::string name(text(header, 0, 100));
    bool const is_posix = header.substr(257, 6) == std::string_view("ustar\0", 6);
    if (auto const prefix = text(header, 345, 155); is_posix && !prefix.empty())
      name = std::string(prefix) + '/' + name;
    if (name_) name = *name_;
    if (!detail::stays_below(name))
      refuse(at, "the name " + io::detail::in_quotes(name) + " is empty or leads out of the archive", on_corrupt);
    else if (!name.ends_with('/'))  // a folder, as archives before POSIX have them
      members_.push_back({std::move(name), begin, length});
  }

  void refuse(std::size_t at, std::string_view fault, io::on_corrupt on_corrupt) {
    auto const sentence = "header at byte " + std::to_string(at) + ": " + std::string(fault);
    if (on_corrupt == io::on_corrupt::fail) io::detail::fail(who_, path_, sentence);
    failures_.push_back({path_, at, who_ + ": " + path_ + ": " + sentence});
  }

  std::string path_, who_;
  io::mapped_file file_;
  std::optional<std::string> name_;    // of the next member, where a header before it says so
  std::optional<std::uint64_t> size_;  // the same
  std::vector<tar_member> members_;
  std::vector<io::record_failure> failures_;
};

/// Writes regular files into an archive; `close` puts it under its name, without it nothing is written. Owner and times
/// are 0, so that the same content gives the same bytes; long names are written as pax has it.
class tar_writer {
 public:
  /// Throws io_error where the file cannot be written.
  explicit tar_writer(std::string path, std::string who = "tar_writer")
      : who_(who), writer_(std::move(path), std::move(who)) {}

  /// Throws value_error for a name that is empty, absolute or has `..`, and for more than 8 GiB.
  void add(std::string const& name, std::span<std::byte const> data) {
    require_value(detail::stays_below(name), who_,
                  "the name " + io::detail::in_quotes(name) + " is empty or leads out of the archive");
    require_value(data.size() < std::uint64_t{1} << 33, who_, "a member must be smaller than 8 GiB");
    if (name.size() > 100) {
      // A record's length counts its own digits.
      std::string record = " path=" + name + "\n";
      std::size_t length = record.size() + 1;
      while (std::to_string(length).size() + record.size() != length) ++length;
      record = std::to_string(length) + record;
      put("pax_header", 'x', std::as_bytes(std::span(record)));
    }
    put(name.substr(0, 100), '0', data);
  }
  void add(std::string const& name, std::string_view data) { add(name, std::as_bytes(std::span(data))); }

  /// Throws io_error where the system cannot store the file: then nothing has changed.
  void close() {
    writer_.write(std::string(1024, '\0'));
    writer_.commit();
  }

 private:
  void put(std::string const& name, char kind, std::span<std::byte const> data) {
    std::string header(512, '\0');
    auto const field = [&](std::size_t at, std::string_view value) { header.replace(at, value.size(), value); };
    auto const octal = [&](std::size_t at, std::size_t digits, std::uint64_t value) {
      for (std::size_t k = digits; k-- > 0; value >>= 3) header[at + k] = static_cast<char>('0' + (value & 7));
    };
    field(0, name);
    octal(100, 7, 0644);
    octal(108, 7, 0);
    octal(116, 7, 0);
    octal(124, 11, data.size());
    octal(136, 11, 0);
    header[156] = kind;
    field(257, std::string_view("ustar\00000", 8));
    field(148, "        ");
    std::uint64_t sum = 0;
    for (char const c : header) sum += static_cast<unsigned char>(c);
    octal(148, 6, sum);
    header[154] = '\0';
    writer_.write(header);
    writer_.write(data);
    writer_.write(std::string((512 - data.size() % 512) % 512, '\0'));
  }

  std::string who_;
  io::atomic_writer writer_;
};

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::tar_file;
using data::tar_writer;
}  // namespace softf1::inline SOFTF1_ABI
