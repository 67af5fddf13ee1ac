// The rows of shards of records, before they are a table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/label_lines.hpp>
#include <softf1/data/detail/safe_name.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/io/tfrecord.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// How a record says which labels it has.
struct record_labels {
  enum class kind : unsigned char { values, names, index } form = kind::values;
  std::vector<std::int8_t> values;  ///< 1, 0, or -1 (not known), one a label
  std::vector<std::string> names;   ///< of the labels it has
  std::size_t index = 0;            ///< of its one label
};

/// A record: what its row of the table is made of, and where its image lies.
struct record_row {
  std::string id;
  std::size_t offset = 0;  ///< the byte of the shard that sentences name
  std::size_t item = 0;    ///< the record of a TFRecord file
  std::span<std::byte const> image{};
  record_labels labels{};
  std::size_t shard = 0;
};

/// Puts rows together into a table; those that do not fit are failures, or an error.
class record_table {
 public:
  record_table(std::vector<std::string> names, bool drop_repeated, io::on_corrupt on_corrupt, std::string_view who,
               std::vector<std::string> const& shards, std::vector<io::record_failure>& failures)
      : drop_repeated_(drop_repeated), on_corrupt_(on_corrupt), who_(who), shards_(shards), failures_(failures) {
    has_given_names_ = !names.empty();
    table_.label_names = std::move(names);
  }

  /// The table; `rows` keeps those that are in it.
  label_table make(std::vector<record_row>& rows) {
    table_.rows_read = rows.size() + failures_.size();
    find_names(rows);
    check_cells(rows.size(), table_.labels(), who_, shards_.front());
    for (std::size_t j = 0; j < table_.labels(); ++j)
      require_value(columns_.emplace(table_.label_names[j], j).second, who_,
                    "the label " + io::detail::in_quotes(table_.label_names[j]) + " is named twice");
    std::size_t kept = 0;
    for (auto& row : rows) {
      if (!add(row)) continue;
      if (&rows[kept] != &row) rows[kept] = std::move(row);
      ++kept;
    }
    rows.resize(kept);
    finish();
    return std::move(table_);
  }

 private:
  using kind = record_labels::kind;

  /// Without given names: all names that occur, sorted; else the numbers of as many labels as there are.
  void find_names(std::vector<record_row> const& rows) {
    if (has_given_names_) return;
    std::set<std::string> names;
    std::size_t count = 0;
    bool first = true;
    for (auto const& row : rows) {
      if (row.labels.form == kind::names) names.insert(row.labels.names.begin(), row.labels.names.end());
      // Others of another length are refused, each by its place.
      if (row.labels.form == kind::values && std::exchange(first, false)) count = row.labels.values.size();
      if (row.labels.form == kind::index && row.labels.index < most_labels)
        count = std::max(count, row.labels.index + 1);
    }
    table_.label_names.assign(names.begin(), names.end());
    if (!names.empty()) return;
    for (std::size_t j = 0; j < count; ++j) table_.label_names.push_back(std::to_string(j));
  }

  bool add(record_row const& row) {
    if (auto const fault = fault_of(row); !fault.empty()) {
      auto const sentence = std::string(who_) + ": " + shards_[row.shard] + ": record at byte " +
                            std::to_string(row.offset) + ": " + fault;
      if (on_corrupt_ == io::on_corrupt::fail) throw io_error(sentence);
      failures_.push_back({shards_[row.shard], row.offset, sentence});
      return false;
    }
    auto const [before, is_new] = ids_.emplace(row.id, std::pair(row.shard, row.offset));
    if (!is_new) {
      ++table_.repeated_rows;
      if (drop_repeated_) return false;
      throw io_error(std::string(who_) + ": " + shards_[row.shard] + ": record at byte " + std::to_string(row.offset) +
                     ": the id " + io::detail::in_quotes(row.id) + " is that of another record, at byte " +
                     std::to_string(before->second.second) + " of " + shards_[before->second.first]);
    }
    table_.ids.push_back(row.id);
    table_.images.push_back(safe_name(row.id));
    add_labels(row.labels);
    return true;
  }

  std::string fault_of(record_row const& row) const {
    auto const& labels = row.labels;
    auto const count = std::to_string(table_.labels());
    if (row.image.empty()) return "the image has no bytes";
    if (safe_name(row.id).empty()) return "the path " + io::detail::in_quotes(row.id) + " names no file";
    if (labels.form == kind::values && labels.values.size() != table_.labels())
      return "expected " + count + " labels, got " + std::to_string(labels.values.size());
    if (labels.form == kind::index && labels.index >= table_.labels())
      return "expected a label below " + count + ", got " + std::to_string(labels.index);
    for (auto const& name : labels.names)
      if (!columns_.contains(name)) return "there is no label " + io::detail::in_quotes(name);
    return {};
  }

  void add_labels(record_labels const& labels) {
    std::size_t const first = table_.targets.size();
    table_.targets.resize(first + table_.labels());
    if (!table_.mask.empty()) table_.mask.resize(first + table_.labels(), 1);
    for (std::size_t j = 0; j < labels.values.size(); ++j) {
      table_.targets[first + j] = labels.values[j] == 1;
      if (labels.values[j] >= 0) continue;
      table_.mask.resize(table_.targets.size(), 1);
      table_.mask[first + j] = 0;
    }
    for (auto const& name : labels.names) table_.targets[first + columns_.find(name)->second] = 1;
    if (labels.form == kind::index) table_.targets[first + labels.index] = 1;
  }

  void finish() {
    std::size_t const width = table_.labels();
    for (std::size_t i = 0; i < table_.rows(); ++i) {
      bool any = false;
      for (std::size_t j = 0; j < width; ++j) any = any || table_.targets[i * width + j] == 1;
      table_.unlabelled_rows += !any;
    }
    table_.description = "labels: " + std::to_string(width) + " of records";
    if (width > 0)
      table_.description += ", " + io::detail::in_quotes(table_.label_names.front()) + " to " +
                            io::detail::in_quotes(table_.label_names.back());
  }

  /// A record cannot ask for more memory than its own bytes justify.
  static constexpr std::size_t most_labels = 1'000'000;

  bool drop_repeated_, has_given_names_ = false;
  io::on_corrupt on_corrupt_;
  std::string_view who_;
  std::vector<std::string> const& shards_;
  std::vector<io::record_failure>& failures_;
  label_table table_;
  std::unordered_map<std::string, std::size_t> columns_;
  std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> ids_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
