// Features kept between runs, and row by row while they are computed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/hash.hpp>
#include <softf1/core/view.hpp>
#include <softf1/data/detail/feature_file.hpp>
#include <softf1/data/detail/feature_journal.hpp>
#include <softf1/data/file_stamp.hpp>
#include <softf1/io/array.hpp>
#include <softf1/io/csv_encoding.hpp>
#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Features that are kept between runs in `DIR/features_<hash of key>.safetensors`; see write_features. While an
/// extraction runs, each row it finishes is appended to `features_<hash>.journal` beside it and handed to the system at
/// once: an extraction that is killed loses at most the row that it was writing (a machine that loses its power may
/// lose the last seconds). From the first `append` to `commit`, and where a journal was found, the cache is locked.
/// Not for use by several threads at once.
class feature_cache {
 public:
  /// Makes the folder `directory` where it is absent and reads what is known. `key` is a UTF-8 text that tells weights,
  /// preprocessing and images apart: it is stored as metadata `key` and compared. `dimension` is the number of features
  /// a row, > 0. `metadata` are further UTF-8 strings that a commit stores; they tell nothing apart.
  /// A torn or damaged end of the journal is cut off (`dropped_bytes`), a journal of another dimension is emptied.
  /// Throws value_error for dimension 0, texts that are not UTF-8 and metadata named `key`; io_error where the system
  /// fails, where another extraction uses the cache, and where the .safetensors file is damaged or not of this key and
  /// dimension: it is to be deleted then. Cost: the file's features are mapped, not read.
  feature_cache(std::string const& directory, std::string key, std::size_t dimension,
                std::map<std::string, std::string> metadata = {})
      : dimension_(dimension),
        stem_(stem_of(directory, key)),
        path_(stem_ + ".safetensors"),
        metadata_(std::move(metadata)),
        journal_(stem_ + ".journal", dimension, fnv1a(key), who) {
    require_value(dimension_ > 0, who, "dimension must be positive, got 0");
    require_value(metadata_.emplace("key", std::move(key)).second, who, "metadata must not be named 'key'");
    for (auto const& [name, text] : metadata_)
      require_value(is_utf8(name) && is_utf8(text), who, "metadata " + io::detail::in_quotes(name) + " must be UTF-8");
    make_folder(directory);
    // The lock first: its owner may be about to replace the file.
    bool const has_journal = journal_.open(detail::feature_journal::when_absent::leave);
    load_file();
    if (has_journal) replay_journal();
  }

  /// Path of the .safetensors file, whether it exists already or not.
  std::string const& path() const { return path_; }
  std::size_t dimension() const { return dimension_; }
  /// Number of known rows, those of the journal included.
  std::size_t rows() const { return index_.size(); }
  /// Bytes of the journal that were cut off because they held no whole row.
  std::size_t dropped_bytes() const { return journal_.dropped_bytes(); }

  /// The features (D) of an image; empty where it is unknown or was stored with another stamp. What is returned stays
  /// as it is while the cache lives. Cost: logarithmic in the rows.
  std::span<float const> find(std::string_view id, file_stamp stamp) const {
    auto const it = index_.find(id);
    if (it == index_.end() || it->second.stamp != stamp) return {};
    return {it->second.values, dimension_};
  }

  /// Adds a row, or replaces the row of that id. Throws shape_error unless there are D features, io_error where the
  /// journal cannot be written (the row is not added then), is in use by another extraction, or where another one has
  /// replaced the .safetensors file since it was read.
  void append(std::string_view id, file_stamp stamp, std::span<float const> features) {
    require_shape(who, "features", {dimension_}, std::vector<std::size_t>{features.size()});
    lock();
    journal_.append(id, stamp, features);
    put(id, stamp, std::as_bytes(features));
  }

  /// Writes all rows into the .safetensors file, sorted by id (by bytes), whole or not at all, and removes the journal;
  /// the same rows give the same bytes. Beside the tensors of write_features there are `stamps` (N, 2) I64: size and
  /// time. Does nothing where the file holds all rows already. Throws io_error where the system cannot store it: the
  /// journal stays. Cost: a copy of all features.
  void commit() {
    if (!is_stored_) {
      lock();
      write_file();
      file_stamp_ = stamp_of(path_);
      is_stored_ = true;
    }
    journal_.remove();
  }

 private:
  static constexpr char const* who = "feature_cache";

  struct row {
    file_stamp stamp;
    float const* values = nullptr;
  };

  static bool is_utf8(std::string_view text) { return io::find_invalid_utf8(text) == std::string_view::npos; }

  static std::string stem_of(std::string const& directory, std::string_view key) {
    hasher hash;
    hash.add(key);
    return (std::filesystem::path(directory) / ("features_" + hash.hex())).string();
  }

  static void make_folder(std::string const& directory) {
    if (directory.empty()) return;
    std::error_code code;
    std::filesystem::create_directories(directory, code);
    if (code) io::detail::fail_system(who, "make the folder", directory, code.value());
  }

  void put(std::string_view id, file_stamp stamp, std::span<std::byte const> bytes) {
    auto& values = added_.emplace_back(dimension_);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    index_.insert_or_assign(std::string(id), row{stamp, values.data()});
    is_stored_ = false;
  }

  void load_file() {
    file_stamp_ = stamp_of(path_);
    std::error_code code;
    bool const exists = std::filesystem::exists(path_, code);
    if (code) io::detail::fail_system(who, "open", path_, code.value());
    if (!exists) return;
    try {
      file_ = detail::feature_file_reader(path_, who).read();
      check_file();
    } catch (io_error const& e) {
      throw io_error(std::string(e.what()) + "; delete the file to compute its features anew", e.where());
    }
    for (std::size_t i = 0; i < file_.ids.size(); ++i)
      index_.emplace(std::move(file_.ids[i]), row{{file_.stamps[2 * i], file_.stamps[2 * i + 1]}, file_.row(i)});
    is_stored_ = true;
  }

  void check_file() const {
    auto const fail = [&](std::string const& text) { io::detail::fail(who, path_, text); };
    auto const& key = metadata_.at("key");
    auto const found = file_.metadata.find("key");
    if (found == file_.metadata.end()) fail("expected metadata 'key', got none");
    if (found->second != key)
      fail("the key must be " + io::detail::in_quotes(key) + ", got " + io::detail::in_quotes(found->second));
    if (file_.dimension() != dimension_)
      fail("a row must have " + std::to_string(dimension_) + " features, got " + std::to_string(file_.dimension()));
    if (file_.stamps.size() != 2 * file_.ids.size()) fail("expected a tensor 'stamps', got none");
  }

  void replay_journal() {
    journal_.replay([&](detail::feature_record const& r) { put(r.id, r.stamp, r.values); });
  }

  /// Makes sure that this is the only extraction, and that none has run since the file was read.
  void lock() {
    if (journal_.is_open()) return;
    journal_.open(detail::feature_journal::when_absent::make);
    try {
      if (stamp_of(path_) != file_stamp_)
        io::detail::fail(who, path_, "another extraction has replaced the file meanwhile; open the cache anew");
      replay_journal();
    } catch (...) {
      journal_.release();
      throw;
    }
  }

  void write_file() const {
    std::vector<std::string_view> ids;
    std::vector<std::int64_t> stamps;
    std::vector<float> values;
    values.reserve(rows() * dimension_);
    for (auto const& [id, r] : index_) {
      ids.push_back(id);
      stamps.insert(stamps.end(), {r.stamp.size, r.stamp.time});
      values.insert(values.end(), r.values, r.values + dimension_);
    }
    std::ptrdiff_t const stride = static_cast<std::ptrdiff_t>(dimension_);
    matrix_view<float const> const view(values.data(), {ids.size(), dimension_}, {stride, 1});
    detail::write_feature_file(path_, ids, view, stamps, metadata_);
  }

  std::size_t dimension_;
  std::string stem_, path_;
  std::map<std::string, std::string> metadata_;  // the key included
  detail::feature_journal journal_;
  detail::feature_file file_;             // where rows that were read lie
  file_stamp file_stamp_;                 // of the file when it was read or written last
  std::deque<std::vector<float>> added_;  // where the others lie
  std::map<std::string, row, std::less<>> index_;
  bool is_stored_ = false;  // the file has all rows
};

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::feature_cache;
}
