#include "contact_sheet.hpp"

#include <algorithm>
#include <utility>

#include <softf1/image/encode.hpp>

namespace program {

namespace {
constexpr std::size_t gap = 4;
}

contact_sheet::contact_sheet(std::size_t rows, std::size_t columns, std::size_t side)
    : side_(side), image_(rows * (side + gap) + gap, columns * (side + gap) + gap) {
  std::fill(image_.pixels.begin(), image_.pixels.end(), std::uint8_t{255});
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t y = 0; y < side; ++y) std::fill_n(line(r, c, y), side * 3, std::uint8_t{200});
}

void contact_sheet::put(std::size_t row, std::size_t column, std::uint8_t const* pixels) {
  for (std::size_t y = 0; y < side_; ++y) std::copy_n(pixels + y * side_ * 3, side_ * 3, line(row, column, y));
}

void contact_sheet::fill(std::size_t column, softf1::image_loader& loader) {
  softf1::image_batch batch;
  while (loader.next(batch))
    for (std::size_t k = 0; k < batch.indices.size() * batch.crops; ++k)
      put(batch.indices[k / batch.crops], column + k % batch.crops, batch.bytes.data() + k * side_ * side_ * 3);
}

std::uint8_t* contact_sheet::line(std::size_t row, std::size_t column, std::size_t y) {
  return image_.at(gap + row * (side_ + gap) + y, gap + column * (side_ + gap));
}

softf1::rgb_image sheet_of(std::shared_ptr<softf1::image_source const> images, std::vector<std::size_t> rows,
                           softf1::image_loader_options how) {
  constexpr std::size_t columns = 4;
  if (rows.size() > columns * columns) rows.resize(columns * columns);
  std::size_t const side = how.preprocessing.image_size;
  contact_sheet made((rows.size() + columns - 1) / columns, columns, side);
  how.bytes = true;
  softf1::image_loader loader(std::move(images), std::move(rows), how);
  softf1::image_batch batch;
  while (loader.next(batch))
    for (std::size_t k = 0; k < batch.indices.size(); ++k)
      made.put(batch.indices[k] / columns, batch.indices[k] % columns, batch.bytes.data() + k * side * side * 3);
  return made.image();
}

void write_sheet(softf1::event_writer& events, std::string_view tag, std::int64_t step,
                 softf1::rgb_image const& sheet) {
  events.image(tag, step, softf1::encode_jpeg(sheet), sheet.height, sheet.width);
}

}  // namespace program
