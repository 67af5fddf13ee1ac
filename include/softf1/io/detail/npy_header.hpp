// The header of a .npy file: a Python dictionary literal behind a magic number.
// Source: numpy.lib.format, "NPY format", versions 1.0 to 3.0.
#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/io/array.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

struct npy_header {
  dtype type = dtype::f32;
  bool swapped = false;  ///< elements have the other byte order than this machine
  storage_order order = storage_order::row_major;
  std::vector<std::size_t> shape;
  std::size_t data_begin = 0;  ///< in bytes from the beginning of the file

  /// Bytes of one row (an element of the first dimension) and of all data; the reader has checked their product.
  std::size_t row_bytes() const {
    std::size_t n = size_of(type);
    for (std::size_t k = 1; k < shape.size(); ++k) n *= shape[k];
    return n;
  }
  std::size_t data_bytes() const { return shape.empty() ? row_bytes() : shape[0] * row_bytes(); }
};

constexpr std::string_view npy_magic = "\x93NUMPY";

/// What numpy calls an element type of ours: "<f4"; "|u1".
inline std::string npy_descr(dtype type) {
  constexpr std::string_view codes[] = {"b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "", "f4", "f8"};
  constexpr char native = std::endian::native == std::endian::little ? '<' : '>';
  return (size_of(type) == 1 ? '|' : native) + std::string(codes[static_cast<std::size_t>(type)]);
}

/// Reads the dictionary literal, strictly: exactly the keys descr, fortran_order and shape, in any order.
class npy_dictionary {
 public:
  npy_dictionary(std::string_view text, std::size_t begin, std::string_view who, std::string_view path)
      : text_(text), begin_(begin), who_(who), path_(path) {}

  void read(npy_header& header) {
    bool has_descr = false, has_order = false, has_shape = false;
    auto const once = [&](bool& has, std::string_view key) {
      if (has) fail("key '" + std::string(key) + "' stands twice in the header");
      has = true;
    };
    expect('{');
    while (!take('}')) {
      auto const key = string();
      expect(':');
      if (key == "descr") {
        once(has_descr, key);
        descr(header);
      } else if (key == "fortran_order") {
        once(has_order, key);
        header.order = boolean() ? storage_order::column_major : storage_order::row_major;
      } else if (key == "shape") {
        once(has_shape, key);
        header.shape = shape();
      } else {
        fail("expected the keys 'descr', 'fortran_order' and 'shape' in the header, got " + in_quotes(key));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ != text_.size()) fail_at("the end of the header");
    if (!has_descr) fail("the header has no key 'descr'");
    if (!has_order) fail("the header has no key 'fortran_order'");
    if (!has_shape) fail("the header has no key 'shape'");
  }

 private:
  [[noreturn]] void fail(std::string const& text) const { detail::fail(who_, path_, text); }

  [[noreturn]] void fail_at(std::string const& expected) const {
    std::string const got = at_ < text_.size() ? in_quotes(text_.substr(at_, 1)) : "the end of the header";
    fail("expected " + expected + " at byte " + std::to_string(begin_ + at_) + ", got " + got);
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail_at(std::string("'") + c + "'");
  }

  std::string_view string() {
    char const mark = take('\'') ? '\'' : take('"') ? '"' : '\0';
    if (mark == '\0') fail_at("a quoted string");
    auto const end = text_.find(mark, at_);
    if (end == std::string_view::npos)
      fail("the string that begins at byte " + std::to_string(begin_ + at_ - 1) + " of the header is not closed");
    auto const content = text_.substr(at_, end - at_);
    at_ = end + 1;
    return content;
  }

  bool boolean() {
    skip_blanks();
    for (bool value : {true, false}) {
      std::string_view const word = value ? "True" : "False";
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    fail_at("True or False");
  }

  std::vector<std::size_t> shape() {
    std::vector<std::size_t> extents;
    expect('(');
    while (!take(')')) {
      skip_blanks();
      std::size_t extent = 0;
      auto const [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
      if (code != std::errc{}) fail_at("an extent of the shape that fits 64 bits");
      at_ = static_cast<std::size_t>(end - text_.data());
      take('L');  // Python 2 wrote long integers so
      extents.push_back(extent);
      if (take(',')) continue;
      if (extents.size() == 1) fail_at("',' (a shape of one dimension is written (n,))");
      expect(')');
      break;
    }
    return extents;
  }

  void descr(npy_header& header) {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') fail("structured dtypes are not supported: save one array of numbers");
    auto const text = string();
    constexpr dtype all[] = {dtype::boolean, dtype::u8,  dtype::i8,  dtype::u16, dtype::i16, dtype::u32,
                             dtype::i32,     dtype::u64, dtype::i64, dtype::f16, dtype::f32, dtype::f64};
    char const mark = text.empty() ? '\0' : text[0];
    for (auto type : all) {
      if (text.empty() || text.substr(1) != npy_descr(type).substr(1)) continue;
      bool const marked = mark == '<' || mark == '>' || mark == '=' || (mark == '|' && size_of(type) == 1);
      if (!marked) break;
      header.type = type;
      header.swapped = size_of(type) > 1 && mark == (std::endian::native == std::endian::little ? '>' : '<');
      return;
    }
    fail("dtype " + in_quotes(text) + kind_of(text) + " is not supported: expected booleans, integers or floats");
  }

  static std::string kind_of(std::string_view text) {
    switch (text.size() > 1 ? text[1] : '\0') {
      case 'U':
        return " (unicode text)";
      case 'S':
      case 'a':
        return " (byte strings)";
      case 'O':
        return " (Python objects)";
      case 'c':
        return " (complex numbers)";
      case 'M':
      case 'm':
        return " (dates or times)";
      case 'V':
        return " (raw bytes)";
      default:
        return "";
    }
  }

  std::string_view text_;
  std::size_t begin_;
  std::string_view who_, path_;
  std::size_t at_ = 0;
};

/// Throws io_error where the bytes of the data have no number, or are not those that follow the header.
inline void check_npy_size(npy_header const& header, std::size_t file_size, std::string_view who,
                           std::string_view path) {
  bool is_empty = false;
  for (auto extent : header.shape) is_empty = is_empty || extent == 0;
  std::size_t bytes = size_of(header.type);
  for (auto extent : header.shape)
    if (!is_empty && __builtin_mul_overflow(bytes, extent, &bytes))
      fail(who, path, "shape " + shape_text(header.shape) + " is larger than any memory");
  if (is_empty) bytes = 0;
  if (bytes != file_size - header.data_begin)
    fail(who, path,
         "shape " + shape_text(header.shape) + " of " + std::string(name_of(header.type)) + " needs " +
             std::to_string(bytes) + " bytes from byte " + std::to_string(header.data_begin) + " on, got " +
             std::to_string(file_size - header.data_begin));
}

/// The header of a whole file in memory. Throws io_error with file and byte for anything that is not a valid file.
inline npy_header read_npy_header(std::span<std::byte const> file, std::string_view who, std::string_view path) {
  std::string_view const text(reinterpret_cast<char const*>(file.data()), file.size());
  if (!text.starts_with(npy_magic)) fail(who, path, "expected a .npy file, which begins with the bytes \\x93NUMPY");
  if (text.size() < 8) fail(who, path, "the file ends at byte " + std::to_string(text.size()) + ", inside its version");
  auto const byte = [&](std::size_t at) { return std::to_integer<std::size_t>(file[at]); };
  std::size_t const major = byte(6), minor = byte(7);
  if (major < 1 || major > 3 || minor != 0)
    fail(who, path,
         "expected format version 1.0, 2.0 or 3.0, got " + std::to_string(major) + "." + std::to_string(minor));
  std::size_t const begin = major == 1 ? 10 : 12;
  if (text.size() < begin)
    fail(who, path, "the file ends at byte " + std::to_string(text.size()) + ", inside the length of its header");
  std::size_t length = byte(8) | byte(9) << 8;
  if (major > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > text.size() - begin)
    fail(who, path,
         "the header at byte " + std::to_string(begin) + " says that it has " + std::to_string(length) +
             " bytes, the file has " + std::to_string(text.size() - begin) + " there");
  npy_header header;
  npy_dictionary(text.substr(begin, length), begin, who, path).read(header);
  header.data_begin = begin + length;
  check_npy_size(header, file.size(), who, path);
  return header;
}

/// The header of a file to write, padded so that data begin at a multiple of 64 bytes. `spare` leaves room for a longer
/// first extent, so that the header can be written again once the number of rows is known.
inline std::string npy_header_text(dtype type, storage_order order, std::vector<std::size_t> const& shape,
                                   std::size_t spare = 0) {
  std::string dictionary = "{'descr': '" + npy_descr(type) + "', 'fortran_order': ";
  dictionary += order == storage_order::column_major ? "True" : "False";
  dictionary += ", 'shape': " + shape_text(shape) + ", }";
  bool const is_short = dictionary.size() + spare + 64 < 65536;
  std::size_t const begin = is_short ? 10 : 12;
  std::size_t const total = (begin + dictionary.size() + spare + 1 + 63) / 64 * 64;
  dictionary.append(total - begin - dictionary.size() - 1, ' ') += '\n';
  std::string text(npy_magic);
  text += is_short ? '\1' : '\2';
  text += '\0';
  for (std::size_t k = 8; k < begin; ++k) text += static_cast<char>(dictionary.size() >> 8 * (k - 8) & 0xff);
  return text + dictionary;
}

}  // namespace softf1::inline SOFTF1_ABI::io::detail
