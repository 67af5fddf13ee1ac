// softf1 checkpoints: what a training run has kept, and one of it as a model.
#include <cmath>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <softf1/io/json_value.hpp>
#include <softf1/models/checkpoint_folder.hpp>
#include <softf1/training/defaults.hpp>

#include "inputs.hpp"
#include "models.hpp"
#include "output.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;
namespace training = softf1::training;
using softf1::models::checkpoint_info;

/// The checkpoints of a run by their steps, and which is best.
struct listed {
  std::vector<checkpoint_info> all;
  training::monitor by;
  std::optional<std::size_t> best;  ///< none where no epoch has ended, or its figure is undefined
};

listed list_checkpoints(checkpoints_options const& options) {
  if (!fs::is_directory(options.run)) throw softf1::io_error("checkpoints: there is no folder " + options.run);
  softf1::checkpoint_folder const folder((fs::path(options.run) / "checkpoints").string());
  listed found{folder.list(), {}, {}};
  if (found.all.empty()) throw softf1::io_error("checkpoints: there is no checkpoint in " + folder.path());
  auto const own = [&] {
    auto const settings = load_model(found.all.back().path).settings;
    return settings.contains("monitor") ? settings["monitor"].get<std::string>()
                                        : std::string(training::default_monitor);
  };
  found.by = training::monitor_named(options.by.empty() ? own() : options.by);
  for (std::size_t k = 0; k < found.all.size(); ++k) {
    auto const& record = found.all[k].record;
    if (!record || std::isnan((*record).*found.by.value)) continue;
    if (!found.best || found.by.better(*record, *found.all[*found.best].record)) found.best = k;
  }
  return found;
}

std::string to_text(listed const& found) {
  std::vector<std::vector<std::string>> lines{{"step", "epoch"}};
  for (auto const& column : training::history_columns) lines[0].emplace_back(column.name);
  lines[0].pop_back();  // seconds
  lines[0].emplace_back();
  for (std::size_t k = 0; k < found.all.size(); ++k) {
    auto const& c = found.all[k];
    std::vector<std::string> line{std::to_string(c.steps),
                                  c.record ? std::to_string(c.epoch) : fmt::format("in {}", c.epoch)};
    for (auto const& column : training::history_columns)
      if (column.name != "seconds") {
        bool const is_rate = column.name == "learning_rate";
        line.push_back(!c.record ? "-"
                       : is_rate ? fmt::format("{:g}", (*c.record).*column.value)
                                 : figure((*c.record).*column.value));
      }
    line.emplace_back(found.best == k ? "best by " + found.by.name : "");
    lines.push_back(std::move(line));
  }
  return table(lines);
}

softf1::io::json_value to_json(checkpoints_options const& options, listed const& found) {
  softf1::io::json_value form{{"run", options.run}, {"by", found.by.name}};
  form["best"] = found.best ? softf1::io::json_value(found.all[*found.best].path) : nullptr;
  auto& all = form["checkpoints"] = softf1::io::json_value::array();
  for (auto const& c : found.all) {
    softf1::io::json_value one{{"path", c.path}, {"step", c.steps}, {"epoch", c.epoch}, {"record", nullptr}};
    if (c.record) one["record"] = softf1::models::figures_json(*c.record);
    all.push_back(std::move(one));
  }
  return form;
}

checkpoint_info const& picked(checkpoints_options const& options, listed const& found) {
  if (options.pick == "last") return found.all.back();
  if (!found.best)
    throw softf1::value_error("--pick best: no checkpoint of " + options.run + " has a figure for " + found.by.name +
                              ": give --pick last");
  return found.all[*found.best];
}

/// What becomes of one that was picked: its rule was never tuned.
std::string picked_text(checkpoints_options const& options, checkpoint_info const& c) {
  auto text = fmt::format("\nthe checkpoint of step {} is written to {}\n", c.steps, options.out);
  auto const model = load_model(options.out);
  if (!std::holds_alternative<softf1::probability_threshold>(model.rule)) return text;
  return text + fmt::format(
                    "it decides at probability 0.5: thresholds are found at the end of training only. With the rows of "
                    "the run,\n  softf1 calibrate --model {} --split-file {} --part validation …\nputs tuned ones into "
                    "it\n",
                    options.out, (fs::path(options.run) / "split.csv").string());
}

}  // namespace

void run(checkpoints_options const& options) {
  auto const found = list_checkpoints(options);
  std::vector<named_path> inputs;
  for (auto const& c : found.all) inputs.emplace_back("checkpoints", c.path);
  output_files files(std::move(inputs));
  auto text = to_text(found);
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(to_json(options, found)));
  if (!options.out.empty()) {
    files.claim("--out", options.out);
    auto const& c = picked(options, found);
    save_checkpoint_as_model(c.path, options.out);
    text += picked_text(options, c);
  }
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(text);
}

}  // namespace program
