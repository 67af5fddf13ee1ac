// What the sub-commands are asked to do. command_line.cpp fills these in; each sub-command's own file has its `run`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  std::string missing;  ///< the target that means missing: a number or "nan"; empty: none does
};

/// Labelled rows: images with a table of their labels in one of many forms, or features that are there already.
struct image_set_options {
  std::string csv, images;  ///< a table; the folder of the images
  softf1::data::table_options table;
  std::string records, on_corrupt = "fail";                ///< shards, by a pattern; fail or skip
  std::string image_list, image_labels;                    ///< lists that belong together line by line
  std::string voc, voc_split = "trainval", coco, folders;  ///< a folder of lists; a file; a folder a label
  std::string features, targets, arff, arff_labels;        ///< features that come from elsewhere
  std::string label_names;    ///< a file of names: of the labels of lists, records and targets
  bool strict = false;        ///< an image that cannot be read is an error
  std::string feature_cache;  ///< a folder; empty: the command chooses

  /// What names the source: the option and its value; empty texts where nothing does.
  named_path source() const {
    for (auto const& [option, value] : {named_path{"--csv", csv},
                                        {"--records", records},
                                        {"--image-list", image_list},
                                        {"--voc", voc},
                                        {"--coco", coco},
                                        {"--folders", folders},
                                        {"--features", features},
                                        {"--arff", arff}})
      if (!value.empty()) return {option, value};
    return {};
  }
  bool has_features() const { return !features.empty() || !arff.empty(); }
};

/// What is wrong with the choice of a source, as a sentence for wrong usage; empty where nothing is.
std::string wrong_source(image_set_options const& options);

/// A network and how images are fed to it; empty texts: as the weights' file says.
struct extractor_choice {
  std::string weights;             ///< a file; empty: random ones
  std::string network, end_point;  ///< empty: as the weights' file says; the network's features
  std::string padding, pixels, resize, filter;
  std::size_t image_size = 0, resize_to = 0;  ///< 0: as the weights' file says
};

/// Several crops of each image, and what is made of their scores.
struct crop_choice {
  std::string crops;            ///< empty: the plain preprocessing
  std::string reduce = "mean";  ///< mean, max, mean_logit
};

/// A model, and images with known labels to use it on.
struct model_options {
  std::string model, weights;
  image_set_options set;
  crop_choice crops;
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
  std::string loss_schedule;               ///< "linear:epochs=10"; empty: the weights of a sum do not change
  std::string loss_scope = "accumulated";  ///< batch, accumulated, epoch
  std::string head = "dense";              ///< dense, pool, convolutions, convnet
  std::size_t hidden = 1024;
  double dropout = 0.3;
  std::string initialiser = "fan_in_uniform", output_bias = "zero", standardise = "auto";
  std::string train_from;             ///< a block of the network: it and all behind it are trained as well
  std::string batch_norm = "frozen";  ///< of those blocks: frozen, batch
  std::string groups;                 ///< "features.*:rate=0.1+*.bias:decay=0"
  std::size_t epochs = 100, batch_size = 256, accumulate = 1, patience = 10;
  double learning_rate = 0;  ///< 0: the library's for this loss
  std::string optimizer = "adamw", schedule = "constant", monitor;
  double clip_norm = 0, average = 0, mixup = 0;
  std::string augment = "none", sampler = "shuffle";
  std::string image_cache = "none";  ///< none, encoded, decoded, mapped
  std::size_t cache_megabytes = 1024;
  std::string workers = "auto", prefetch = "auto";  ///< or a number
  bool profile_input = false;
  std::string split = "0.7,0.1,0.2", split_by = "stratified", split_file;
  std::string out;
  bool overwrite = false, bundle = false, resume = false;
  std::size_t keep_last = 3, keep_best = 1;  ///< checkpoints
  double checkpoint_minutes = 10;            ///< 0: only at the end of epochs
  bool no_checkpoints = false;
};

struct predict_options : common_options {
  device_choice on;
  std::string model, weights;
  std::vector<std::string> files;
  std::string images, list;
  std::string records, on_corrupt = "fail";  ///< shards, by a pattern; fail or skip
  std::string features;                      ///< a matrix, for a model of features
  crop_choice crops;
  std::string format = "table", out;
  std::string scores_out;  ///< by its ending: .npy and .csv of logits, .txt of probabilities
};

struct evaluate_options : common_options {
  device_choice on;
  dataset_options data;
  model_options source;             ///< in place of `data`, where it names a model
  std::optional<double> threshold;  ///< a probability; without it the model's rule, or 0.5
  std::string thresholds;
  std::string zero_division = "0";
  std::string csv;
  std::string watch;     ///< the folder of a training run, whose checkpoints are evaluated on `source`
  double interval = 30;  ///< seconds between looks at it
  bool once = false;     ///< one look
  std::string metrics;   ///< what is printed besides the report: names joined by commas, or all
  std::string at_k = "1,3,5";
  std::string propensities;                             ///< a file, a number a label
  double max_fpr = 0.1, at_least = 0.9;                 ///< of partial AUROC, and of operating points
  std::string curves;                                   ///< a file that is written
  std::string label_groups;                             ///< a file of names of labels and of their groups
  double ci = 0;                                        ///< the level of intervals; 0: none
  std::string ci_method = "auto", row_groups, compare;  ///< a method, or the best for each figure; files
  std::size_t resamples = 2000;
  std::size_t sketch_bins = 0;  ///< 0: all rows are looked at at once; else they are streamed
  double beta = 1;              ///< of the F-beta that the sketch's best thresholds are for
  std::size_t block_rows = 0;   ///< 0: the program's choice
  std::string state_out;
};

struct merge_options : common_options {
  std::vector<std::string> files;  ///< states of evaluate
  std::string out, csv, metrics, label_groups;
};

struct checkpoints_options : common_options {
  std::string run;                 ///< the folder of a training run
  std::string by;                  ///< a column of the history; empty: the run's own
  std::string pick = "best", out;  ///< best or last; where it goes, empty: nowhere
};

/// How thresholds are searched, and what the search is measured with.
struct calibration_choice {
  std::string strategy =
      "best:smooth=0.6";  ///< by experiment: benchmarks/quality.md; with refinements: "best+shrunk:strength=5"
  std::string objective = "f1";
  std::string calibrator = {};  ///< what scores go through first; empty: nothing
  std::size_t folds = 0;        ///< 0: none
  bool nested = false;          ///< expectations by cross-validation, not by the bootstrap
  std::size_t resamples = 100;
  double ci = 0.95;  ///< the level of intervals

  /// The strategy with its folds.
  std::string search() const { return folds == 0 ? strategy : strategy + "+k_fold:folds=" + std::to_string(folds); }
};

struct calibrate_options : common_options, calibration_choice {
  device_choice on;
  dataset_options data;
  model_options source;                        ///< in place of `data`, where it names a model
  std::vector<std::string> at_least, at_most;  ///< "precision=0.9", "rate=0.1": make it the strategy `constraint`
  std::optional<double> confidence, rows_a_day;
  std::vector<std::string> compare;  ///< strategies, or all; nothing is written
  std::size_t grid = 0;              ///< so many equally spaced thresholds: make it the strategy `grid`; 0: not
  std::string comparison = "ge";     ///< of that grid: ge (>=) or gt (>)
  std::string grid_csv, html;
  std::string out;
};

struct monitor_options : common_options {
  score_options data;
  std::string thresholds, model;  ///< one of both
  double level = 0.05;
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

struct export_options : common_options {
  std::string model, weights;
  std::string out;
  bool head_only = false;
  std::size_t opset = 17;
};

struct download_options : common_options {
  std::string csv, id_column, url_column, encoding, separator;
  std::size_t jobs = 16, per_host = 4, retries = 3, max_redirects = 5, max_size = 20'000'000;
  double timeout = 10, stall_timeout = 5, rate_limit = 0;
  bool allow_private = false;
  std::string user_agent;  ///< empty: softf1 and its version
  std::string out;         ///< a folder
  std::string failures, drop_failed;
};

struct pack_options : common_options {
  image_set_options set;
  std::string out, format = "tfrecord", message = "sequence_example";
  std::size_t shards = 1;
  bool keep_order = false, no_check = false;
};

struct unpack_options : common_options {
  std::string records, label_names;  ///< a pattern of files, a file
  std::string out;                   ///< a folder
  bool strict = false;
};

struct preview_options : common_options {
  image_set_options set;
  std::string augment = "tutorial", crops;
  std::string resize, filter;  ///< empty: stretch, antialiased
  std::size_t image_size = 224;
  std::size_t rows = 4, columns = 8, epoch = 1;
  std::string out = "preview.jpg";
};

void run(evaluate_options const& options);
void run(merge_options const& options);
void run(calibrate_options const& options);
void run(apply_options const& options);
void run(monitor_options const& options);
void run(synthesize_options const& options);
void run(download_options const& options);
void run(extract_options const& options);
void run(summary_options const& options);
void run(train_options const& options);
void run(predict_options const& options);
void run(devices_options const& options);
void run(export_options const& options);
void run(checkpoints_options const& options);
void run(preview_options const& options);
void run(pack_options const& options);
void run(unpack_options const& options);

/// Throw softf1::value_error where the text names no strategy or objective.
void check_strategy(std::string const& text);
void check_calibrator(std::string const& text);
void check_objective(std::string const& text);
void check_compared(std::string const& text);

void check_augmentation(std::string const& text);
void check_crops(std::string const& text);
void check_missing(std::string const& text);
/// Of evaluate, and of what is counted without keeping rows.
void check_metrics(std::string const& text);
void check_streamed_metrics(std::string const& text);
void check_at_k(std::string const& text);
/// What --metrics can name, there and here.
std::string metric_names();
std::string streamed_metric_names();
/// Whether a list of --metrics has this one, or all.
bool names_metrics(std::string const& list, std::string_view name);
void check_device(std::string const& text);
void check_loss(std::string const& text);
void check_loss_schedule(std::string const& text);
void check_optimizer(std::string const& text);
void check_schedule(std::string const& text);
void check_head(std::string const& text);
void check_groups(std::string const& text);
void check_split(std::string const& text);
void check_monitor(std::string const& text);
void check_initialiser(std::string const& text);

/// What there is to name: "best, fixed:at".
std::string strategy_names();
std::string calibrator_names();
std::string refinement_names();
std::string objective_names();

/// What --version prints.
std::string version_text();

}  // namespace program
