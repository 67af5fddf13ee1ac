// The sub-command that trains.
#include "command_parts.hpp"

namespace program {

namespace {

void check_number_or_auto(std::string const& text) {
  if (text != "auto") check_whole<std::size_t>(text, 4096);
}

void add_training(CLI::App& command, train_options& o) {
  auto const whole = [&](char const* name, std::size_t& value, char const* help) {
    command.add_option(name, value, help)
        ->check(accepted_by(check_positive))
        ->capture_default_str()
        ->type_name("N")
        ->group("Training");
  };
  auto const number = [&](char const* name, double& value, char const* help, void (*check)(std::string const&)) {
    command.add_option(name, value, help)
        ->check(accepted_by(check))
        ->capture_default_str()
        ->type_name("X")
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
  add_name(
      command, "--loss-schedule", o.loss_schedule,
      "How a sum of losses begins with its first and becomes what --loss says: linear:epochs=10, cosine:epochs=10, "
      "step:epochs=10")
      ->check(accepted_by(check_loss_schedule))
      ->group("Training");
  add_choice(command, "--loss-scope", o.loss_scope, {"batch", "accumulated", "epoch"},
             "Over which rows counts and means are taken: each batch, all batches of a step, or all rows, one step an "
             "epoch")
      ->capture_default_str()
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
  add_name(
      command, "--schedule", o.schedule,
      "How the learning rate changes: constant, cosine, one_cycle, plateau, staircase:decay=0.9,steps=1000 ..., also "
      "behind a warmup:steps=500+")
      ->check(accepted_by(check_schedule))
      ->capture_default_str()
      ->group("Training");
  whole("--epochs", o.epochs, "Epochs at most");
  whole("--batch-size", o.batch_size, "Rows of a batch");
  whole("--accumulate", o.accumulate,
        "Batches of a step: exact for every loss, for one forward pass more (see --loss-scope)");
  number("--clip-norm", o.clip_norm, "The greatest norm of a step's gradients, 0 for any", check_at_least_0);
  number("--average", o.average, "Decay of an average of the weights, which is then evaluated and kept; 0 for none",
         check_share);
  number("--mixup", o.mixup, "Alpha of mixup: rows are mixed in pairs; 0 for none", check_up_to_1);
  add_name(command, "--groups", o.groups,
           "Rates and decays of parameters by name: 'features.*:rate=0.1+*.bias:decay=0'; rate 0 freezes")
      ->check(accepted_by(check_groups))
      ->group("Training");
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

void add_network_training(CLI::App& command, train_options& o) {
  add_name(command, "--head", o.head,
           "What is trained on the features: dense; pool (mean of maps, then dense); adapter:width=64 (two pointwise "
           "convolutions beside the maps, then pool); convolutions (the three of the second "
           "tutorial); convnet:width=16,depth=4 (for --network pixels)")
      ->check(accepted_by(check_head))
      ->capture_default_str()
      ->group("Network");
  command.add_option("--train-from", o.train_from, "A block of the network: it and all behind it are trained too")
      ->type_name("BLOCK")
      ->group("Network");
  add_choice(command, "--batch-norm", o.batch_norm, {"frozen", "batch"},
             "Of those blocks: frozen keeps the statistics that the weights came with; batch measures new ones")
      ->capture_default_str()
      ->group("Network");
}

void add_images_of_training(CLI::App& command, train_options& o) {
  add_name(command, "--augment", o.augment,
           "How training images change at random: none, tutorial, or steps: random_crop:resize=255+flip+hue:delta=0.03 "
           "(see softf1 preview)")
      ->check(accepted_by(check_augmentation))
      ->capture_default_str()
      ->group("Images of training");
  add_choice(command, "--sampler", o.sampler, {"shuffle", "class_aware", "label_balanced"},
             "Which rows an epoch has: shuffle (all), or with rare labels more often: class_aware, label_balanced")
      ->capture_default_str()
      ->group("Images of training");
  add_choice(
      command, "--image-cache", o.image_cache, {"none", "encoded", "decoded", "mapped"},
      "What is kept of images that are augmented: none, in memory encoded (their files) or decoded (their pixels), or "
      "mapped (pixels in a temporary file)")
      ->capture_default_str()
      ->group("Images of training");
  command.add_option("--cache-megabytes", o.cache_megabytes, "Size of that cache at most")
      ->check(accepted_by(check_positive))
      ->capture_default_str()
      ->type_name("MB")
      ->group("Images of training");
  add_name(command, "--workers", o.workers, "Threads that read and augment images: auto, or a number")
      ->check(accepted_by(check_number_or_auto))
      ->capture_default_str()
      ->group("Images of training");
  add_name(command, "--prefetch", o.prefetch,
           "Batches that are made ahead: auto (more while training waits), or a number")
      ->check(accepted_by(check_number_or_auto))
      ->capture_default_str()
      ->group("Images of training");
  command.add_flag("--profile-input", o.profile_input, "Show where the time of reading and augmenting images goes")
      ->group("Images of training");
}

void add_checkpoints(CLI::App& command, train_options& o) {
  auto const count = [&](char const* name, std::size_t& value, char const* help) {
    command.add_option(name, value, help)
        ->check(accepted_by(check_count))
        ->capture_default_str()
        ->type_name("N")
        ->group("Checkpoints");
  };
  count("--keep-last", o.keep_last, "The newest checkpoints that are kept");
  count("--keep-best", o.keep_best, "The best checkpoints by --monitor that are kept");
  command
      .add_option("--checkpoint-minutes", o.checkpoint_minutes,
                  "Minutes between checkpoints inside an epoch, 0 for none; there is one at the end of each")
      ->check(accepted_by(check_at_least_0))
      ->capture_default_str()
      ->type_name("X")
      ->group("Checkpoints");
  command.add_flag("--resume", o.resume, "Go on from the newest checkpoint of --out, to the same bits")
      ->group("Checkpoints");
  command.add_flag("--no-checkpoints", o.no_checkpoints, "Keep none, and no events for TensorBoard")
      ->group("Checkpoints");
}

}  // namespace

void add_train(CLI::App& root, request& result) {
  auto const [command, o] = add_command<train_options>(
      root, result, "train", "Train a classifier on images and a table of their labels, calibrate and measure it",
      R"(A frozen network turns each image into features, once (or, with --augment, in each epoch anew); a head is trained
on them, with --train-from the end of the network as well; the threshold of each label is tuned on the validation rows;
results are measured on the test rows. The folder of results holds model.safetensors, report.html, history.csv,
predictions.csv (logits), split.csv, checkpoints and events for TensorBoard. Ctrl-C ends training and keeps the best
weights so far; --resume goes on.

Examples:
  softf1 train --csv posters.csv --images images --weights mobilenet_v2.safetensors --min-label-count 120
  softf1 train --features X.npy --targets Y.npy --hidden 0)");
  add_image_set(*command, o->set, true);
  add_extractor(*command, o->extractor);
  require(*command, result, o, [](train_options& t) { return wrong_source(t.set); });
  add_head(*command, o->hidden, o->dropout);
  add_network_training(*command, *o);
  add_training(*command, *o);
  add_images_of_training(*command, *o);
  add_checkpoints(*command, *o);
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

}  // namespace program
