#include "train_images.hpp"

#include <string>
#include <utility>

#include <softf1/core/named.hpp>

#include "contact_sheet.hpp"
#include "crop_warning.hpp"
#include "engine.hpp"
#include "models.hpp"

namespace program {

namespace {

namespace data = softf1::data;

std::size_t number(std::string const& text, std::size_t automatic) {
  return text == "auto" ? automatic : static_cast<std::size_t>(softf1::parse_number(text, "a number"));
}

data::image_loader_options loading(train_options const& options) {
  data::image_loader_options how{
      .prefetch = number(options.prefetch, data::automatic_prefetch),
      .threads = static_cast<int>(number(options.workers, static_cast<std::size_t>(options.threads))),
      .augmentation = softf1::image::parse_augmentation(options.augment),
      .seed = options.seed};
  auto const kind = data::parse_cache_kind(options.image_cache);
  if (kind != data::cache_kind::none)
    how.cache = std::make_shared<data::image_cache>(kind, options.cache_megabytes << 20);
  return how;
}

}  // namespace

augmented_images::augmented_images(engine& work, softf1::models::extractor const& extractor,
                                   labelled_source const& source, std::vector<std::size_t> const& rows,
                                   train_options const& options)
    : extractor_(batches_on(work, extractor)),
      feed_(extractor_, source.images, source.select(rows).rows, loading(options)) {
  warn_of_small_crops(softf1::image::parse_augmentation(options.augment), extractor.input());
}

softf1::rgb_image training_sheet(softf1::models::extractor const& extractor, labelled_source const& source,
                                 std::vector<std::size_t> const& rows, train_options const& options) {
  data::image_loader_options how{.preprocessing = extractor.input(), .threads = 1, .seed = options.seed, .epoch = 1};
  how.augmentation = softf1::image::parse_augmentation(options.augment);
  return sheet_of(source.images, source.select(rows).rows, std::move(how));
}

}  // namespace program
