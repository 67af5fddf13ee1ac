#include "model_data.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <softf1/data/split_file.hpp>
#include <softf1/io/make_array.hpp>

#include "engine.hpp"
#include "images.hpp"

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

/// The features that a model takes, of all rows of a source.
image_set features_for(engine& work, softf1::models::model const& model, labelled_source const& source,
                       model_options const& options, bool quiet) {
  bool const from_features = model.source == softf1::models::source::features;
  if (from_features != source.has_features())
    throw softf1::value_error(fmt::format("{}: the model predicts from {}, {} gives {}", options.model,
                                          name_of(model.source), options.set.source().first,
                                          source.has_features() ? "features" : "images"));
  if (from_features) {
    if (source.dimension != model.input.size())
      throw softf1::shape_error(fmt::format("{}: the model takes {} features, {} has {}", options.model,
                                            model.input.size(), options.set.source().second, source.dimension));
    return take_features(source);
  }
  auto const extractor = restore_extractor(work.on_host(), model, options.model, options.weights);
  auto const run_folder = std::filesystem::absolute(options.model).parent_path();
  return extract_images(work, extractor, source, options.set, run_folder.parent_path().string(), quiet);
}

}  // namespace

model_dataset load_model_dataset(engine& work, model_options const& options, bool quiet) {
  model_dataset result{load_model(options.model), {}, {}};
  auto& model = result.model;
  std::vector<std::string> ignored;
  auto source = load_source(options.set);
  source = source.with_table(data::with_labels(source.table, model.labels, &ignored));
  result.about += source.failures;
  if (!ignored.empty()) {
    result.about += fmt::format("ignored {} labels that the model does not know:", ignored.size());
    for (auto const& name : ignored) result.about += " " + name;
    result.about += '\n';
  }
  source = take_part(std::move(source), options);
  auto set = features_for(work, model, source, options, quiet);
  result.about += failures_text(set) + trained_on_text(model, set.table.ids);

  std::size_t const rows = set.table.rows(), labels = model.labels.size();
  std::vector<float> logits(rows * labels);
  score_features(work, model, options.model, set.features.view(), {logits.data(), rows, labels});
  result.data.scores = {options.model, softf1::logit, softf1::io::make_array(std::move(logits), {rows, labels}),
                        model.labels, set.table.ids};
  result.data.target_values = std::move(set.table.targets);
  result.data.mask_values = std::move(set.table.mask);
  return result;
}

std::vector<named_path> files_of(model_options const& options) {
  auto files = files_of(options.set);
  files.emplace_back("--weights", options.weights);
  files.emplace_back("--split-file", options.split_file);
  return files;
}

}  // namespace program
