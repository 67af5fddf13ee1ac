// How a table of labels is read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// How a table of labels is read; what is left empty is looked for in the file.
struct table_options {
  /// Empty: the column named (in any case, the first of these that there is) id, imdbid, imdb_id, image_id, imageid,
  /// image, filename, file_name or file; else the first column.
  std::string id_column = {};
  /// The image's relative file name; columns stand in braces: "{year}/{Id}.jpg". Empty: the id, and ".jpg" unless the
  /// id ends in .jpg, .jpeg, .png, .bmp or .gif.
  std::string image_template = {};
  /// The column whose cells hold all labels of a row: joined, `Action|Drama`, or a list, `['Action', 'Drama']`.
  std::string label_column = {};
  /// Columns of 0 and 1, one a label.
  std::vector<std::string> label_columns = {};
  /// What joins labels. Empty: the one of | ; , that is in most rows. Cells are not read as lists where it is stated.
  std::string label_separator = {};
  /// "utf-8" or "iso-8859-1". Empty: UTF-8 if the bytes are valid UTF-8, else ISO-8859-1.
  std::string encoding = {};
  /// What separates columns: one character, or "tab". Empty: the one of , ; tab that is most frequent in the header.
  std::string separator = {};
  /// Labels of fewer rows are dropped; counted over all complete rows, before any split.
  std::size_t min_label_count = 0;
  /// Labels that are left out, by name.
  std::vector<std::string> drop_labels = {};
  /// Drops rows that are left without labels.
  bool drop_unlabelled = false;
  /// Drops rows whose id stands in an earlier row; otherwise a repeated id is an error.
  bool drop_repeated = false;
};

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::table_options;
}  // namespace softf1::inline SOFTF1_ABI
