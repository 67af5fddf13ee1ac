// What the JSON forms share: numbers that JSON does not have, files, and values inside error sentences.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <softf1/core/errors.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// A JSON value whose objects keep the order of their keys.
using json_value = nlohmann::ordered_json;

/// A number that reads back as the same double: ±inf as the strings "inf" and "-inf", NaN (undefined) as null.
inline json_value json_number(double x) {
  if (std::isnan(x)) return nullptr;
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return x;
}

/// A count: an integer where it is whole and a double holds it exactly, else as json_number (weighted counts).
inline json_value json_count(double x) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (x == std::trunc(x) && std::abs(x) <= exact) return static_cast<std::int64_t>(x);
  return json_number(x);
}

/// The double that json_number wrote; nothing for any other value, and none for null.
inline std::optional<double> number_of(json_value const& value) {
  if (value.is_number()) return value.get<double>();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

/// The text of a JSON file: indented, ending with a line end. Throws value_error for a text that is not UTF-8.
inline std::string json_text(json_value const& value, std::string_view who = "json_text") {
  try {
    return value.dump(1) + "\n";
  } catch (nlohmann::json::type_error const&) {
    throw value_error(std::string(who) + ": JSON holds only UTF-8, and a name is not");
  }
}

/// Parses JSON. Throws nlohmann::json::exception where it is none, or nested more than 64 deep: copying and writing are
/// recursive, so that a hostile file could otherwise exhaust the stack.
inline json_value parse_json(std::string_view text) {
  return json_value::parse(text.begin(), text.end(), [](int depth, nlohmann::json::parse_event_t, json_value&) {
    if (depth > 64) throw nlohmann::json::other_error::create(599, "nested more than 64 deep", nullptr);
    return true;
  });
}

/// Reads a JSON file. Throws io_error naming the byte from which on it is none.
inline json_value read_json(std::string const& path, std::string_view who = "read_json") {
  mapped_file const file(path, who);
  auto const text = file.text();
  auto const fail_at = [&](std::size_t byte) {
    detail::fail(who, path, "not JSON from byte " + std::to_string(byte) + " on");
  };
  // The parser takes a zero byte for the end of the text.
  if (auto const zero = text.find('\0'); zero != text.npos) fail_at(zero);
  try {
    return parse_json(text);
  } catch (nlohmann::json::parse_error const& e) {
    fail_at(e.byte > 0 ? e.byte - 1 : 0);
  } catch (nlohmann::json::other_error const&) {
    detail::fail(who, path, "nested more than 64 deep");
  } catch (nlohmann::json::exception const&) {
    detail::fail(who, path, "a number is out of range");
  }
  return {};
}

namespace detail {

/// A value from a file inside an error, short.
inline std::string json_in_error(json_value const& value) {
  if (value.is_string()) return in_quotes(value.get_ref<std::string const&>());
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  return value.dump();
}

}  // namespace detail

}  // namespace softf1::inline SOFTF1_ABI::io
