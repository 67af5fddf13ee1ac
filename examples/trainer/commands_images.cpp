// The sub-commands that work on images.
#include "command_parts.hpp"

#include <softf1/core/named.hpp>

namespace program {

namespace {

void check_rows(std::string const& text) { check_whole<std::size_t>(text, 900'000); }
void check_count(std::string const& text) { check_whole<std::size_t>(text, 1'000'000'000); }
void check_positive(std::string const& text) { check_whole<std::size_t>(text, 1'000'000'000, 1); }
void check_share(std::string const& text) {
  double const p = softf1::parse_number(text, "a rate");
  if (!(p >= 0 && p < 1)) throw softf1::value_error("must be at least 0 and below 1, got " + text);
}
void check_rate(std::string const& text) {
  double const x = softf1::parse_number(text, "a learning rate");
  if (!(x > 0 && x < 1e6)) throw softf1::value_error("must be > 0, got " + text);
}

CLI::Option* add_name(CLI::App& command, std::string const& name, std::string& value, std::string const& help) {
  return command.add_option(name, value, help)->type_name("NAME");
}

/// A choice of names; an empty value is no choice.
CLI::Option* add_choice(CLI::App& command, std::string const& name, std::string& value,
                        std::vector<std::string> const& names, std::string const& help) {
  return add_name(command, name, value, help)->check(CLI::IsMember(names).description(""));
}

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

void add_training(CLI::App& command, train_options& o) {
  auto const whole = [&](char const* name, std::size_t& value, char const* help) {
    command.add_option(name, value, help)
        ->check(accepted_by(check_positive))
        ->capture_default_str()
        ->type_name("N")
        ->group("Training");
  };
  add_choice(command, "--task", o.task, {"multilabel", "multiclass"},
             "multilabel, or multiclass: one label a row, softmax")
      ->capture_default_str()
      ->group("Training");
  add_name(command, "--loss", o.loss,
           "bce, soft_f1, double_soft_f1, ..., or a sum: bce:weight=0.3+soft_f1:weight=0.7; without it bce "
           "(multiclass: softmax_cross_entropy)")
      ->check(accepted_by(check_loss))
      ->group("Training");
  add_choice(command, "--pos-weight", o.pos_weight, {"none", "balanced"},
             "balanced: in bce, positives of rare labels weigh more")
      ->capture_default_str()
      ->group("Training");
  add_name(command, "--optimizer", o.optimizer,
           "sgd:momentum=0.9,nesterov=1, adam, adamw:weight_decay=0.01, or, with --hidden 0, lbfgs:l2=0.005")
      ->check(accepted_by(check_optimizer))
      ->capture_default_str()
      ->group("Training");
  command.add_option("--learning-rate", o.learning_rate, "Learning rate; without it, the one found good for the loss")
      ->check(accepted_by(check_rate))
      ->type_name("X")
      ->group("Training");
  whole("--epochs", o.epochs, "Epochs at most");
  whole("--batch-size", o.batch_size, "Rows of a batch");
  add_name(command, "--monitor", o.monitor,
           "The validation figure by which the best epoch is kept: loss, macro_f1, micro_f1, tuned_macro_f1, map")
      ->check(accepted_by(check_monitor))
      ->group("Training");
  command.add_option("--patience", o.patience, "Epochs without a better one before training stops, 0 for never")
      ->check(accepted_by(check_count))
      ->capture_default_str()
      ->type_name("N")
      ->group("Training");
  add_name(command, "--initialiser", o.initialiser, "glorot_uniform, he_normal, he_uniform, fan_in_uniform")
      ->check(accepted_by(check_initialiser))
      ->capture_default_str()
      ->group("Training");
  add_choice(command, "--standardise", o.standardise, {"auto", "yes", "no"},
             "Train on features of mean 0 and deviation 1 (then folded into the head); auto: where weights are random")
      ->capture_default_str()
      ->group("Training");
  add_choice(command, "--output-bias", o.output_bias, {"zero", "prior"},
             "prior: the output begins at each label's share")
      ->capture_default_str()
      ->group("Training");
}

}  // namespace

void add_image_set(CLI::App& command, image_set_options& o, bool required) {
  auto* const csv = add_file(command, "--csv", o.csv, "The table: CSV with a header, a row an image")->group("Data");
  auto* const images =
      command.add_option("--images", o.images, "The folder of the images")->type_name("DIR")->group("Data");
  if (required) csv->required(), images->required();
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
  add_extractor(*command, o->extractor);
  add_file(*command, "--out", o->out, "The features, as .safetensors")->required()->group("Output");
  add_device(*command, o->on, true);
  add_common(root, *command, *o, "Write what was done");
}

void add_train(CLI::App& root, request& result) {
  auto const [command, o] = add_command<train_options>(
      root, result, "train", "Train a classifier on images and a table of their labels, calibrate and measure it",
      R"(A frozen MobileNetV2 turns each image into features, once; a head is trained on them; the threshold of each
label is tuned on the validation rows; results are measured on the test rows. The folder of results holds
model.safetensors, report.html, history.csv, predictions.csv (logits) and split.csv. Ctrl-C ends training and keeps the
best weights so far.

Example:
  softf1 train --csv posters.csv --images images --weights mobilenet_v2.safetensors --min-label-count 120)");
  add_image_set(*command, o->set, true);
  add_extractor(*command, o->extractor);
  add_head(*command, o->hidden, o->dropout);
  add_training(*command, *o);
  command->add_option("--split", o->split, "Shares of train, validation and test")
      ->check(accepted_by(check_split))
      ->capture_default_str()
      ->type_name("A,B,C")
      ->group("Split");
  add_choice(*command, "--split-by", o->split_by, {"stratified", "shuffle"},
             "stratified: each label in its share; or shuffle")
      ->capture_default_str()
      ->group("Split");
  add_file(*command, "--split-file", o->split_file,
           "In place of both: id and part of each row, as an earlier run wrote them")
      ->group("Split");
  command->add_option("--out", o->out, "The folder of results; without it runs/LOSS_DATE_TIME")
      ->type_name("DIR")
      ->group("Output");
  command->add_flag("--overwrite", o->overwrite, "Replace a finished run in that folder")->group("Output");
  command->add_flag("--bundle", o->bundle, "Put the network's weights into the model, so that it needs no --weights")
      ->group("Output");
  add_device(*command, o->on, true);
  add_common(root, *command, *o, "Write the results");
}

void add_predict(CLI::App& root, request& result) {
  auto const [command, o] = add_command<predict_options>(
      root, result, "predict", "Predict the labels of images with a trained model",
      R"(Formats: table; csv (file, labels, then a probability a label); jsonl (a line an image). An image that cannot be
read is reported, and the others are predicted.

Example:
  softf1 predict --model runs/demo/model.safetensors poster.jpg)");
  add_file(*command, "--model", o->model, "The model, as `softf1 train` writes it")->required()->group("Input");
  add_file(*command, "--weights", o->weights, "The network's weights, needed unless the model bundles them")
      ->group("Input");
  command->add_option("FILE", o->files, "Images")->type_name("...")->group("Input");
  command->add_option("--images", o->images, "A folder: all images in it, by name")->type_name("DIR")->group("Input");
  add_file(*command, "--list", o->list, "A text file of image files, one a line")->group("Input");
  add_choice(*command, "--format", o->format, {"table", "csv", "jsonl"}, "table, csv or jsonl")
      ->capture_default_str()
      ->group("Output");
  add_file(*command, "--out", o->out, "Where predictions go; without it, the standard output")->group("Output");
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
