// Images in folders, one a label.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <softf1/data/detail/label_lines.hpp>
#include <softf1/data/image_name.hpp>

namespace softf1::inline SOFTF1_ABI::data {

namespace detail {

/// The names in a folder that do not begin with a dot, sorted by bytes: its folders, or its files.
inline std::vector<std::string> names_in(std::string const& folder, bool folders, std::string_view who) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code code;
  fs::directory_iterator entry(folder, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    auto const name = entry->path().filename().string();
    std::error_code ignored;
    if (name[0] != '.' && entry->is_directory(ignored) == folders) names.push_back(name);
  }
  if (code) io::detail::fail_system(who, "read", folder, code.value());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace detail

/// The images (.jpg, .jpeg, .png, .bmp, .gif) of the folders of `root`: each has the one label that its folder is named
/// by. Labels and rows are sorted by name; a row's id and its image are "LABEL/FILE". Names that begin with a dot are
/// passed over, and so are other files, whose number the description has.
/// Throws io_error where a folder cannot be read, and where there are no folders or no images.
inline label_table read_label_folders(std::string const& root) {
  constexpr std::string_view who = "read_label_folders";
  detail::table_builder builder(who, root);
  auto& table = builder.table;
  table.label_names = detail::names_in(root, true, who);
  if (table.labels() == 0) builder.fail("expected a folder for each label, got none");
  std::vector<std::size_t> label;
  std::size_t others = 0;
  for (std::size_t j = 0; j < table.labels(); ++j)
    for (auto const& file : detail::names_in(root + "/" + table.label_names[j], false, who)) {
      if (!names_an_image(file)) {
        ++others;
        continue;
      }
      auto const name = table.label_names[j] + "/" + file;
      builder.add_row(name, name, "");
      label.push_back(j);
    }
  builder.make_cells();
  for (std::size_t i = 0; i < label.size(); ++i) table.targets[i * table.labels() + label[i]] = 1;
  auto const passed_over = others ? "; " + std::to_string(others) + " files that are no images are passed over" : "";
  return builder.finish("labels: " + std::to_string(table.labels()) + " folders of images" + passed_over);
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_label_folders;
}
