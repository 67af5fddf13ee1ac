#include "images.hpp"

#include <utility>

#include <fmt/format.h>

#include <softf1/data/image_loader.hpp>

#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

using softf1::io_error;

/// Ids by their place among all images of a source, where only some of them have a row.
std::vector<std::string> ids_by_image(labelled_source const& source) {
  std::vector<std::string> ids(source.images->size());
  for (std::size_t i = 0; i < source.rows.size(); ++i) ids[source.rows[i]] = source.table.ids[i];
  return ids;
}

}  // namespace

std::vector<std::size_t> rows_at(labelled_source const& source, std::vector<std::size_t> const& places) {
  std::vector<std::size_t> row_of(source.images->size()), rows;
  for (std::size_t i = 0; i < source.rows.size(); ++i) row_of[source.rows[i]] = i;
  for (std::size_t place : places) rows.push_back(row_of[place]);
  return rows;
}

void require_images(std::size_t left, std::vector<softf1::data::image_failure> const& failures,
                    image_set_options const& options, std::size_t all) {
  if (options.strict && !failures.empty())
    throw io_error(fmt::format("{} (and {} more images; without --strict they are left out)", failures.front().reason,
                               failures.size() - 1));
  if (left == 0)
    throw io_error(fmt::format("none of the {} images of {} can be read: {}", all, options.source().second,
                               failures.empty() ? "there are none" : failures.front().reason));
}

image_set extract_images(engine& work, softf1::models::extractor const& extractor, labelled_source const& source,
                         image_set_options const& options, std::string const& cache_folder, bool quiet) {
  auto const& folder = options.feature_cache.empty() ? cache_folder : options.feature_cache;
  softf1::data::feature_cache cache(folder, feature_key(work, extractor, source.place), extractor.dimension(),
                                    {{"extractor", to_json(extractor.identity()).dump()}});
  progress_bar bar("features", "images", quiet);
  interruptible const guard;
  auto features = run_extractor(work, extractor, source.images, ids_by_image(source),
                                {.rows = source.rows,
                                 .cache = &cache,
                                 .progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); },
                                 .stop_requested = interruptible::requested});
  bar.finish();
  if (features.stopped)
    throw io_error(
        fmt::format("interrupted: the features of {} of {} images are kept, and the same command goes on from there",
                    features.rows.size(), source.rows.size()));
  auto failures = features.failures;
  require_images(features.rows.size(), failures, options, source.rows.size());
  auto table = source.table.select(rows_at(source, features.rows));
  return {std::move(table), std::move(features), std::move(failures), cache.path()};
}

image_set take_features(labelled_source const& source) {
  image_set set{source.table, {}, {}, {}};
  set.features.dimension = source.dimension;
  for (std::size_t i = 0; i < source.rows.size(); ++i) {
    auto const* const row = source.features.data() + source.rows[i] * source.dimension;
    set.features.rows.push_back(i);
    set.features.values.insert(set.features.values.end(), row, row + source.dimension);
  }
  return set;
}

std::vector<std::size_t> readable_images(labelled_source const& source, image_set_options const& options, int threads,
                                         bool quiet, std::vector<softf1::data::image_failure>& failures) {
  progress_bar bar("checking", "images", quiet);
  interruptible const guard;
  // Only to decode them: the smallest square is made of each.
  softf1::data::image_loader loader(source.images, source.rows,
                                    {.preprocessing = {.image_size = 8}, .batch_size = 64, .threads = threads});
  softf1::data::image_batch batch;
  std::vector<std::size_t> readable;
  while (loader.next(batch)) {
    readable.insert(readable.end(), batch.indices.begin(), batch.indices.end());
    bar.show(readable.size() + loader.failures().size(), source.rows.size());
    if (interruptible::requested()) throw io_error("interrupted while images were checked");
  }
  bar.finish();
  for (auto const& f : loader.failures()) failures.push_back(f);
  require_images(readable.size(), failures, options, source.rows.size());
  return readable;
}

std::string failures_text(image_set const& set) {
  if (set.failures.empty()) return {};
  constexpr std::size_t shown = 10;
  auto text = fmt::format("left out {} images that cannot be read:\n", set.failures.size());
  for (std::size_t k = 0; k < set.failures.size() && k < shown; ++k)
    text += fmt::format("  {}\n", set.failures[k].reason);
  if (set.failures.size() > shown) text += fmt::format("  and {} more\n", set.failures.size() - shown);
  return text;
}

}  // namespace program
