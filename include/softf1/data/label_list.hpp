// Names of labels as files list them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <softf1/data/detail/label_xml.hpp>
#include <softf1/io/matrix.hpp>
#include <softf1/io/text.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Reads names of labels, in the order of the file: from .xml those of Mulan's lists, <labels><label name="..."/>, which
/// may be nested; from any other file one a line. Throws io_error where the file holds none, or an empty one, where it is
/// no XML, and for .xml where this build was made without pugixml.
inline std::vector<std::string> read_label_list(std::string const& path) {
  constexpr std::string_view who = "read_label_list";
  auto names =
      io::detail::ends_with_extension(path, ".xml") ? detail::xml_label_names(path, who) : io::read_lines(path);
  if (names.empty()) io::detail::fail(who, path, "expected names of labels, got none");
  for (auto const& name : names)
    if (name.empty()) io::detail::fail(who, path, "a label has no name");
  return names;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_label_list;
}
