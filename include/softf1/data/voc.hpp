// Labels as PASCAL VOC lists them: 1 present, -1 absent, 0 difficult.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/data/detail/label_lines.hpp>
#include <softf1/data/image_name.hpp>
#include <softf1/io/glob.hpp>

namespace softf1::inline SOFTF1_ABI::data {

namespace detail {

/// Sets a cell by a word of such a list; false where it is none. Difficult objects are missing: VOC counts neither
/// answer for them.
inline bool set_voc_cell(table_builder& builder, std::size_t cell, std::string_view word) {
  if (word == "1" || word == "+1") builder.table.targets[cell] = 1;
  if (word == "0") builder.set_missing(cell);
  return word == "1" || word == "+1" || word == "0" || word == "-1";
}

}  // namespace detail

/// Reads the files LABEL_SPLIT.txt of a folder (ImageSets/Main, split "trainval"): lines of an id and 1, -1 or 0, the
/// same ids in every file. Labels are sorted by name; the image is ID.jpg; 0 (difficult) is missing.
/// Throws io_error where the folder has no such files, and with file and line for a line of another form, a repeated id,
/// and ids that are not in every file.
inline label_table read_voc(std::string const& folder, std::string const& split) {
  constexpr std::string_view who = "read_voc";
  auto const ending = "_" + split + ".txt";
  auto const files = io::files_matching(folder + "/*" + ending, who);
  detail::table_builder builder(who, files[0]);
  detail::for_each_line_of_words(files[0], who, [&](auto const& words, std::size_t line) {
    builder.add_row(std::string(words[0]), image_name(words[0]), detail::at_line(line));
  });
  for (auto const& file : files) {
    auto const name = file.substr(file.rfind('/') + 1);
    builder.table.label_names.push_back(name.substr(0, name.size() - ending.size()));
  }
  builder.make_cells();
  std::size_t const labels = files.size();
  for (std::size_t j = 0; j < labels; ++j) {
    std::vector<std::uint8_t> seen(builder.table.rows());
    std::size_t count = 0;
    detail::for_each_line_of_words(files[j], who, [&](auto const& words, std::size_t line) {
      auto const fail = [&](std::string const& text) { io::detail::fail(who, files[j], detail::at_line(line) + text); };
      if (words.size() != 2) fail("expected an id and 1, -1 or 0, got " + std::to_string(words.size()) + " words");
      auto const row = builder.row_of(std::string(words[0]));
      if (row == builder.table.rows()) fail("the id " + io::detail::in_quotes(words[0]) + " is not in " + files[0]);
      if (std::exchange(seen[row], std::uint8_t{1})) fail("the id " + io::detail::in_quotes(words[0]) + " is repeated");
      if (!detail::set_voc_cell(builder, row * labels + j, words[1]))
        fail("expected 1, -1 or 0, got " + io::detail::in_quotes(words[1]));
      ++count;
    });
    if (count != builder.table.rows())
      io::detail::fail(who, files[j],
                       "expected the " + std::to_string(builder.table.rows()) + " ids of " + files[0] + ", got " +
                           std::to_string(count));
  }
  return builder.finish("labels: " + std::to_string(labels) + " files *" + ending);
}

/// Reads one file of lines "NAME v v ...", L numbers 1, -1 or 0 behind the name of an image, which is the row's id; 0
/// (difficult) is missing. `label_names` has L names; without it they are "0", "1" ….
/// Throws io_error with file and line for another number of words than in the first line, other numbers, and a repeated
/// name; value_error where label_names has not L names.
inline label_table read_voc_rows(std::string const& path, std::vector<std::string> label_names = {}) {
  constexpr std::string_view who = "read_voc_rows";
  detail::table_builder builder(who, path);
  auto& table = builder.table;
  std::size_t labels = 0;
  detail::for_each_line_of_words(path, who, [&](auto const& words, std::size_t line) {
    if (table.rows() == 0) labels = words.size() - 1;
    if (words.size() - 1 != labels)
      builder.fail(detail::at_line(line) + "expected " + std::to_string(labels) +
                   " numbers behind the name as in the first line, got " + std::to_string(words.size() - 1));
    builder.add_row(std::string(words[0]), image_name(words[0]), detail::at_line(line));
    std::size_t const first = table.targets.size();
    table.targets.resize(first + labels);
    for (std::size_t j = 0; j < labels; ++j)
      if (!detail::set_voc_cell(builder, first + j, words[j + 1]))
        builder.fail(detail::at_line(line) + "expected 1, -1 or 0, got " + io::detail::in_quotes(words[j + 1]));
  });
  if (label_names.empty()) label_names = detail::numbered_names(labels);
  require_value(label_names.size() == labels, who,
                "expected " + std::to_string(labels) + " label names, got " + std::to_string(label_names.size()));
  table.label_names = std::move(label_names);
  return builder.finish("labels: " + std::to_string(labels) + " numbers a line");
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_voc;
using data::read_voc_rows;
}  // namespace softf1::inline SOFTF1_ABI
