// What the sub-commands are asked to do. command_line.cpp fills these in; each sub-command's own file has its `run`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace program {

/// An option that names a file, and the file; empty where it is not given.
using named_path = std::pair<std::string, std::string>;

/// Options of every sub-command.
struct common_options {
  std::string json;  ///< where the result goes as JSON; empty: nowhere, "-": standard output
  bool quiet = false;
  int threads = 0;  ///< 0: one per core
  std::uint64_t seed = 0;
};

/// Files are empty where they are not given.
struct score_options {
  std::string scores;
  bool logits = false;  ///< else probabilities
};

struct dataset_options : score_options {
  std::string targets, mask, row_weights, label_names;
};

struct evaluate_options : common_options {
  dataset_options data;
  double threshold = 0.5;  ///< a probability, unless `thresholds` names a file
  std::string thresholds;
  std::string zero_division = "0";
  std::string csv;
};

struct calibrate_options : common_options {
  dataset_options data;
  std::string strategy = "best";
  std::string objective = "f1";
  std::string out;
};

struct apply_options : common_options {
  score_options data;
  std::string thresholds;
  std::string out;
  std::string format;  ///< npy, csv, lists; empty: as the name of `out` ends
};

struct synthesize_options : common_options {
  std::string out;  ///< a folder
  std::size_t rows = 3000, labels = 12;
  bool overwrite = false;
};

void run(evaluate_options const& options);
void run(calibrate_options const& options);
void run(apply_options const& options);
void run(synthesize_options const& options);

/// Throw softf1::value_error where the text names no strategy or objective.
void check_strategy(std::string const& text);
void check_objective(std::string const& text);

/// What there is to name: "best, fixed:at".
std::string strategy_names();
std::string objective_names();

/// What --version prints.
std::string version_text();

}  // namespace program
