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

/// Finds the features that a model takes, of the rows whose images can be read.
void find_features(engine& work, softf1::models::extractor const& extractor, model_options const& options, bool quiet,
                   model_rows& rows) {
  auto const run_folder = std::filesystem::absolute(options.model).parent_path();
  auto set = extract_images(work, extractor, rows.source, options.set, run_folder.parent_path().string(), quiet);
  rows.about += failures_text(set);
  rows.source.table = std::move(set.table);
  rows.source.rows = std::move(set.features.rows);
  rows.features = std::move(set.features.values);
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

/// Batches of images in several crops become logits: there is nothing to keep.
dataset score_crops(engine& work, softf1::models::model const& model, model_options const& options, bool quiet,
                    model_rows& rows) {
  progress_bar bar("scoring", "images", quiet);
  interruptible const guard;
  auto all = score_source(work, model, options.model, *rows.extractor, rows.source.images, options.crops,
                          {.rows = rows.source.rows,
                           .progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); },
                           .stop_requested = interruptible::requested});
  bar.finish();
  if (all.stopped) throw softf1::io_error("interrupted: nothing is kept of images in several crops");
  require_images(all.rows.size(), all.failures, options.set, rows.source.rows.size());
  rows.about += failures_text({{}, {}, all.failures, {}});
  rows.source = rows.source.select(rows_at(rows.source, all.rows));
  return scored(model, options.model, rows.source.table, std::move(all.logits));
}

dataset score_features_of(engine& work, softf1::models::model const& model, std::string const& path,
                          model_rows const& rows) {
  std::size_t const n = rows.source.table.rows(), labels = model.labels.size();
  std::vector<float> logits(n * labels);
  score_features(work, model, path, {rows.features.data(), n, model.input.size()}, {logits.data(), n, labels});
  return scored(model, path, rows.source.table, std::move(logits));
}

}  // namespace

model_rows load_model_rows(engine& work, softf1::models::model const& model, model_options const& options, bool quiet) {
  model_rows rows;
  rows.source = rows_for(model, options, rows.about);
  bool const crops = !options.crops.crops.empty();
  if (rows.source.has_features()) {
    if (crops) throw softf1::value_error("--crops: there are no images to take crops of");
    rows.features = take_features(rows.source).features.values;
  } else {
    auto extractor = restore_extractor(work.on_host(), model, options.model, options.weights);
    if (crops)
      rows.extractor = std::make_shared<softf1::models::extractor>(std::move(extractor));
    else
      find_features(work, extractor, options, quiet, rows);
  }
  rows.about += trained_on_text(model, rows.source.table.ids);
  return rows;
}

dataset score_rows(engine& work, softf1::models::model const& model, model_options const& options, model_rows& rows,
                   bool quiet) {
  return rows.extractor ? score_crops(work, model, options, quiet, rows)
                        : score_features_of(work, model, options.model, rows);
}

model_dataset load_model_dataset(engine& work, model_options const& options, bool quiet) {
  model_dataset result{load_model(options.model), {}, {}};
  auto rows = load_model_rows(work, result.model, options, quiet);
  result.data = score_rows(work, result.model, options, rows, quiet);
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
