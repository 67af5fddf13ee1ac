// A list of images beside a list of their labels.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/data/detail/label_lines.hpp>
#include <softf1/io/detail/number.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Reads two lists that belong together line by line: `image_list`, "NAME COUNT" a line, an image inside the folder of
/// images and how many labels it has; `image_labels`, L numbers 0 or 1 a line. `label_names` has L names; without it
/// they are "0", "1" …, in the order of the file. The name is the row's id. Empty lines mean nothing.
/// Throws io_error with file and line for a line of another form, a count that is not that of the labels, another number
/// of labels than in the first line, a repeated name, and lists of different lengths; value_error where label_names has
/// not L names.
inline label_table read_image_lists(std::string const& image_list, std::string const& image_labels,
                                    std::vector<std::string> label_names = {}) {
  constexpr std::string_view who = "read_image_lists";
  detail::table_builder builder(who, image_list);
  std::vector<std::size_t> counts, lines;
  detail::for_each_line_of_words(image_list, who, [&](auto const& words, std::size_t line) {
    auto const count = io::detail::parse_number(words.back());
    if (words.size() != 2 || !count || !(*count >= 0 && *count < 1e9))
      builder.fail(detail::at_line(line) + "expected the name of an image and the number of its labels");
    builder.add_row(std::string(words[0]), std::string(words[0]), detail::at_line(line));
    counts.push_back(static_cast<std::size_t>(*count));
    lines.push_back(line);
  });
  auto& table = builder.table;
  std::size_t row = 0, labels = 0;
  detail::for_each_line_of_words(image_labels, who, [&](auto const& words, std::size_t line) {
    auto const fail = [&](std::string const& text) {
      io::detail::fail(who, image_labels, detail::at_line(line) + text);
    };
    if (row == 0) labels = words.size();
    if (words.size() != labels)
      fail("expected " + std::to_string(labels) + " labels as in the first line, got " + std::to_string(words.size()));
    std::size_t present = 0;
    for (auto const word : words) {
      auto const value = io::detail::parse_number(word);
      if (!value || (*value != 0 && *value != 1)) fail("a label must be 0 or 1, got " + io::detail::in_quotes(word));
      table.targets.push_back(*value == 1);
      present += *value == 1;
    }
    if (row < counts.size() && present != counts[row])
      fail("expected " + std::to_string(counts[row]) + " labels of " + io::detail::in_quotes(table.ids[row]) + " as " +
           image_list + " says in line " + std::to_string(lines[row]) + ", got " + std::to_string(present));
    ++row;
  });
  if (row != table.rows())
    io::detail::fail(who, image_labels,
                     "expected a line for each of the " + std::to_string(table.rows()) + " images of " + image_list +
                         ", got " + std::to_string(row));
  if (label_names.empty()) label_names = detail::numbered_names(labels);
  require_value(label_names.size() == labels, who,
                "expected " + std::to_string(labels) + " label names, got " + std::to_string(label_names.size()));
  table.label_names = std::move(label_names);
  return builder.finish("labels: " + std::to_string(labels) + " numbers a line of " + image_labels);
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_image_lists;
}
