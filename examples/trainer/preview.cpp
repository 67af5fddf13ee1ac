// softf1 preview: a sheet of what a network is shown in training.
#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include <softf1/data/image_loader.hpp>
#include <softf1/image/encode.hpp>
#include <softf1/io/json_value.hpp>

#include "contact_sheet.hpp"
#include "crop_warning.hpp"
#include "options.hpp"
#include "output.hpp"
#include "sources.hpp"

namespace program {

namespace {

using softf1::image_loader;

struct shown_images {
  std::shared_ptr<softf1::image_source const> source;
  std::vector<std::size_t> rows;  // shown, in order
};

/// Rows all over the table, the same for the same table.
shown_images choose(preview_options const& options) {
  auto const source = load_source(options.set);
  shown_images shown{source.images, {}};
  std::size_t const size = source.rows.size(), count = std::min(options.rows, size);
  for (std::size_t k = 0; k < count; ++k) shown.rows.push_back(source.rows[k * size / count]);
  return shown;
}

softf1::preprocessing preprocessing_of(preview_options const& options) {
  softf1::preprocessing how{.image_size = options.image_size};
  if (!options.resize.empty()) how.resize = softf1::image::parse<softf1::resize_mode>(options.resize);
  if (!options.filter.empty()) how.filter = softf1::image::parse<softf1::resize_filter>(options.filter);
  return how;
}

std::string encoded(softf1::rgb_image const& sheet, std::string const& path) {
  bool const is_png = path.ends_with(".png");
  auto const bytes = is_png ? softf1::encode_png(sheet) : softf1::encode_jpeg(sheet, 92);
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

}  // namespace

void check_augmentation(std::string const& text) { softf1::parse_augmentation(text); }
void check_crops(std::string const& text) { softf1::parse_crops(text); }

void run(preview_options const& options) {
  output_files files(files_of(options.set));
  auto const shown = choose(options);
  softf1::image_loader_options how{.preprocessing = preprocessing_of(options),
                                   .threads = options.threads,
                                   .bytes = true,
                                   .seed = options.seed,
                                   .crops = {}};
  auto const crops = options.crops.empty() ? softf1::crop_list{} : softf1::parse_crops(options.crops);
  std::size_t const columns = options.crops.empty() ? options.columns : 1 + crops.count();
  contact_sheet made(shown.rows.size(), columns, options.image_size);
  image_loader original(shown.source, shown.rows, how);
  made.fill(0, original);
  if (options.crops.empty()) {
    how.augmentation = softf1::parse_augmentation(options.augment);
    warn_of_small_crops(how.augmentation, how.preprocessing);
    for (std::size_t column = 1; column < columns; ++column) {
      how.epoch = options.epoch + column - 1;
      image_loader loader(shown.source, shown.rows, how);
      made.fill(column, loader);
    }
  } else {
    how.crops = crops;
    warn_of_small_crops(crops, how.preprocessing);
    image_loader loader(shown.source, shown.rows, how);
    made.fill(1, loader);
  }
  files.add("--out", options.out, encoded(made.image(), options.out));
  if (!options.json.empty()) {
    softf1::io::json_value form{{"sheet", options.out}, {"rows", shown.rows}, {"columns", columns}};
    if (options.crops.empty())
      form["augment"] = to_text(how.augmentation);
    else
      form["crops"] = to_text(crops);
    auto& failures = form["failures"] = softf1::io::json_value::array();
    for (auto const& failure : original.failures()) failures.push_back(failure.reason);
    files.add("--json", options.json, softf1::io::json_text(form));
  }
  files.commit();
  if (options.quiet || files.take_standard_output()) return;
  std::string text;
  for (auto const& failure : original.failures()) text += fmt::format("left gray: {}\n", failure.reason);
  print(text +
        fmt::format("{} images, {} columns, the first as they are: {}\n", shown.rows.size(), columns, options.out));
}

}  // namespace program
