// The rows of a training run: where they come from, and their parts.
#include <utility>

#include <fmt/format.h>

#include <softf1/data/split_file.hpp>

#include "train.hpp"

namespace program {

namespace data = softf1::data;

training_data load_rows(image_set_options const& options) {
  training_data result;
  result.source = load_source(options);
  return result;
}

void find_features(engine& work, softf1::models::extractor const* extractor, train_options const& options, bool later,
                   std::string const& cache_folder, training_data& all) {
  if (!extractor) {
    auto set = take_features(all.source);
    all.about = fmt::format("features: {} rows of {}, from {}\n", set.table.rows(), set.features.dimension,
                            options.set.source().second);
    all.features = std::move(set.features);
    return;
  }
  if (later) {
    auto const readable = readable_images(all.source, options.set, options.threads, options.quiet, all.failures);
    all.source = all.source.select(readable);
    all.about = failures_text({{}, {}, all.failures, {}}) +
                fmt::format("images: {}, augmented by {}\n", all.source.rows.size(), options.augment);
    return;
  }
  auto set = extract_images(work, *extractor, all.source, options.set, cache_folder, options.quiet);
  all.failures = std::move(set.failures);
  all.about = failures_text({{}, {}, all.failures, {}}) + fmt::format("features: {} rows of {}, {} of them from {}\n",
                                                                      set.table.rows(), set.features.dimension,
                                                                      set.features.cached, set.cache);
  all.source.rows = set.features.rows;
  all.source.table = std::move(set.table);
  all.features = std::move(set.features);
}

std::vector<data::part> split_rows(train_options const& options, data::label_table const& table) {
  if (!options.split_file.empty()) return data::parts_of(table, data::read_split(options.split_file));
  data::split_options const how{.shares = parse_shares(options.split), .seed = options.seed};
  return options.split_by == "shuffle" ? data::shuffle_split(table.rows(), how)
                                       : data::stratified_split(table.target_view(), how);
}

part_rows rows_of_part(training_data const& all, data::part which) {
  auto const& table = all.source.table;
  part_rows part{.rows = data::rows_of(all.parts, which)};
  part.dimension = all.features.dimension;
  part.labels = table.labels();
  for (std::size_t i : part.rows) {
    if (!all.features.values.empty()) {
      auto const* const row = all.features.values.data() + i * part.dimension;
      part.features.insert(part.features.end(), row, row + part.dimension);
    }
    for (std::size_t j = 0; j < part.labels; ++j) part.truth.push_back(table.targets[i * part.labels + j]);
    for (std::size_t j = 0; table.has_missing() && j < part.labels; ++j)
      part.mask.push_back(table.mask[i * part.labels + j]);
  }
  part.targets.assign(part.truth.begin(), part.truth.end());
  return part;
}

}  // namespace program
