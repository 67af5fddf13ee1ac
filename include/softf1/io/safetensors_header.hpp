// The header of a .safetensors file: a JSON object behind its length.
// Source: https://github.com/huggingface/safetensors, "Format".
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <softf1/io/detail/descriptor.hpp>
#include <softf1/io/dtype.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// What the header of a .safetensors file says about one tensor; bytes are counted from the beginning of the file.
struct safetensors_entry {
  std::string name;
  dtype type = dtype::f32;
  std::vector<std::size_t> shape;
  std::size_t begin = 0;
  std::size_t end = 0;
};

namespace detail {

constexpr std::size_t safetensors_header_limit = 100'000'000;
constexpr std::string_view safetensors_metadata_key = "__metadata__";

/// What the format calls an element type: "F32".
inline std::string_view safetensors_dtype_name(dtype type) {
  constexpr std::string_view names[] = {"BOOL", "U8",  "I8",  "U16",  "I16", "U32", "I32",
                                        "U64",  "I64", "F16", "BF16", "F32", "F64"};
  return names[static_cast<std::size_t>(type)];
}

inline std::optional<dtype> safetensors_dtype(std::string_view name) {
  for (auto type : {dtype::boolean, dtype::u8, dtype::i8, dtype::u16, dtype::i16, dtype::u32, dtype::i32, dtype::u64,
                    dtype::i64, dtype::f16, dtype::bf16, dtype::f32, dtype::f64})
    if (safetensors_dtype_name(type) == name) return type;
  return std::nullopt;
}

/// Reads and checks the header of a whole file in memory.
class safetensors_header {
 public:
  std::vector<safetensors_entry> entries;  ///< in the order of their bytes
  std::map<std::string, std::string> metadata;

  safetensors_header(std::span<std::byte const> file, std::string_view who, std::string_view path)
      : who_(who), path_(path) {
    auto const text = header_text(file);
    auto const object = parse(text);
    data_begin_ = 8 + text.size();
    for (auto const& [name, value] : object.items())
      if (name == safetensors_metadata_key)
        read_metadata(value);
      else
        entries.push_back(entry(name, value));
    check_layout(file.size());
  }

 private:
  using json = nlohmann::json;

  [[noreturn]] void fail(std::string const& text) const { detail::fail(who_, path_, text); }
  [[noreturn]] void fail_tensor(std::string_view name, std::string const& text) const {
    fail("tensor " + in_quotes(name) + ": " + text);
  }

  std::string_view header_text(std::span<std::byte const> file) const {
    if (file.size() < 8)
      fail("expected 8 bytes with the length of the header, the file ends at byte " + std::to_string(file.size()));
    std::uint64_t length = 0;
    for (std::size_t k = 0; k < 8; ++k) length |= std::to_integer<std::uint64_t>(file[k]) << 8 * k;
    if (length > safetensors_header_limit)
      fail("the header must have at most " + std::to_string(safetensors_header_limit) + " bytes, got " +
           std::to_string(length));
    if (length > file.size() - 8)
      fail("the header says that it has " + std::to_string(length) + " bytes, the file has " +
           std::to_string(file.size() - 8) + " after byte 8");
    return {reinterpret_cast<char const*>(file.data()) + 8, static_cast<std::size_t>(length)};
  }

  json parse(std::string_view text) const {
    if (!text.starts_with('{')) fail("expected a JSON object at byte 8");
    auto const not_json = [](std::size_t at) {
      return "the header is not JSON from byte " + std::to_string(at) + " on";
    };
    // The parser takes a zero byte for the end of the text.
    if (auto const zero = text.find('\0'); zero != text.npos) fail(not_json(8 + zero));
    // The parser keeps the last of two equal keys: a tensor would vanish silently.
    std::vector<std::set<std::string>> keys;
    auto const refuse_duplicates = [&](int, json::parse_event_t event, json& parsed) {
      if (event == json::parse_event_t::object_start) keys.emplace_back();
      if (event == json::parse_event_t::object_end) keys.pop_back();
      if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
        fail("the name " + in_quotes(parsed.get<std::string>()) + " stands twice in the header");
      return true;
    };
    try {
      return json::parse(text.begin(), text.end(), refuse_duplicates);
    } catch (json::parse_error const& e) {
      fail(not_json(8 + (e.byte > 0 ? e.byte - 1 : 0)));
    } catch (json::exception const&) {
      fail("the header has a number that is out of range");
    }
  }

  void read_metadata(json const& value) {
    if (!value.is_object()) fail("__metadata__ must be a JSON object of strings");
    for (auto const& [key, text] : value.items()) {
      if (!text.is_string()) fail("metadata " + in_quotes(key) + " must be a string");
      metadata[key] = text.get<std::string>();
    }
  }

  safetensors_entry entry(std::string const& name, json const& value) const {
    if (!value.is_object()) fail_tensor(name, "expected a JSON object");
    auto const member = [&](char const* key) -> json const& {
      auto const it = value.find(key);
      if (it == value.end()) fail_tensor(name, std::string("'") + key + "' is missing");
      return *it;
    };
    auto const numbers = [&](char const* key) {
      auto const& list = member(key);
      bool good = list.is_array();
      for (auto const& item : list) good = good && item.is_number_unsigned();
      if (!good) fail_tensor(name, std::string("'") + key + "' must be a list of integers that are not negative");
      return list.get<std::vector<std::size_t>>();
    };
    safetensors_entry e;
    e.name = name;
    auto const& type_name = member("dtype");
    if (!type_name.is_string()) fail_tensor(name, "'dtype' must be a string");
    auto const type = safetensors_dtype(type_name.get_ref<std::string const&>());
    if (!type) fail_tensor(name, "dtype " + in_quotes(type_name.get_ref<std::string const&>()) + " is not supported");
    e.type = *type;
    e.shape = numbers("shape");
    auto const offsets = numbers("data_offsets");
    if (offsets.size() != 2)
      fail_tensor(name, "'data_offsets' must be two integers, got " + std::to_string(offsets.size()));
    e.begin = offsets[0];
    e.end = offsets[1];
    return e;
  }

  /// Makes offsets count from the beginning of the file and checks that the tensors fill its data without a gap.
  void check_layout(std::size_t file_size) {
    std::sort(entries.begin(), entries.end(), [](auto const& a, auto const& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::size_t const data_size = file_size - data_begin_;
    std::size_t expected = 0;
    for (auto& e : entries) {
      if (e.begin > e.end || e.end > data_size)
        fail_tensor(e.name, "data offsets " + shape_text({e.begin, e.end}) + " must increase and lie within the " +
                                std::to_string(data_size) + " bytes of data");
      if (e.begin != expected)
        fail_tensor(e.name, "expected its data to begin at offset " + std::to_string(expected) +
                                ", where the previous " + "tensor ends, got " + std::to_string(e.begin));
      check_size(e);
      expected = e.end;
      e.begin += data_begin_;
      e.end += data_begin_;
    }
    if (expected != data_size)
      fail("the tensors have " + std::to_string(expected) + " bytes, the file has " + std::to_string(data_size) +
           " behind its header");
  }

  void check_size(safetensors_entry const& e) const {
    bool is_empty = false;
    for (auto extent : e.shape) is_empty = is_empty || extent == 0;
    std::size_t bytes = size_of(e.type);
    for (auto extent : e.shape)
      if (!is_empty && __builtin_mul_overflow(bytes, extent, &bytes))
        fail_tensor(e.name, "shape " + shape_text(e.shape) + " is larger than any memory");
    if (is_empty) bytes = 0;
    if (bytes != e.end - e.begin)
      fail_tensor(e.name, "shape " + shape_text(e.shape) + " of " + std::string(name_of(e.type)) + " needs " +
                              std::to_string(bytes) + " bytes, got " + std::to_string(e.end - e.begin));
  }

  std::string_view who_, path_;
  std::size_t data_begin_ = 0;
};

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::io
