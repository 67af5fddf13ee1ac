// The bytes of a journal of features: a header, then a record a row.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <softf1/core/hash.hpp>
#include <softf1/data/file_stamp.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// A row of a journal; views into the journal's bytes.
struct feature_record {
  std::string_view id;
  file_stamp stamp;
  std::span<std::byte const> values;  // D floats, not aligned
};

// Header: magic, dimension, key. Record: length of the id, the id, size and time of the stamp, D floats, FNV-1a of all
// of these. Integers have 64 bits; all is little-endian.
inline constexpr std::string_view feature_journal_magic = "sf1feat1";
inline constexpr std::size_t feature_journal_header = 24;

inline void add_integer(std::string& text, std::uint64_t value) {
  static_assert(std::endian::native == std::endian::little,
                "softf1: journals of features are written on little-endian machines");
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  text.append(bytes, sizeof bytes);
}

inline std::string feature_header(std::size_t dimension, std::uint64_t key) {
  std::string text(feature_journal_magic);
  add_integer(text, dimension);
  add_integer(text, key);
  return text;
}

/// Makes `text` the bytes of a record.
inline void put_feature_record(std::string& text, std::string_view id, file_stamp stamp,
                               std::span<float const> values) {
  text.clear();
  add_integer(text, id.size());
  text += id;
  add_integer(text, static_cast<std::uint64_t>(stamp.size));
  add_integer(text, static_cast<std::uint64_t>(stamp.time));
  text.append(reinterpret_cast<char const*>(values.data()), values.size_bytes());
  add_integer(text, fnv1a(text));
}

/// Takes records from the front of bytes, until one is torn or damaged.
class feature_record_reader {
 public:
  feature_record_reader(std::span<std::byte const> bytes, std::size_t dimension)
      : rest_(bytes), dimension_(dimension) {}

  bool next(feature_record& record) {
    std::size_t const fixed = 4 * sizeof(std::uint64_t) + dimension_ * sizeof(float);
    if (rest_.size() < fixed) return false;
    std::uint64_t const length = integer(0);
    if (length > rest_.size() - fixed) return false;
    std::size_t const end = fixed + static_cast<std::size_t>(length) - 8;
    if (integer(end) != fnv1a(rest_.first(end))) return false;
    std::size_t const behind_id = 8 + static_cast<std::size_t>(length);
    record.id = {reinterpret_cast<char const*>(rest_.data()) + 8, static_cast<std::size_t>(length)};
    record.stamp.size = static_cast<std::int64_t>(integer(behind_id));
    record.stamp.time = static_cast<std::int64_t>(integer(behind_id + 8));
    record.values = rest_.subspan(behind_id + 16, dimension_ * sizeof(float));
    rest_ = rest_.subspan(end + 8);
    return true;
  }

  /// The bytes that are not taken yet.
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t integer(std::size_t at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, &rest_[at], sizeof value);
    return value;
  }

  std::span<std::byte const> rest_;
  std::size_t dimension_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
