// The labels that an XML file names. The one header that knows pugixml.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <softf1/config.hpp>
#include <softf1/io/file.hpp>

#if defined(SOFTF1_PUGIXML)
#include <pugixml.hpp>
#endif

namespace softf1::inline SOFTF1_ABI::data::detail {
inline namespace SOFTF1_DETAIL_XML {

#if defined(SOFTF1_PUGIXML)

/// The attribute `name` of every element `label`, wherever it stands, in the order of the file.
inline std::vector<std::string> xml_label_names(std::string const& path, std::string_view who) {
  io::mapped_file const file(path, who);
  pugi::xml_document document;
  auto const parsed = document.load_buffer(file.bytes().data(), file.bytes().size());
  if (!parsed)
    io::detail::fail(who, path, "not XML from byte " + std::to_string(parsed.offset) + " on: " + parsed.description());
  // Without recursion: a hostile file may be nested deeply.
  std::vector<std::string> names;
  for (pugi::xml_node node = document.first_child(); node;) {
    std::string_view const element = node.name();
    if (element == "label" || element.ends_with(":label")) names.emplace_back(node.attribute("name").value());
    pugi::xml_node next = node.first_child();
    for (; !next && node; node = node.parent()) next = node.next_sibling();
    node = next;
  }
  return names;
}

#else

inline std::vector<std::string> xml_label_names(std::string const& path, std::string_view who) {
  io::detail::fail(who, path,
                   "this build reads no XML (it was made without pugixml): list the names one a line in a .txt");
}

#endif

}  // namespace SOFTF1_DETAIL_XML
}  // namespace softf1::inline SOFTF1_ABI::data::detail
