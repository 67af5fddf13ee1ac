// Tables of features and labels in ARFF, as Weka, Mulan and MEKA write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/data/detail/arff_parser.hpp>
#include <softf1/data/detail/label_lines.hpp>
#include <softf1/data/features_and_targets.hpp>

namespace softf1::inline SOFTF1_ABI::data {

namespace detail {

/// Reads one ARFF file.
class arff_reader {
 public:
  arff_reader(std::string const& path, std::vector<std::string> const& label_names) : path_(path), builder_(who, path) {
    for (std::size_t j = 0; j < label_names.size(); ++j)
      require_value(label_of_name_.emplace(label_names[j], j).second, who,
                    "the label " + io::detail::in_quotes(label_names[j]) + " is named twice");
    builder_.table.label_names = label_names;
  }

  labelled_features read() {
    io::mapped_file const file(path_, who);
    io::detail::for_each_line(file.text(), [&](std::string_view text, std::size_t number) {
      arff_line line(text, number, who, path_);
      if (line.is_empty() || line.rest().starts_with('%')) return;
      if (in_data_)
        read_row(line, number);
      else
        read_declaration(line);
    });
    if (!in_data_) io::detail::fail(who, path_, "expected @data, got none");
    labelled_features result;
    std::size_t const rows = builder_.table.rows();
    result.table = builder_.finish("labels: " + std::to_string(label_of_name_.size()) + " attributes of " +
                                   std::to_string(attributes_.size()));
    result.features = {result.table.ids, feature_names_.size(), std::move(values_), {}};
    result.feature_names = std::move(feature_names_);
    if (result.features.dimension == 0 || rows == 0) io::detail::fail(who, path_, "there are no features");
    return result;
  }

 private:
  static constexpr std::string_view who = "read_arff";

  /// Where the values of an attribute go.
  struct target_column {
    bool is_label;
    std::size_t index;
  };

  void read_declaration(arff_line& line) {
    auto const keyword = lower_case(line.word("").text);
    if (keyword == "@relation") return;
    if (keyword == "@data") return begin_data();
    if (keyword != "@attribute")
      line.fail("expected @relation, @attribute or @data, got " + io::detail::in_quotes(keyword));
    auto attribute = parse_arff_attribute(line);
    auto const label = label_of_name_.find(attribute.name);
    bool const is_label = label != label_of_name_.end();
    if (is_label && std::exchange(found_[label->second], std::uint8_t{1}))
      line.fail("the label " + io::detail::in_quotes(attribute.name) + " is declared twice");
    if (is_label && attribute.is_nominal)
      for (auto const& value : attribute.values)
        if (value != "0" && value != "1")
          line.fail("the label " + io::detail::in_quotes(attribute.name) + " must have the values {0,1}");
    columns_.push_back({is_label, is_label ? label->second : feature_names_.size()});
    if (!is_label) feature_names_.push_back(attribute.name);
    attributes_.push_back(std::move(attribute));
  }

  void begin_data() {
    in_data_ = true;
    for (auto const& [name, j] : label_of_name_)
      if (!found_[j])
        io::detail::fail(who, path_, "there is no attribute for the label " + io::detail::in_quotes(name));
  }

  void read_row(arff_line& line, std::size_t number) {
    auto& table = builder_.table;
    builder_.add_id(std::to_string(table.rows()), at_line(number));
    check_cells(table.rows(), attributes_.size() * sizeof(float), who, path_);
    values_.resize(values_.size() + feature_names_.size());
    table.targets.resize(table.targets.size() + table.labels());
    if (line.take('{')) return read_sparse(line);
    for (std::size_t k = 0; k < attributes_.size(); ++k) {
      if (k > 0 && !line.take(','))
        line.fail("expected " + std::to_string(attributes_.size()) + " values, got " + std::to_string(k));
      put(k, line.word(","), line);
    }
    if (!line.is_empty()) line.fail("expected " + std::to_string(attributes_.size()) + " values, got more");
  }

  /// What is not listed is 0, or the first value.
  void read_sparse(arff_line& line) {
    std::optional<std::size_t> before;
    while (!line.take('}')) {
      if (before) line.expect(',');
      auto const index = io::detail::parse_number(line.word(",}").text);
      if (!index || !(*index >= 0 && *index < static_cast<double>(attributes_.size())) ||
          *index != static_cast<double>(static_cast<std::size_t>(*index)))
        line.fail("the index of an attribute must be below " + std::to_string(attributes_.size()));
      auto const k = static_cast<std::size_t>(*index);
      if (before && k <= *before) line.fail("the indices of attributes must ascend, got " + std::to_string(k));
      before = k;
      put(k, line.word(",}"), line);
    }
    if (!line.is_empty()) line.fail("expected the end of the line behind '}'");
  }

  void put(std::size_t k, arff_word const& word, arff_line const& line) {
    auto const column = columns_[k];
    auto& table = builder_.table;
    if (!column.is_label) {
      auto const value = arff_number(attributes_[k], word, line);
      if (!value) line.fail("the feature " + io::detail::in_quotes(attributes_[k].name) + " is missing");
      values_[values_.size() - feature_names_.size() + column.index] = static_cast<float>(*value);
      return;
    }
    std::size_t const cell = table.targets.size() - table.labels() + column.index;
    if (word.text == "?" && !word.is_quoted) return builder_.set_missing(cell);
    auto const value = io::detail::parse_number(word.text);
    if (!value || (*value != 0 && *value != 1))
      line.fail("the label " + io::detail::in_quotes(attributes_[k].name) + " must be 0 or 1, got " +
                io::detail::in_quotes(word.text));
    table.targets[cell] = *value == 1;
  }

  std::string path_;
  table_builder builder_;
  std::unordered_map<std::string, std::size_t> label_of_name_;
  std::unordered_map<std::size_t, std::uint8_t> found_;
  std::vector<arff_attribute> attributes_;
  std::vector<target_column> columns_;
  std::vector<std::string> feature_names_;
  std::vector<float> values_;
  bool in_data_ = false;
};

}  // namespace detail

/// Reads an ARFF file, rows dense ("1,0.5,x") or sparse ("{3 1, 7 0.5}": what is not listed is 0, or the first value).
/// The attributes named by `label_names` (see read_label_list) are labels, in that order, which hold 0 and 1; all others
/// are features: numbers, and of a nominal attribute the place of its value, from 0. A label that is `?` is missing; a
/// feature that is `?` is an error, since no network takes it. Ids are the numbers of rows, from 0.
/// Throws io_error with file and line for a text that is not ARFF, an attribute of another type, a value that the
/// attribute does not have, a row of another length, and indices that do not ascend; value_error for a label named twice.
/// Cost: one pass; (N, D) floats, dense.
inline labelled_features read_arff(std::string const& path, std::vector<std::string> const& label_names) {
  return detail::arff_reader(path, label_names).read();
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_arff;
}
