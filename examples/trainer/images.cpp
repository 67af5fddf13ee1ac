#include "images.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include <softf1/data/table.hpp>

#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;
using softf1::io_error;

std::string canonical(std::string const& folder) {
  std::error_code failed;
  auto const path = fs::weakly_canonical(folder, failed);
  return failed ? folder : path.string();
}

}  // namespace

std::string table_text(softf1::data::label_table const& table) {
  std::string text = fmt::format("{}\n", table.description);
  if (table.incomplete_rows > 0)
    text += fmt::format("dropped {} of {} rows: incomplete\n", table.incomplete_rows, table.rows_read);
  if (table.repeated_rows > 0) text += fmt::format("dropped {} rows: repeated ids\n", table.repeated_rows);
  if (!table.dropped_labels.empty()) {
    text += fmt::format("dropped {} labels (with their rows):", table.dropped_labels.size());
    for (auto const& [name, rows] : table.dropped_labels) text += fmt::format(" {} ({})", name, rows);
    text += '\n';
  }
  if (table.unlabelled_rows > 0)
    text += fmt::format("{} rows without labels: {}\n", table.unlabelled_rows,
                        table.unlabelled_dropped > 0 ? "dropped" : "kept");
  return text;
}

softf1::data::label_table load_table(image_set_options const& options) {
  if (!fs::is_directory(options.images)) throw io_error("--images: there is no folder " + options.images);
  return softf1::read_label_table(options.csv, options.table);
}

image_set extract_images(engine& work, softf1::models::extractor const& extractor, softf1::data::label_table table,
                         image_set_options const& options, std::string const& cache_folder, bool quiet) {
  std::vector<std::string> paths;
  for (auto const& name : table.images) paths.push_back((fs::path(options.images) / name).string());
  auto const& folder = options.feature_cache.empty() ? cache_folder : options.feature_cache;
  softf1::data::feature_cache cache(folder, feature_key(work, extractor, canonical(options.images)),
                                    extractor.dimension(), {{"extractor", to_json(extractor.identity()).dump()}});
  progress_bar bar("features", "images", quiet);
  interruptible const guard;
  auto features = run_extractor(work, extractor, paths, table.ids,
                                {.cache = &cache,
                                 .progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); },
                                 .stop_requested = interruptible::requested});
  bar.finish();
  if (features.stopped)
    throw io_error(
        fmt::format("interrupted: the features of {} of {} images are kept, and the same command goes on from there",
                    features.rows.size(), paths.size()));
  auto failures = features.failures;
  if (options.strict && !failures.empty())
    throw io_error(fmt::format("{} (and {} more images; without --strict they are left out)", failures.front().reason,
                               failures.size() - 1));
  if (features.rows.empty())
    throw io_error(fmt::format("none of the {} images of {} can be read: {}", paths.size(), options.csv,
                               failures.empty() ? "there are none" : failures.front().reason));
  table = table.select(features.rows);
  return {std::move(table), std::move(features), std::move(failures), cache.path()};
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
