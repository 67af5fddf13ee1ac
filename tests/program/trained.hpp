// A trained model that tests of several commands share.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <softf1/data/table.hpp>
#include <softf1/io/csv.hpp>
#include <softf1/io/json_decisions.hpp>
#include <softf1/io/safetensors.hpp>

#include "models/small.hpp"
#include "program/runner.hpp"

namespace softf1_program_test {

using arguments = std::vector<std::string>;

inline arguments operator+(arguments a, arguments const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline arguments const demo_data{"--csv", "demo/posters.csv", "--images", "demo/images"};
/// Small weights, so that a run takes a moment; the model bundles them.
inline arguments const small_weights{"--weights", "small.safetensors"};
inline arguments const quick_training =
    small_weights + arguments{"--bundle", "--hidden",     "16",  "--epochs",        "6",    "--learning-rate",
                              "0.003",    "--batch-size", "100", "--feature-cache", "cache"};

/// 300 posters of 6 labels in demo/, and a model trained on them in runs/a/.
class trained_model {
 public:
  trained_model() {
    softf1::write_safetensors((w.dir() / "small.safetensors").string(), small_models::torch_weights(0.05, 1),
                              {{"image_size", "64"}});
    drawn = w.run({"synthesize", "--out", "demo", "--rows", "300", "--labels", "6"});
    first = train({"--out", "runs/a", "--json", "a.json"});
    if (first.status == 0) result = w.get_json("a.json");
  }

  outcome train(arguments const& more) const { return w.run(arguments{"train"} + demo_data + quick_training + more); }
  /// Runs `command --model runs/a/model.safetensors` on the demo's images.
  outcome with_model(std::string const& command, arguments const& more) const {
    return w.run(arguments{command, "--model", "runs/a/model.safetensors", "--feature-cache", "cache"} + demo_data +
                 more);
  }

  workplace w;
  outcome drawn, first;
  json result;
};

/// The same for all tests; none of them changes runs/a.
inline trained_model const& shared_model() {
  static trained_model const model;
  return model;
}

/// What a model file says of itself.
inline softf1::io::json_value model_form(std::filesystem::path const& path) {
  return softf1::io::json_value::parse(softf1::io::safetensors_file(path.string()).metadata().at("model"));
}

/// predictions.csv as numbers, the rows of one part.
struct predictions {
  std::vector<std::string> labels, ids;
  std::vector<double> logits, targets;

  predictions(std::filesystem::path const& path, std::string const& part) {
    auto const csv = softf1::io::read_csv(path.string(), {.header = softf1::io::csv_has::yes});
    labels.assign(csv.header.begin() + 3, csv.header.end());
    for (auto const& row : csv.rows) {
      if (row[1] != part) continue;
      ids.push_back(row[0]);
      for (std::size_t j = 0; j < labels.size(); ++j) {
        logits.push_back(static_cast<double>(std::stof(row[3 + j])));
        targets.push_back(has("|" + row[2] + "|", "|" + labels[j] + "|") ? 1 : 0);
      }
    }
  }

  softf1::matrix_view<const double> logit_view() const { return {logits.data(), ids.size(), labels.size()}; }
  softf1::matrix_view<const double> target_view() const { return {targets.data(), ids.size(), labels.size()}; }
};

}  // namespace softf1_program_test
