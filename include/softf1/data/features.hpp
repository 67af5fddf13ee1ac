// Features of images as files: the output of a frozen network, a row for each image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>
#include <softf1/data/detail/feature_file.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Features of images by a frozen network, with the ids of their rows.
struct feature_rows {
  std::vector<std::string> ids;                 ///< N, distinct
  std::size_t dimension = 0;                    ///< D
  std::vector<float> values;                    ///< (N, D) row-major
  std::map<std::string, std::string> metadata;  ///< the file's own strings

  std::size_t rows() const { return ids.size(); }

  /// The values (N, D), where they lie.
  matrix_view<float const> view() const {
    return {values.data(), {rows(), dimension}, {static_cast<std::ptrdiff_t>(dimension), std::ptrdiff_t{1}}};
  }
};

/// Writes features as .safetensors, whole or not at all: `features` (N, D) F32, `id_bytes` (bytes,) U8, the ids in
/// UTF-8 one after the other, `id_offsets` (N + 1,) I64, where each begins and the last one ends; and the metadata. The
/// same content gives the same bytes.
/// Throws shape_error unless there are N · D values, value_error for a repeated id and for metadata that are not UTF-8,
/// io_error where the system cannot store the file.
inline void write_features(std::string const& path, feature_rows const& rows) {
  constexpr std::string_view who = "write_features";
  if (rows.values.size() != rows.rows() * rows.dimension)
    throw shape_error(std::string(who) + ": values of shape " + shape_text({rows.rows(), rows.dimension}) + " need " +
                      std::to_string(rows.rows() * rows.dimension) + " elements, got " +
                      std::to_string(rows.values.size()));
  std::unordered_set<std::string_view> seen;
  for (auto const& id : rows.ids)
    require_value(seen.insert(id).second, who, "the id " + io::detail::in_quotes(id) + " is repeated");
  detail::write_feature_file(path, rows.ids, rows.view(), {}, rows.metadata);
}

/// Reads what write_features or a feature_cache wrote; other tensors mean nothing. Throws io_error with the file where
/// a tensor is missing or of another type or shape, where offsets do not ascend from 0 to the end, where an id is
/// repeated, and like read_safetensors.
inline feature_rows read_features(std::string const& path) {
  auto file = detail::feature_file_reader(path, "read_features").read();
  feature_rows rows;
  rows.dimension = file.dimension();
  rows.values = file.features.as<float>();
  rows.ids = std::move(file.ids);
  rows.metadata = std::move(file.metadata);
  return rows;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::feature_rows;
using data::read_features;
using data::write_features;
}  // namespace softf1::inline SOFTF1_ABI
