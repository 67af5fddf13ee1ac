// The sub-commands that work on images.
#include "command_parts.hpp"

#include <softf1/core/named.hpp>

namespace program {

namespace {

// What stands in the place of --csv.
void add_sources(CLI::App& command, image_set_options& o, bool with_targets) {
  auto const group = [&](CLI::Option* option) { option->group("Data in other forms"); };
  auto const file = [&](char const* name, std::string& value, char const* help) {
    group(add_file(command, name, value, help));
  };
  auto const text = [&](char const* name, std::string& value, char const* type, char const* help) {
    group(command.add_option(name, value, help)->type_name(type));
  };
  text("--records", o.records, "PATTERN", "Shards: 'train-*.tfrecord', or .tar of WebDataset");
  group(add_choice(command, "--on-corrupt", o.on_corrupt, {"fail", "skip"},
                   "What is done about a corrupt record: fail, or skip it"));
  file("--image-list", o.image_list, "A list of images: name and number of labels a line");
  file("--image-labels", o.image_labels, "Beside --image-list: a row of 0 and 1 a line");
  text("--voc", o.voc, "DIR", "PASCAL VOC's lists: LABEL_SPLIT.txt of ids and 1, 0 (missing) or -1");
  text("--voc-split", o.voc_split, "NAME", "Which of them: train, val, trainval, test");
  file("--coco", o.coco, "COCO's instances, as JSON");
  text("--folders", o.folders, "DIR", "A folder a label, with its images");
  file("--features", o.features, "Features that are there already: a matrix, .npy, .csv, .tsv or text");
  if (with_targets) {
    file("--targets", o.targets, "Beside --features: 0 and 1, of as many rows; -1 or nan is missing");
    file("--label-names", o.label_names, "Names of the labels of lists, records and targets, one a line");
  }
  file("--arff", o.arff, "Features and labels as ARFF, dense or sparse");
  file("--arff-labels", o.arff_labels, "Beside --arff: the names of its labels, Mulan's .xml or one a line");
}

}  // namespace

void add_extractor(CLI::App& command, extractor_choice& o) {
  add_name(
      command, "--network", o.network,
      "mobilenet_v2, resnet_50, resnet_v2_50, … (another name lists them), or pixels: none at all; without it, what "
      "the weights say, else mobilenet_v2")
      ->group("Network");
  add_name(command, "--end-point", o.end_point,
           "The network's block whose values are the features; without it, the pooled ones")
      ->group("Network");
  add_file(command, "--weights", o.weights,
           "The network's weights: .safetensors with the names of torchvision, timm, Keras or slim; without it, random "
           "ones")
      ->group("Network");
  add_choice(command, "--padding", o.padding, {"tensorflow_same", "symmetric"},
             "Zeros at the edges: tensorflow_same or symmetric (as the weights were trained)")
      ->group("Network");
  add_choice(command, "--pixels", o.pixels, {"minus_one_one", "zero_one", "imagenet"},
             "The range of pixels: minus_one_one, zero_one or imagenet")
      ->group("Network");
  add_choice(command, "--resize", o.resize, {"stretch", "crop"}, "How an image becomes a square: stretch or crop")
      ->group("Network");
  add_choice(command, "--resize-filter", o.filter, {"antialiased", "bilinear"},
             "antialiased (as Pillow) or bilinear (as TensorFlow)")
      ->group("Network");
  command.add_option("--image-size", o.image_size, "Pixels of a side; without it, what the weights say, else 224")
      ->check(accepted_by(check_positive))
      ->type_name("N")
      ->group("Network");
  command
      .add_option("--resize-to", o.resize_to,
                  "The shorter side before --resize crop; without it, what the weights say, else 256 / 224 of the size")
      ->check(accepted_by(check_positive))
      ->type_name("N")
      ->group("Network");
}

void add_head(CLI::App& command, std::size_t& hidden, double& dropout) {
  command.add_option("--hidden", hidden, "Units of the hidden layer, 0 for a linear head")
      ->check(accepted_by(check_count))
      ->capture_default_str()
      ->type_name("N")
      ->group("Network");
  command.add_option("--dropout", dropout, "Dropout rate")
      ->check(accepted_by(check_share))
      ->capture_default_str()
      ->type_name("P")
      ->group("Network");
}

void add_image_set(CLI::App& command, image_set_options& o, bool with_targets) {
  add_file(command, "--csv", o.csv, "The table: CSV with a header, a row an image")->group("Data");
  command.add_option("--images", o.images, "The folder of the images")->type_name("DIR")->group("Data");
  auto const text = [&](char const* name, std::string& value, char const* type, char const* help) {
    return command.add_option(name, value, help)->type_name(type)->group("Data");
  };
  text("--id-column", o.table.id_column, "NAME",
       "The column of ids; without it, one named id, imdbId, image ..., else the first");
  text("--image-template", o.table.image_template, "TEXT",
       "Image file names, columns in braces: {Id}.jpg; without it, the id and .jpg");
  text("--label-column", o.table.label_column, "NAME",
       "The column that holds all labels of a row: Action|Drama or ['Action', 'Drama']");
  command
      .add_option("--label-columns", o.table.label_columns,
                  "Columns of 0 and 1, separated by commas; without either, labels are found")
      ->delimiter(',')
      ->type_name("NAMES")
      ->group("Data");
  text("--label-separator", o.table.label_separator, "TEXT", "What joins labels; without it, | ; or ,");
  text("--separator", o.table.separator, "CHAR", "What separates columns: a character or tab; without it, found");
  text("--encoding", o.table.encoding, "NAME", "utf-8 or iso-8859-1; without it, UTF-8 where the bytes are");
  command.add_option("--min-label-count", o.table.min_label_count, "Leave out labels of fewer rows")
      ->check(accepted_by(check_count))
      ->type_name("N")
      ->group("Data");
  command
      .add_option("--drop-label", o.table.drop_labels,
                  "Leave out these labels: names separated by commas; may be repeated")
      ->delimiter(',')
      ->type_name("NAMES")
      ->group("Data");
  command.add_flag("--drop-unlabelled", o.table.drop_unlabelled, "Leave out rows without labels")->group("Data");
  command.add_flag("--drop-repeated", o.table.drop_repeated, "Leave out rows whose id stands in an earlier row")
      ->group("Data");
  command.add_flag("--strict", o.strict, "An image that cannot be read is an error; without it, it is left out")
      ->group("Data");
  add_sources(command, o, with_targets);
  command
      .add_option("--feature-cache", o.feature_cache,
                  "Where features are kept between runs; without it, beside the results")
      ->type_name("DIR")
      ->group("Data");
}

void add_synthesize(CLI::App& root, request& result) {
  auto const [command, o] = add_command<synthesize_options>(
      root, result, "synthesize", "Draw posters of invented genres, with their table, to try the other commands on",
      R"(Writes DIR/posters.csv (imdbId, Imdb Link, Title, IMDB Score, Genre, Poster; genres are joined by |) and
DIR/images/<imdbId>.jpg. Each genre is a visual trait that may be weak, hidden or left out. The same seed gives the same
files.

Example:
  softf1 synthesize --out demo)");
  command->add_option("--out", o->out, "The folder that is made")->required()->type_name("DIR")->group("Output");
  command->add_flag("--overwrite", o->overwrite, "Replace files in a folder that is not empty")->group("Output");
  command->add_option("--rows", o->rows, "Number of posters")
      ->check(accepted_by(check_rows))
      ->capture_default_str()
      ->type_name("N")
      ->group("Output");
  command->add_option("--labels", o->labels, "Number of genres, 1 to 12")
      ->check(accepted_by([](std::string const& text) { check_whole<std::size_t>(text, 12); }))
      ->capture_default_str()
      ->type_name("L")
      ->group("Output");
  add_common(root, *command, *o, "Write the numbers of posters");
}

void add_summary(CLI::App& root, request& result) {
  auto const [command, o] = add_command<summary_options>(
      root, result, "summary", "Show the network block by block, with its numbers of parameters",
      R"(Batch-norm statistics count as parameters, as they do in Keras.

Example:
  softf1 summary --labels 18)");
  add_extractor(*command, o->extractor);
  add_head(*command, o->hidden, o->dropout);
  command->add_option("--labels", o->labels, "Labels of the head, 0 for the network alone")
      ->check(accepted_by(check_count))
      ->capture_default_str()
      ->type_name("L")
      ->group("Network");
  add_file(*command, "--model", o->model, "In place of the options above: a trained model")->group("Network");
  add_common(root, *command, *o, "Write the blocks");
}

void add_extract(CLI::App& root, request& result) {
  auto const [command, o] = add_command<extract_options>(
      root, result, "extract", "Turn images into a file of features, with the ids of their rows",
      R"(The file holds `features` (N, D), and the ids as `id_bytes` and `id_offsets`. What was extracted before is taken
from the cache; an extraction that was stopped goes on where it was.

Example:
  softf1 extract --csv posters.csv --images images --weights mobilenet_v2.safetensors --out features.safetensors)");
  add_image_set(*command, o->set, true);
  require(*command, result, o, [](extract_options& e) {
    return e.set.has_features() ? "--features and --arff are features already" : wrong_source(e.set);
  });
  add_extractor(*command, o->extractor);
  add_file(*command, "--out", o->out, "The features, as .safetensors")->required()->group("Output");
  add_device(*command, o->on, true);
  add_common(root, *command, *o, "Write what was done");
}

namespace {
std::string wrong_prediction(predict_options& o) {
  bool const has_files = !o.files.empty() || !o.images.empty() || !o.list.empty();
  if (has_files + !o.records.empty() + !o.features.empty() > 1)
    return "expected image files, --records or --features, got more than one of them";
  if (!o.features.empty() && !o.crops.crops.empty()) return "--crops needs images";
  auto const& path = o.scores_out;
  if (path.empty() || path.ends_with(".npy") || path.ends_with(".csv") || path.ends_with(".txt")) return {};
  return "--scores-out: a file of scores must end in .npy, .csv or .txt, got " + path;
}
}  // namespace

void add_predict(CLI::App& root, request& result) {
  auto const [command, o] = add_command<predict_options>(
      root, result, "predict", "Predict the labels of images with a trained model",
      R"(Formats: table; csv (file, labels, then a probability a label); jsonl (a line an image). An image that cannot be
read is reported, and the others are predicted; files of scores have no row for it.

Examples:
  softf1 predict --model runs/demo/model.safetensors poster.jpg
  softf1 predict --model runs/demo/model.safetensors --records 'test-*.tfrecord' --crops ten_crop --scores-out test.npy)");
  add_file(*command, "--model", o->model, "The model, as `softf1 train` writes it")->required()->group("Input");
  add_file(*command, "--weights", o->weights, "The network's weights, needed unless the model bundles them")
      ->group("Input");
  command->add_option("FILE", o->files, "Images")->type_name("...")->group("Input");
  command->add_option("--images", o->images, "A folder: all images in it, by name")->type_name("DIR")->group("Input");
  add_file(*command, "--list", o->list, "A text file of image files, one a line")->group("Input");
  command->add_option("--records", o->records, "Shards of images: 'test-*.tfrecord', or .tar of WebDataset")
      ->type_name("PATTERN")
      ->group("Input");
  add_choice(*command, "--on-corrupt", o->on_corrupt, {"fail", "skip"},
             "What is done about a corrupt record: fail, or skip it")
      ->capture_default_str()
      ->group("Input");
  add_file(*command, "--features", o->features,
           "For a model that was trained on features: a matrix, .npy, .csv, .tsv or text")
      ->group("Input");
  require(*command, result, o, wrong_prediction);
  add_crops(*command, o->crops);
  add_choice(*command, "--format", o->format, {"table", "csv", "jsonl"}, "table, csv or jsonl")
      ->capture_default_str()
      ->group("Output");
  add_file(*command, "--out", o->out, "Where predictions go; without it, the standard output")->group("Output");
  add_file(
      *command, "--scores-out", o->scores_out,
      "Scores for evaluate and calibrate: .npy or .csv of logits (for --logits), or .txt of probabilities, a line an "
      "image")
      ->group("Output");
  add_device(*command, o->on, true);
  add_common(root, *command, *o, "Write numbers of images and of decisions");
}

void add_devices(CLI::App& root, request& result) {
  auto const [command, o] = add_command<devices_options>(
      root, result, "devices", "Show the devices that --device can name, and where there are none, why",
      R"(Example:
  softf1 devices --json devices.json)");
  add_common(root, *command, *o, "Write backends and devices");
}

}  // namespace program
