// Splits as files, so that every run and every program uses the same rows.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/data/split.hpp>
#include <softf1/io/csv.hpp>
#include <softf1/io/csv_writer.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// The part of each id.
using split_map = std::unordered_map<std::string, part>;

/// Writes a split as CSV, whole or not at all: a header `id,part`, then a row an id, with train, validation or test.
/// Throws shape_error where there are not as many parts as ids, value_error for an id that is empty or repeated (it
/// would not read back), io_error where the system cannot store the file.
inline void write_split(std::string const& path, std::span<std::string const> ids, std::span<part const> row_parts) {
  constexpr std::string_view who = "write_split";
  require_shape(who, "parts", {ids.size()}, std::vector<std::size_t>{row_parts.size()});
  std::unordered_set<std::string_view> seen;
  io::csv_writer writer(path, ',', std::string(who));
  writer.row({"id", "part"});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    require_value(!ids[i].empty(), who, "the id of row " + std::to_string(i) + " is empty");
    require_value(seen.insert(ids[i]).second, who, "the id " + io::detail::in_quotes(ids[i]) + " is repeated");
    writer.row({ids[i], std::string(name_of(row_parts[i]))});
  }
  writer.close();
}

/// Reads a split: a CSV file with the columns `id` and `part`; other columns mean nothing. Throws io_error with file
/// and line for a part other than train, validation and test, for an empty id and for one that is repeated, and like
/// read_csv.
inline split_map read_split(std::string const& path) {
  auto const table = io::read_csv(path, {.header = io::csv_has::yes});
  auto const id_column = table.column("id"), part_column = table.column("part");
  split_map split;
  std::unordered_map<std::string, std::size_t> line_of;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    auto const fail = [&](std::string const& text) {
      io::detail::fail("read_split", path, "line " + std::to_string(table.lines[r]) + ": " + text);
    };
    auto const& id = table.rows[r][id_column];
    auto const name = io::detail::trimmed(table.rows[r][part_column]);
    if (id.empty()) fail("the id is empty");
    auto const [earlier, is_new] = line_of.emplace(id, table.lines[r]);
    if (!is_new)
      fail("the id " + io::detail::in_quotes(id) + " stands in line " + std::to_string(earlier->second) + " already");
    std::optional<part> found;
    for (auto const p : parts)
      if (name == name_of(p)) found = p;
    if (!found) fail("expected train, validation or test, got " + io::detail::in_quotes(name));
    split.emplace(id, *found);
  }
  return split;
}

/// The part of each row of a table. Ids that the split lacks get `otherwise`; where that is not given they are a
/// value_error, which says how many there are and names the first. Ids of the split that the table lacks mean nothing.
inline std::vector<part> parts_of(label_table const& table, split_map const& split,
                                  std::optional<part> otherwise = std::nullopt) {
  std::vector<part> result;
  std::size_t missing = 0;
  std::string first;
  for (auto const& id : table.ids) {
    auto const found = split.find(id);
    if (found == split.end() && missing++ == 0) first = id;
    result.push_back(found != split.end() ? found->second : otherwise.value_or(part::train));
  }
  require_value(missing == 0 || otherwise, "parts_of",
                "the split names no part for " + std::to_string(missing) + " of " + std::to_string(table.rows()) +
                    " ids, the first is " + io::detail::in_quotes(first));
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::parts_of;
using data::read_split;
using data::split_map;
using data::write_split;
}  // namespace softf1::inline SOFTF1_ABI
