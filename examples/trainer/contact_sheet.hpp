// Many images in one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <softf1/data/image_loader.hpp>
#include <softf1/image/image.hpp>
#include <softf1/report/event_file.hpp>

namespace program {

/// A grid of squares with a white margin; squares that get no image stay gray.
class contact_sheet {
 public:
  contact_sheet(std::size_t rows, std::size_t columns, std::size_t side);

  /// `pixels`: (side, side, 3).
  void put(std::size_t row, std::size_t column, std::uint8_t const* pixels);

  /// Fills columns from `column` on with a loader's images as bytes: a row an image, a column a crop.
  void fill(std::size_t column, softf1::image_loader& loader);

  softf1::rgb_image const& image() const { return image_; }

 private:
  std::uint8_t* line(std::size_t row, std::size_t column, std::size_t y);

  std::size_t side_;
  softf1::rgb_image image_;
};

/// At most 16 images of these rows of a source, line by line, as a loader with these options makes them.
softf1::rgb_image sheet_of(std::shared_ptr<softf1::image_source const> images, std::vector<std::size_t> rows,
                           softf1::image_loader_options how);

/// A sheet among the images that TensorBoard shows.
void write_sheet(softf1::event_writer& events, std::string_view tag, std::int64_t step, softf1::rgb_image const& sheet);

}  // namespace program
