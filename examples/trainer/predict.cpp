// softf1 predict: images to labels.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include <softf1/data/image_name.hpp>
#include <softf1/io/csv_writer.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/io/matrix.hpp>
#include <softf1/io/text.hpp>
#include <softf1/models/model_output.hpp>

#include "engine.hpp"
#include "inputs.hpp"
#include "models.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "sources.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> image_paths(predict_options const& options) {
  auto files = options.files;
  if (!options.list.empty())
    for (auto& line : softf1::read_lines(options.list))
      if (!line.empty()) files.push_back(std::move(line));
  if (!options.images.empty()) {
    if (!fs::is_directory(options.images)) throw softf1::io_error("--images: there is no folder " + options.images);
    std::vector<std::string> found;
    for (auto const& entry : fs::recursive_directory_iterator(options.images))
      if (entry.is_regular_file() && softf1::data::names_an_image(entry.path().native()))
        found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty())
    throw softf1::value_error("predict: no images are named: give files, --images, --list or --records");
  return files;
}

/// What is predicted, and what is made of it.
struct predictions {
  softf1::models::model model;
  std::string kind = "image";         // what a row is
  std::vector<std::string> names;     // n
  std::vector<float> logits;          // (n, L)
  std::vector<double> probabilities;  // (n, L)
  std::vector<std::vector<std::size_t>> decided;
  std::vector<std::string> failures;
  double seconds = 0;

  std::size_t rows() const { return names.size(); }
  std::size_t labels() const { return model.labels.size(); }
  double probability(std::size_t i, std::size_t j) const { return probabilities[i * labels() + j]; }
  double rate() const { return seconds > 0 ? static_cast<double>(rows()) / seconds : 0; }
  std::vector<std::string> label_names(std::size_t i) const {
    std::vector<std::string> found;
    for (std::size_t j : decided[i]) found.push_back(model.labels[j]);
    return found;
  }
};

class stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(clock::now() - begin_).count(); }

 private:
  using clock = std::chrono::steady_clock;
  clock::time_point begin_ = clock::now();
};

/// Images wherever they lie, and what their rows are called.
labelled_source find_images(predict_options const& options) {
  if (!options.records.empty()) {
    image_set_options set;
    set.records = options.records;
    set.on_corrupt = options.on_corrupt;
    return load_record_images(set);
  }
  auto paths = image_paths(options);
  labelled_source source;
  for (std::size_t i = 0; i < paths.size(); ++i) source.rows.push_back(i);
  source.table.ids = paths;
  source.images = std::make_shared<softf1::image_files>(std::move(paths));
  return source;
}

void score_images(engine& work, predict_options const& options, predictions& all) {
  auto const source = find_images(options);
  if (!source.failures.empty()) fmt::print(stderr, "{}", source.failures);
  auto const extractor = restore_extractor(work.on_host(), all.model, options.model, options.weights);
  progress_bar bar("predicting", "images", options.quiet);
  stopwatch const watch;
  auto found =
      score_source(work, all.model, options.model, extractor, source.images, options.crops,
                   {.rows = source.rows, .progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); }});
  bar.finish();
  all.seconds = watch.seconds();
  for (auto const& failure : found.failures) all.failures.push_back(failure.reason);
  if (found.rows.empty()) throw softf1::io_error(all.failures.front());
  // Both are in the order of the source.
  for (std::size_t k = 0, i = 0; k < found.rows.size(); ++k) {
    while (source.rows[i] != found.rows[k]) ++i;
    all.names.push_back(source.table.ids[i++]);
  }
  all.logits = std::move(found.logits);
}

void score_rows(engine& work, predict_options const& options, predictions& all) {
  auto const& path = options.features;
  if (path.empty())
    throw softf1::value_error(options.model + ": the model predicts from features, not from images: give --features");
  auto const read = softf1::read_matrix(path);
  std::size_t const rows = read.values.rows(), dimension = read.values.cols(), expected = all.model.input.size();
  if (rows == 0 || dimension != expected)
    throw softf1::shape_error(fmt::format("{}: the model takes rows of {} features, got shape {}", path, expected,
                                          softf1::shape_text({rows, dimension})));
  auto const values = read.values.as<double>(path);
  std::vector<float> features(values.begin(), values.end());
  for (std::size_t k = 0; k < features.size(); ++k)
    if (features[k] - features[k] != 0)
      throw softf1::io_error(fmt::format("{}: row {}, column {}: a feature must be a finite float, got {}", path,
                                         k / dimension, k % dimension, softf1::number_text(values[k])));
  all.kind = "row";
  all.names = read.rows;
  for (std::size_t i = all.names.size(); i < rows; ++i) all.names.push_back(std::to_string(i));
  all.logits.resize(rows * all.labels());
  stopwatch const watch;
  score_features(work, all.model, options.model, {features.data(), rows, dimension},
                 {all.logits.data(), rows, all.labels()});
  all.seconds = watch.seconds();
}

predictions predict(engine& work, predict_options const& options) {
  predictions all;
  all.model = load_model(options.model);
  if (all.model.source == softf1::models::source::features)
    score_rows(work, options, all);
  else if (!options.features.empty())
    throw softf1::value_error(options.model + ": the model predicts from images, --features gives features");
  else
    score_images(work, options, all);
  softf1::matrix_view<const float> const logits(all.logits.data(), all.rows(), all.labels());
  all.probabilities.resize(all.logits.size());
  softf1::matrix_view<double> const probabilities(all.probabilities.data(), all.rows(), all.labels());
  softf1::models::find_probabilities(work.on_host(), all.model, logits, probabilities);
  all.decided = softf1::models::decide_labels(all.model, logits, probabilities);
  return all;
}

std::string joined(std::vector<std::string> const& names, char const* by) {
  std::string text;
  for (auto const& name : names) text += (text.empty() ? "" : by) + name;
  return text;
}

std::string as_table(predictions const& all) {
  std::string text;
  for (std::size_t i = 0; i < all.rows(); ++i) {
    text += all.names[i] + ":";
    if (all.decided[i].empty()) text += " no label";
    for (std::size_t k = 0; k < all.decided[i].size(); ++k) {
      std::size_t const j = all.decided[i][k];
      text += fmt::format("{} {} ({:.2f})", k == 0 ? "" : ",", all.model.labels[j], all.probability(i, j));
    }
    text += '\n';
  }
  return text;
}

char const* name_column(predictions const& all) { return all.kind == "image" ? "file" : "row"; }

std::string as_jsonl(predictions const& all) {
  std::string text;
  for (std::size_t i = 0; i < all.rows(); ++i) {
    softf1::io::json_value line{{name_column(all), all.names[i]}, {"labels", all.label_names(i)}};
    auto& probabilities = line["probabilities"] = softf1::io::json_value::object();
    for (std::size_t j = 0; j < all.labels(); ++j) probabilities[all.model.labels[j]] = all.probability(i, j);
    text += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return text;
}

std::string as_csv(predictions const& all) {
  std::vector<std::string> row{name_column(all), "labels"};
  row.insert(row.end(), all.model.labels.begin(), all.model.labels.end());
  std::string text = softf1::io::csv_line(row);
  for (std::size_t i = 0; i < all.rows(); ++i) {
    row = {all.names[i], joined(all.label_names(i), "|")};
    for (std::size_t j = 0; j < all.labels(); ++j) row.push_back(softf1::number_text(all.probability(i, j)));
    text += softf1::io::csv_line(row);
  }
  return text;
}

/// A line a row: its probabilities, with six decimals, separated by blanks.
std::string as_text(predictions const& all) {
  std::string text;
  for (std::size_t i = 0; i < all.rows(); ++i)
    for (std::size_t j = 0; j < all.labels(); ++j)
      text += fmt::format("{:.6f}{}", all.probability(i, j), j + 1 < all.labels() ? ' ' : '\n');
  return text;
}

void write_scores(std::string const& path, predictions const& all) {
  softf1::matrix_view<const float> const logits(all.logits.data(), all.rows(), all.labels());
  if (path.ends_with(".npy"))
    softf1::write_npy(path, logits);
  else if (path.ends_with(".csv"))
    softf1::write_csv_matrix(path, logits, all.model.labels, all.names);
  else
    softf1::write_atomically(path, as_text(all), "--scores-out");
}

softf1::io::json_value to_json(predictions const& all) {
  std::size_t labels = 0;
  for (auto const& decided : all.decided) labels += decided.size();
  softf1::io::json_value form{{all.kind + "s", all.rows()}, {"labels", labels}, {"seconds", all.seconds}};
  form[all.kind + "s_per_second"] = all.rate();
  form["failures"] = all.failures;
  return form;
}

}  // namespace

void run(predict_options const& options) {
  auto const work = make_engine(options, options.on);
  auto const all = predict(*work, options);
  for (auto const& reason : all.failures) fmt::print(stderr, "left out: {}\n", reason);

  output_files files({{"--model", options.model},
                      {"--weights", options.weights},
                      {"--list", options.list},
                      {"--features", options.features}});
  auto const text = options.format == "jsonl" ? as_jsonl(all) : options.format == "csv" ? as_csv(all) : as_table(all);
  if (!options.out.empty()) files.add("--out", options.out, text);
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(to_json(all)));
  if (!options.scores_out.empty()) {
    files.claim("--scores-out", options.scores_out);
    write_scores(options.scores_out, all);
  }
  files.commit();
  if (files.take_standard_output()) return;
  std::string where = options.out;
  if (!options.scores_out.empty()) where += (where.empty() ? "" : " and ") + options.scores_out;
  // Predictions themselves go where nothing else is.
  bool const has_files = !where.empty();
  if (!has_files) print(text);
  if (has_files && !options.quiet)
    print(fmt::format("{} {}s predicted, {} left out; written to {}\n{:.1f} {}s a second\n", all.rows(), all.kind,
                      all.failures.size(), where, all.rate(), all.kind));
}

}  // namespace program
