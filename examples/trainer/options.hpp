// What the sub-commands are asked to do. command_line.cpp fills these in; each sub-command's own file has its `run`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/data/table_options.hpp>

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

/// Where the heavy work is done.
struct device_choice {
  std::string device = "cpu";      ///< or cuda, cuda:1 …
  std::string precision = "full";  ///< full, tf32, bf16, fp16
};

/// Files are empty where they are not given.
struct score_options {
  std::string scores;
  bool logits = false;  ///< else probabilities
};

struct dataset_options : score_options {
  std::string targets, mask, row_weights, label_names;
};

/// A table and its images.
struct image_set_options {
  std::string csv, images;  ///< a file, a folder
  softf1::data::table_options table;
  bool strict = false;        ///< an image that cannot be read is an error
  std::string feature_cache;  ///< a folder; empty: the command chooses
};

/// A network and how images are fed to it; empty texts: as the weights' file says.
struct extractor_choice {
  std::string weights;             ///< a file; empty: random ones
  std::string network, end_point;  ///< empty: as the weights' file says; the network's features
  std::string padding, pixels, resize, filter;
  std::size_t image_size = 0;  ///< 0: as the weights' file says
};

/// A model, and images with known labels to use it on.
struct model_options {
  std::string model, weights;
  image_set_options set;
  std::string split_file, part;  ///< a file of `train`, and the part to use
};

struct extract_options : common_options {
  device_choice on;
  image_set_options set;
  extractor_choice extractor;
  std::string out;
};

struct summary_options : common_options {
  extractor_choice extractor;
  std::size_t hidden = 1024, labels = 0;
  double dropout = 0.3;
  std::string model;
};

struct train_options : common_options {
  device_choice on;
  image_set_options set;
  extractor_choice extractor;
  std::string task = "multilabel";
  std::string loss;  ///< empty: bce, or softmax_cross_entropy for one label a row
  std::string pos_weight = "none";
  std::size_t hidden = 1024;
  double dropout = 0.3;
  std::string initialiser = "fan_in_uniform", output_bias = "zero", standardise = "auto";
  std::size_t epochs = 100, batch_size = 256, patience = 10;
  double learning_rate = 0;  ///< 0: the library's for this loss
  std::string optimizer = "adamw", monitor;
  std::string split = "0.7,0.1,0.2", split_by = "stratified", split_file;
  std::string out;
  bool overwrite = false, bundle = false;
};

struct predict_options : common_options {
  device_choice on;
  std::string model, weights;
  std::vector<std::string> files;
  std::string images, list;
  std::string format = "table", out;
};

struct evaluate_options : common_options {
  device_choice on;
  dataset_options data;
  model_options source;             ///< in place of `data`, where it names a model
  std::optional<double> threshold;  ///< a probability; without it the model's rule, or 0.5
  std::string thresholds;
  std::string zero_division = "0";
  std::string csv;
};

struct calibrate_options : common_options {
  device_choice on;
  dataset_options data;
  model_options source;  ///< in place of `data`, where it names a model
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

struct devices_options : common_options {};

struct download_options : common_options {
  std::string csv, id_column, url_column, encoding, separator;
  std::size_t jobs = 16, per_host = 4, retries = 3, max_redirects = 5, max_size = 20'000'000;
  double timeout = 10, stall_timeout = 5, rate_limit = 0;
  bool allow_private = false;
  std::string user_agent;  ///< empty: softf1 and its version
  std::string out;         ///< a folder
  std::string failures, drop_failed;
};

struct preview_options : common_options {
  image_set_options set;
  std::string records;  ///< in place of `set`: a pattern of files
  std::string augment = "tutorial", crops;
  std::string resize, filter;  ///< empty: stretch, antialiased
  std::size_t image_size = 224;
  std::size_t rows = 4, columns = 8, epoch = 1;
  std::string out = "preview.jpg";
};

void run(evaluate_options const& options);
void run(calibrate_options const& options);
void run(apply_options const& options);
void run(synthesize_options const& options);
void run(download_options const& options);
void run(extract_options const& options);
void run(summary_options const& options);
void run(train_options const& options);
void run(predict_options const& options);
void run(devices_options const& options);
void run(preview_options const& options);

/// Throw softf1::value_error where the text names no strategy or objective.
void check_strategy(std::string const& text);
void check_objective(std::string const& text);

void check_augmentation(std::string const& text);
void check_crops(std::string const& text);
void check_device(std::string const& text);
void check_loss(std::string const& text);
void check_optimizer(std::string const& text);
void check_split(std::string const& text);
void check_monitor(std::string const& text);
void check_initialiser(std::string const& text);

/// What there is to name: "best, fixed:at".
std::string strategy_names();
std::string objective_names();

/// What --version prints.
std::string version_text();

}  // namespace program
