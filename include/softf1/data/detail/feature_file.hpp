// The content of a .safetensors file of features, and its checks.
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
#include <softf1/io/array.hpp>
#include <softf1/io/make_array.hpp>
#include <softf1/io/safetensors.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// What a file of features holds; the features lie in the file's mapping.
struct feature_file {
  std::vector<std::string> ids;      // N, distinct
  io::array features;                // (N, D) f32
  std::vector<std::int64_t> stamps;  // (N, 2) row-major, or empty
  std::map<std::string, std::string> metadata;

  std::size_t dimension() const { return features.shape()[1]; }
  float const* row(std::size_t i) const {
    return reinterpret_cast<float const*>(features.bytes().data()) + i * dimension();
  }
};

/// Reads the tensors of one file; every failure names it.
class feature_file_reader {
 public:
  feature_file_reader(std::string const& path, std::string_view who) : file_(path), who_(who) {}

  feature_file read() const {
    feature_file content;
    content.features = tensor("features", io::dtype::f32, 2);
    content.ids = ids(content.features.shape()[0]);
    content.metadata = file_.metadata();
    if (file_.contains("stamps")) {
      auto const stamps = tensor("stamps", io::dtype::i64, 2);
      if (stamps.shape() != std::vector<std::size_t>{content.ids.size(), 2})
        fail("'stamps' must have shape " + shape_text({content.ids.size(), std::size_t{2}}) + ", got " +
             shape_text(stamps.shape()));
      content.stamps = stamps.as<std::int64_t>();
    }
    return content;
  }

 private:
  [[noreturn]] void fail(std::string const& text) const { io::detail::fail(who_, file_.path(), text); }

  io::array tensor(std::string const& name, io::dtype type, std::size_t rank) const {
    auto const& entry = file_.entry(name);
    if (entry.type != type || entry.shape.size() != rank)
      fail("'" + name + "' must be " + std::string(io::name_of(type)) + " of " + std::to_string(rank) +
           " dimensions, got " + std::string(io::name_of(entry.type)) + " of shape " + shape_text(entry.shape));
    return file_.tensor(name);
  }

  std::vector<std::string> ids(std::size_t n) const {
    auto const bytes = tensor("id_bytes", io::dtype::u8, 1);
    auto const offsets = tensor("id_offsets", io::dtype::i64, 1).as<std::int64_t>();
    if (offsets.empty() || offsets.size() - 1 != n)
      fail("'id_offsets' must have shape " + shape_text({n + 1}) + ", one more than the rows of 'features', got " +
           shape_text({offsets.size()}));
    auto const end = static_cast<std::int64_t>(bytes.size());
    if (offsets.front() != 0 || offsets.back() != end)
      fail("'id_offsets' must go from 0 to " + std::to_string(end) + ", got " + std::to_string(offsets.front()) +
           " to " + std::to_string(offsets.back()));
    std::string_view const text(reinterpret_cast<char const*>(bytes.bytes().data()), bytes.size());
    std::vector<std::string> ids;
    std::unordered_set<std::string_view> seen;
    ids.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      if (offsets[i + 1] < offsets[i] || offsets[i + 1] > end)
        fail("'id_offsets' must ascend to " + std::to_string(end) + ", got " + std::to_string(offsets[i + 1]) +
             " behind " + std::to_string(offsets[i]) + " at row " + std::to_string(i));
      auto const id =
          text.substr(static_cast<std::size_t>(offsets[i]), static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
      if (!seen.insert(id).second)
        fail("the id " + io::detail::in_quotes(id) + " is repeated at row " + std::to_string(i));
      ids.emplace_back(id);
    }
    return ids;
  }

  io::safetensors_file file_;
  std::string_view who_;
};

/// Writes a file of features, atomically; `stamps` may be empty. Ids are taken to be distinct.
template <class Ids>
void write_feature_file(std::string const& path, Ids const& ids, matrix_view<float const> values,
                        std::span<std::int64_t const> stamps, std::map<std::string, std::string> const& metadata) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int64_t> offsets{0};
  for (std::string_view const id : ids) {
    bytes.insert(bytes.end(), id.begin(), id.end());
    offsets.push_back(static_cast<std::int64_t>(bytes.size()));
  }
  std::size_t const length = bytes.size(), n = offsets.size();
  std::vector<io::named_array> tensors;
  tensors.push_back({"features", io::borrow_array(values)});
  tensors.push_back({"id_bytes", io::make_array(std::move(bytes), {length})});
  tensors.push_back({"id_offsets", io::make_array(std::move(offsets), {n})});
  if (!stamps.empty())
    tensors.push_back(
        {"stamps", io::make_array(std::vector<std::int64_t>(stamps.begin(), stamps.end()), {stamps.size() / 2, 2})});
  io::write_safetensors(path, tensors, metadata);
}

}  // namespace softf1::inline SOFTF1_ABI::data::detail
