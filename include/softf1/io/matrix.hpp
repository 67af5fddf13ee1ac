// A matrix of numbers from a file of any format that this library reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/io/csv.hpp>
#include <softf1/io/npy.hpp>
#include <softf1/io/text.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

inline bool ends_with_extension(std::string_view path, std::string_view extension) {
  if (path.size() < extension.size()) return false;
  path.remove_prefix(path.size() - extension.size());
  for (std::size_t k = 0; k < path.size(); ++k) {
    bool const is_upper = path[k] >= 'A' && path[k] <= 'Z';
    if ((is_upper ? static_cast<char>(path[k] - 'A' + 'a') : path[k]) != extension[k]) return false;
  }
  return true;
}

/// The first bytes of a file; nothing of a pipe, which cannot be read twice.
inline std::string first_bytes(std::string const& path, std::string_view who) {
  auto const file = open_to_read(path, who);
  char buffer[8];
  auto const n = file.regular && path != "-"
                     ? retry([&] { return ::pread(file.descriptor.number(), buffer, sizeof buffer, 0); })
                     : 0;
  if (n < 0) fail_system(who, "read", path, errno);
  return {buffer, static_cast<std::size_t>(n)};
}

}  // namespace detail

/// Reads a matrix (N, L): .npy by its first bytes, whatever the name; else .csv and .tsv by their extension, and
/// numbers separated by blanks under any other. A vector is one column (N, 1). Column and row names come from a CSV
/// header. Elements keep the type of the file (f64 for text): `values.as<float>()` converts. Throws io_error for what
/// the format refuses, and for more than two dimensions.
inline named_matrix read_matrix(std::string const& path) {
  constexpr std::string_view who = "read_matrix";
  auto const start = detail::first_bytes(path, who);
  if (start.starts_with(detail::npy_magic) || detail::ends_with_extension(path, ".npy")) {
    auto values = read_npy(path);
    if (values.rank() > 2)
      detail::fail(who, path, "expected a matrix, got an array of shape " + shape_text(values.shape()));
    std::vector<std::size_t> const shape{values.rows(), values.cols()};
    return {array(values.type(), shape, values.order(), values.bytes(), values.owner()), {}, {}};
  }
  if (start.starts_with("PK\3\4"))
    detail::fail(who, path, "expected .npy, .csv, .tsv or text, got a zip archive (.npz): save one array as .npy");
  if (detail::ends_with_extension(path, ".csv")) return read_csv_matrix(path);
  if (detail::ends_with_extension(path, ".tsv")) return read_csv_matrix(path, {.delimiter = '\t'});
  return {read_text_matrix(path), {}, {}};
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::read_matrix;
}
