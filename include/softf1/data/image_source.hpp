// Encoded images by index, wherever they lie: files, records, members of archives.
#pragma once

#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <softf1/data/file_stamp.hpp>
#include <softf1/io/file.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Encoded images (JPEG, PNG …), each by its index. Any number of threads may read at once.
class image_source {
 public:
  image_source() = default;
  image_source(image_source const&) = delete;
  image_source& operator=(image_source const&) = delete;
  virtual ~image_source() = default;

  virtual std::size_t size() const = 0;

  /// What sentences call image i: its file, or a file and a place in it.
  virtual std::string name(std::size_t i) const = 0;

  /// The bytes of image i: in `memory`, which may be used again for the next image, or where the source has them anyway;
  /// valid as long as both. Throws io_error naming the file, and the place in it, where they cannot be read.
  virtual std::span<std::byte const> read(std::size_t i, std::vector<std::byte>& memory) const = 0;

  /// What tells that image i has been replaced; zeros where that cannot be told.
  virtual file_stamp stamp(std::size_t) const { return {}; }
};

/// All rows of a source, or a table, of `count`: 0, 1, …, count - 1.
inline std::vector<std::size_t> every_row(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

/// Images that are files of their own. They are not looked at before they are read.
class image_files final : public image_source {
 public:
  explicit image_files(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  std::size_t size() const override { return paths_.size(); }
  std::string name(std::size_t i) const override { return paths_[i]; }
  std::span<std::byte const> read(std::size_t i, std::vector<std::byte>& memory) const override {
    memory = io::read_file(paths_[i], "read_image");
    return memory;
  }
  file_stamp stamp(std::size_t i) const override { return stamp_of(paths_[i]); }

 private:
  std::vector<std::string> paths_;
};

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::every_row;
using data::image_files;
using data::image_source;
}  // namespace softf1::inline SOFTF1_ABI
