// softf1 predict: images to labels.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <softf1/io/csv_writer.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/io/text.hpp>

#include "engine.hpp"
#include "inputs.hpp"
#include "models.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;

bool is_image_name(fs::path const& path) {
  auto end = path.extension().string();
  for (char& c : end) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return end == ".jpg" || end == ".jpeg" || end == ".png" || end == ".bmp" || end == ".gif";
}

std::vector<std::string> images_of(predict_options const& options) {
  auto files = options.files;
  if (!options.list.empty())
    for (auto& line : softf1::read_lines(options.list))
      if (!line.empty()) files.push_back(std::move(line));
  if (!options.images.empty()) {
    if (!fs::is_directory(options.images)) throw softf1::io_error("--images: there is no folder " + options.images);
    std::vector<std::string> found;
    for (auto const& entry : fs::recursive_directory_iterator(options.images))
      if (entry.is_regular_file() && is_image_name(entry.path())) found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) throw softf1::value_error("predict: no images are named: give files, --images or --list");
  return files;
}

std::string joined(std::vector<std::string> const& names, char const* by) {
  std::string text;
  for (auto const& name : names) text += (text.empty() ? "" : by) + name;
  return text;
}

std::string as_table(predicted_images const& all, std::vector<std::string> const& paths) {
  std::string text;
  for (auto const& p : all.images) {
    text += paths[p.index] + ":";
    if (p.decided.empty()) text += " no label";
    for (std::size_t k = 0; k < p.decided.size(); ++k)
      text += fmt::format("{} {} ({:.2f})", k == 0 ? "" : ",", p.labels[k], p.probabilities[p.decided[k]]);
    text += '\n';
  }
  return text;
}

std::string as_jsonl(predicted_images const& all, std::vector<std::string> const& paths) {
  std::string text;
  for (auto const& p : all.images) {
    softf1::io::json_value line{{"file", paths[p.index]}, {"labels", p.labels}};
    auto& probabilities = line["probabilities"] = softf1::io::json_value::object();
    for (std::size_t j = 0; j < all.label_names.size(); ++j) probabilities[all.label_names[j]] = p.probabilities[j];
    text += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return text;
}

std::string as_csv(predicted_images const& all, std::vector<std::string> const& paths) {
  std::vector<std::string> row{"file", "labels"};
  row.insert(row.end(), all.label_names.begin(), all.label_names.end());
  std::string text = softf1::io::csv_line(row);
  for (auto const& p : all.images) {
    row = {paths[p.index], joined(p.labels, "|")};
    for (double x : p.probabilities) row.push_back(softf1::number_text(x));
    text += softf1::io::csv_line(row);
  }
  return text;
}

}  // namespace

void run(predict_options const& options) {
  auto const paths = images_of(options);
  auto const work = make_engine(options, options.on);
  progress_bar bar("predicting", "images", options.quiet);
  auto const all = predict_images(*work, options.model, options.weights, paths,
                                  [&](std::size_t done) { bar.show(done, paths.size()); });
  bar.finish();
  if (all.images.empty()) throw softf1::io_error(all.failures.front());
  for (auto const& reason : all.failures) fmt::print(stderr, "left out: {}\n", reason);

  output_files files({{"--model", options.model}, {"--weights", options.weights}, {"--list", options.list}});
  auto const text = options.format == "jsonl" ? as_jsonl(all, paths)
                    : options.format == "csv" ? as_csv(all, paths)
                                              : as_table(all, paths);
  if (!options.out.empty()) files.add("--out", options.out, text);
  if (!options.json.empty()) {
    std::size_t labels = 0;
    for (auto const& p : all.images) labels += p.decided.size();
    softf1::io::json_value form{{"images", all.images.size()}, {"labels", labels}};
    form["failures"] = all.failures;
    files.add("--json", options.json, softf1::io::json_text(form));
  }
  files.commit();
  if (options.out.empty() && !files.take_standard_output()) print(text);
  if (!options.out.empty() && !options.quiet && !files.take_standard_output())
    print(fmt::format("{} images predicted, {} left out; written to {}\n", all.images.size(), all.failures.size(),
                      options.out));
}

}  // namespace program
