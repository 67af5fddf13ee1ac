// .safetensors files: named tensors and a map of strings. Needs nlohmann-json.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/array.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/detail/elements.hpp>
#include <softf1/io/safetensors_header.hpp>
#include <softf1/io/file.hpp>
#include <softf1/io/make_array.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// A .safetensors file, mapped: tensors stay in the file until they are touched. The file must not be shortened while
/// this object or an array from it lives.
class safetensors_file {
 public:
  /// Throws io_error with file and byte or tensor where the header is not JSON or longer than the file or 100 MB, a
  /// name stands twice, a dtype is unknown, or the tensors do not fill the data exactly and in the size of
  /// their shape.
  explicit safetensors_file(std::string path)
      : path_(std::move(path)), file_(std::make_shared<mapped_file const>(path_, who)) {
    detail::safetensors_header header(file_->bytes(), who, path_);
    entries_ = std::move(header.entries);
    metadata_ = std::move(header.metadata);
    for (std::size_t k = 0; k < entries_.size(); ++k) index_[entries_[k].name] = k;
  }

  std::string const& path() const { return path_; }

  /// All tensors, in the order of their bytes.
  std::vector<safetensors_entry> const& entries() const { return entries_; }

  /// The file's own strings.
  std::map<std::string, std::string> const& metadata() const { return metadata_; }

  bool contains(std::string_view name) const { return index_.find(name) != index_.end(); }

  /// Type, shape and place of a tensor. Throws io_error where the file has none of that name.
  safetensors_entry const& entry(std::string_view name) const {
    auto const it = index_.find(name);
    if (it == index_.end())
      detail::fail(who, path_,
                   "expected a tensor " + detail::in_quotes(name) + ", the file has " +
                       std::to_string(entries_.size()) + " others");
    return entries_[it->second];
  }

  /// A tensor, where it lies in the file (copied only on a big-endian machine). Throws io_error where the file has none
  /// of that name, or a boolean is neither 0 nor 1.
  array tensor(std::string_view name) const {
    auto const& e = entry(name);
    auto const bytes = file_->bytes().subspan(e.begin, e.end - e.begin);
    if (e.type == dtype::boolean) detail::check_booleans(bytes, e.begin, who, path_);
    constexpr bool swapped = std::endian::native == std::endian::big;
    return detail::array_on_bytes(e.type, swapped, e.shape, storage_order::row_major, bytes, file_);
  }

 private:
  static constexpr char const* who = "safetensors_file";

  std::string path_;
  std::shared_ptr<mapped_file const> file_;
  std::vector<safetensors_entry> entries_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::string> metadata_;
};

/// Opens a .safetensors file; see safetensors_file.
inline safetensors_file read_safetensors(std::string const& path) { return safetensors_file(path); }

/// A tensor to write: `values` may borrow the caller's memory (borrow_array).
struct named_array {
  std::string name;
  array values;
};

namespace detail {

/// Column-major arrays are turned: the format knows row-major order only. By bytes: what they mean does not matter.
inline array row_major(array const& values) {
  if (values.order() == storage_order::row_major) return values;
  auto const& shape = values.shape();
  std::size_t const item = size_of(values.type()), rank = shape.size();
  auto const turned = std::make_shared<std::vector<std::byte>>(values.bytes().size());
  std::vector<std::size_t> index(rank);
  for (std::size_t to = 0; to < turned->size(); to += item) {
    std::size_t from = 0;
    for (std::size_t k = rank; k-- > 0;) from = from * shape[k] + index[k];
    std::copy_n(values.bytes().begin() + static_cast<std::ptrdiff_t>(from * item), item,
                turned->begin() + static_cast<std::ptrdiff_t>(to));
    for (std::size_t k = rank; k-- > 0 && ++index[k] == shape[k];) index[k] = 0;
  }
  return array(values.type(), shape, storage_order::row_major, *turned, turned);
}

inline nlohmann::json safetensors_json(std::vector<named_array const*> const& tensors,
                                       std::map<std::string, std::string> const& metadata) {
  auto header = nlohmann::json::object();
  if (!metadata.empty()) header[std::string(safetensors_metadata_key)] = metadata;
  std::size_t offset = 0;
  for (auto const* t : tensors) {
    std::size_t const end = offset + t->values.bytes().size();
    header[t->name] = {{"dtype", safetensors_dtype_name(t->values.type())},
                       {"shape", t->values.shape()},
                       {"data_offsets", {offset, end}}};
    offset = end;
  }
  return header;
}

}  // namespace detail

/// Writes tensors and strings, whole or not at all. The same content gives the same bytes: names are sorted in the
/// header, data by element size, largest first, then by name, so that each tensor is aligned.
/// Throws value_error for two tensors of one name, for the reserved name __metadata__ and for a text that is not UTF-8,
/// io_error where the system cannot store the file.
inline void write_safetensors(atomic_writer& writer, std::string const& path, std::vector<named_array> const& tensors,
                              std::map<std::string, std::string> const& metadata = {}) {
  constexpr std::string_view who = "write_safetensors";
  static_assert(std::endian::native == std::endian::little,
                "softf1: .safetensors are written on little-endian machines");
  std::set<std::string_view> names;
  std::vector<named_array const*> sorted;
  for (auto const& t : tensors) {
    require_value(t.name != detail::safetensors_metadata_key, who, path + ": a tensor must not be named __metadata__");
    require_value(names.insert(t.name).second, who, path + ": two tensors are named " + detail::in_quotes(t.name));
    sorted.push_back(&t);
  }
  std::sort(sorted.begin(), sorted.end(), [](named_array const* a, named_array const* b) {
    auto const x = size_of(a->values.type()), y = size_of(b->values.type());
    return x != y ? x > y : a->name < b->name;
  });
  std::string header;
  try {
    header = detail::safetensors_json(sorted, metadata).dump();
  } catch (nlohmann::json::type_error const&) {
    throw value_error(std::string(who) + ": " + path + ": names and metadata must be UTF-8");
  }
  header.append((8 - header.size() % 8) % 8, ' ');
  if (header.size() > detail::safetensors_header_limit)
    throw value_error(std::string(who) + ": " + path + ": the header must have at most " +
                      std::to_string(detail::safetensors_header_limit) + " bytes, got " +
                      std::to_string(header.size()));
  std::uint64_t const length = header.size();
  writer.write(std::as_bytes(std::span(&length, 1)));
  writer.write(header);
  for (auto const* t : sorted) writer.write(detail::row_major(t->values).bytes());
}

/// The same as a file, whole or not at all.
inline void write_safetensors(std::string const& path, std::vector<named_array> const& tensors,
                              std::map<std::string, std::string> const& metadata = {}) {
  write_atomically(
      path, [&](atomic_writer& to) { write_safetensors(to, path, tensors, metadata); }, "write_safetensors");
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::read_safetensors;
using io::safetensors_file;
using io::write_safetensors;
}  // namespace softf1::inline SOFTF1_ABI
