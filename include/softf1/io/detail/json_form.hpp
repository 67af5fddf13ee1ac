// What readers of JSON forms share: members with their types, and errors that name the file and the place.
#pragma once

#include <string>
#include <string_view>

#include <softf1/io/json_value.hpp>

namespace softf1::inline SOFTF1_ABI::io::detail {

/// One file form while it is read: errors are one sentence, of `who`, with the file and the place.
class json_form {
 protected:
  json_form(json_value const& form, std::string_view who, std::string_view path)
      : form_(form), who_(who), path_(path) {}

  [[noreturn]] void fail(std::string const& sentence) const { detail::fail(who_, path_, place_ + sentence); }
  [[noreturn]] void fail_member(std::string_view key, std::string_view expected, json_value const& got) const {
    fail("'" + std::string(key) + "' must be " + std::string(expected) + ", got " + json_in_error(got));
  }

  void require_object(json_value const& value) const {
    if (!value.is_object()) fail("expected a JSON object, got " + json_in_error(value));
  }
  json_value const& member(json_value const& object, char const* key) const {
    auto const found = object.find(key);
    if (found == object.end()) fail("'" + std::string(key) + "' is missing");
    return *found;
  }
  std::string const& text(json_value const& object, char const* key) const {
    auto const& value = member(object, key);
    if (!value.is_string()) fail_member(key, "a string", value);
    return value.get_ref<std::string const&>();
  }
  /// "format" and "version", which every form has.
  void require_format(std::string_view format, int newest) const {
    require_object(form_);
    if (text(form_, "format") != format)
      fail_member("format", "'" + std::string(format) + "'", member(form_, "format"));
    auto const& version = member(form_, "version");
    if (!version.is_number_integer() || version.get<double>() < 1)
      fail_member("version", "a positive integer", version);
    if (version.get<double>() > newest)
      fail("it has version " + version.dump() + ", newer than " + std::to_string(newest) +
           ", the newest that this softf1 reads");
  }

  json_value const& form_;
  std::string_view who_, path_;
  mutable std::string place_;
};

}  // namespace softf1::inline SOFTF1_ABI::io::detail
