#include "model_data.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <softf1/data/split_file.hpp>
#include <softf1/io/make_array.hpp>

#include "engine.hpp"
#include "images.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace data = softf1::data;

std::size_t count_known(std::vector<std::string> const& ids, std::vector<std::uint64_t> const& hashes) {
  return static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [&](std::string const& id) {
    return std::binary_search(hashes.begin(), hashes.end(), softf1::fnv1a(id));
  }));
}

/// The rows of the part that is asked for, or all.
labelled_source take_part(labelled_source source, model_options const& options) {
  if (options.split_file.empty()) return source;
  auto const wanted = options.part.empty() ? std::string(data::name_of(data::part::test)) : options.part;
  auto const parts = data::parts_of(source.table, data::read_split(options.split_file));
  for (auto const p : data::parts)
    if (data::name_of(p) == wanted) source = source.select(data::rows_of(parts, p));
  if (source.table.rows() == 0)
    throw softf1::io_error(
        fmt::format("{}: no row of {} is in part {}", options.split_file, options.set.source().second, wanted));
  return source;
}

std::string trained_on_text(softf1::models::model const& model, std::vector<std::string> const& ids) {
  std::size_t const train = count_known(ids, model.train_rows), validation = count_known(ids, model.validation_rows);
  if (train + validation == 0) return {};
  return fmt::format(
      "of these {} rows the model was trained on {}, and chosen and calibrated on {}: figures on them promise too "
      "much\n",
      ids.size(), train, validation);
}

/// Throws unless a source gives what a model predicts from.
void require_fit(softf1::models::model const& model, labelled_source const& source, model_options const& options) {
  if ((model.source == softf1::models::source::features) != source.has_features())
    throw softf1::value_error(fmt::format("{}: the model predicts from {}, {} gives {}", options.model,
                                          name_of(model.source), options.set.source().first,
                                          source.has_features() ? "features" : "images"));
  if (source.has_features() && source.dimension != model.input.size())
    throw softf1::shape_error(fmt::format("{}: the model takes {} features, {} has {}", options.model,
                                          model.input.size(), options.set.source().second, source.dimension));
}

/// The rows that are asked for, with the model's labels; `about` is told of those that it does not know.
labelled_source rows_for(softf1::models::model const& model, model_options const& options, std::string& about) {
  std::vector<std::string> ignored;
  auto source = load_source(options.set);
  source = source.with_table(data::with_labels(source.table, model.labels, &ignored));
  about += source.failures;
  if (!ignored.empty()) {
    about += fmt::format("ignored {} labels that the model does not know:", ignored.size());
    for (auto const& name : ignored) about += " " + name;
    about += '\n';
  }
  require_fit(model, source, options);
  return take_part(std::move(source), options);
}

/// The features that a model takes, of all rows of a source.
image_set features_for(engine& work, softf1::models::model const& model, labelled_source const& source,
                       model_options const& options, bool quiet) {
  if (source.has_features()) return take_features(source);
  auto const extractor = restore_extractor(work.on_host(), model, options.model, options.weights);
  auto const run_folder = std::filesystem::absolute(options.model).parent_path();
  return extract_images(work, extractor, source, options.set, run_folder.parent_path().string(), quiet);
}

dataset scored(softf1::models::model const& model, std::string const& path, data::label_table table,
               std::vector<float> logits) {
  dataset result;
  result.scores = {path, softf1::logit, softf1::io::make_array(std::move(logits), {table.rows(), model.labels.size()}),
                   model.labels, std::move(table.ids)};
  result.target_values = std::move(table.targets);
  result.mask_values = std::move(table.mask);
  return result;
}

/// With several crops of each image there is nothing to keep: batches of images become logits.
dataset score_crops(engine& work, softf1::models::model const& model, model_options const& options, bool quiet,
                    std::string& about) {
  auto const source = rows_for(model, options, about);
  if (source.has_features()) throw softf1::value_error("--crops: there are no images to take crops of");
  auto const extractor = restore_extractor(work.on_host(), model, options.model, options.weights);
  progress_bar bar("scoring", "images", quiet);
  interruptible const guard;
  auto all = score_source(work, model, options.model, extractor, source.images, options.crops,
                          {.rows = source.rows,
                           .progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); },
                           .stop_requested = interruptible::requested});
  bar.finish();
  if (all.stopped) throw softf1::io_error("interrupted: nothing is kept of images in several crops");
  require_images(all.rows.size(), all.failures, options.set, source.rows.size());
  auto table = source.table.select(rows_at(source, all.rows));
  about += failures_text({{}, {}, all.failures, {}}) + trained_on_text(model, table.ids);
  return scored(model, options.model, std::move(table), std::move(all.logits));
}

}  // namespace

model_rows load_model_rows(engine& work, softf1::models::model const& model, model_options const& options, bool quiet) {
  model_rows rows;
  auto const source = rows_for(model, options, rows.about);
  auto set = features_for(work, model, source, options, quiet);
  rows.about += failures_text(set) + trained_on_text(model, set.table.ids);
  rows.table = std::move(set.table);
  rows.features = std::move(set.features);
  return rows;
}

dataset score_rows(engine& work, softf1::models::model const& model, std::string const& path, model_rows const& rows) {
  std::size_t const n = rows.table.rows(), labels = model.labels.size();
  std::vector<float> logits(n * labels);
  score_features(work, model, path, rows.features.view(), {logits.data(), n, labels});
  return scored(model, path, rows.table, std::move(logits));
}

model_dataset load_model_dataset(engine& work, model_options const& options, bool quiet) {
  model_dataset result{load_model(options.model), {}, {}};
  if (!options.crops.crops.empty()) {
    result.data = score_crops(work, result.model, options, quiet, result.about);
    return result;
  }
  auto rows = load_model_rows(work, result.model, options, quiet);
  result.data = score_rows(work, result.model, options.model, rows);
  result.about = std::move(rows.about);
  return result;
}

std::vector<named_path> files_of(model_options const& options) {
  auto files = files_of(options.set);
  files.emplace_back("--weights", options.weights);
  files.emplace_back("--split-file", options.split_file);
  return files;
}

}  // namespace program
