// Names of columns and labels as text.
#pragma once

#include <string>
#include <string_view>

#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// ASCII letters in lower case.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// "'a', 'b'".
template <class Names>
std::string name_list(Names const& names) {
  std::string text;
  for (auto const& name : names) text += (text.empty() ? "" : ", ") + io::detail::in_quotes(name);
  return text;
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
