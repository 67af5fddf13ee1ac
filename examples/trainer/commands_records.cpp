// The sub-commands that write and read records.
#include "command_parts.hpp"

namespace program {

namespace {

void check_shards(std::string const& text) { check_whole<std::size_t>(text, 99'999, 1); }

CLI::Option* add_output_choice(CLI::App& command, std::string const& name, std::string& value,
                               std::vector<std::string> const& names, std::string const& help) {
  return command.add_option(name, value, help)
      ->check(CLI::IsMember(names).description(""))
      ->capture_default_str()
      ->type_name("NAME")
      ->group("Output");
}

}  // namespace

void add_pack(CLI::App& root, request& result) {
  auto const [command, o] = add_command<pack_options>(
      root, result, "pack", "Write images and their labels as records: TFRecord or WebDataset",
      R"(With --shards 4, train.tfrecord becomes train-00000-of-00004.tfrecord and so on. Rows are shuffled by --seed.
The names of the labels go into train.tfrecord.labels.txt, for --label-names of those who read the records.

Examples:
  softf1 pack --csv posters.csv --images images --out train.tfrecord --shards 4
  softf1 pack --image-list image_list --image-labels image_label --images images --out train.tfrecord)");
  add_image_set(*command, o->set, true);
  require(*command, result, o, [](pack_options& p) {
    return p.set.has_features() ? "--features and --arff have no images to pack" : wrong_source(p.set);
  });
  add_file(*command, "--out", o->out, "The file, or what shards are named by")->required()->group("Output");
  command->add_option("--shards", o->shards, "Number of files")
      ->check(accepted_by(check_shards))
      ->capture_default_str()
      ->type_name("N")
      ->group("Output");
  add_output_choice(*command, "--format", o->format, {"tfrecord", "webdataset"},
                    "tfrecord, or webdataset (tar archives)");
  add_output_choice(*command, "--message", o->message, {"sequence_example", "example"},
                    "What a TFRecord holds: sequence_example (labels a feature list) or example");
  command->add_flag("--keep-order", o->keep_order, "Do not shuffle")->group("Output");
  command->add_flag("--no-check", o->no_check, "Do not try to decode the images")->group("Output");
  add_common(root, *command, *o, "Write what was done");
}

void add_unpack(CLI::App& root, request& result) {
  auto const [command, o] = add_command<unpack_options>(
      root, result, "unpack", "Write records as images and a table",
      R"(The folder gets images/ and labels.csv, and mask.csv where labels are missing (0 there). Names stay inside the
folder, whatever the records say.

Example:
  softf1 unpack --records 'train-*.tfrecord' --label-names train.tfrecord.labels.txt --out train)");
  command->add_option("--records", o->records, "The files: a name, or a pattern in quotes")
      ->required()
      ->type_name("PATTERN")
      ->group("Data");
  add_file(*command, "--label-names", o->label_names, "Names of the labels, one a line; without it 0, 1 ...")
      ->group("Data");
  command->add_flag("--strict", o->strict, "A record that cannot be read is an error; without it, it is left out")
      ->group("Data");
  command->add_option("--out", o->out, "A folder, which is new or empty")
      ->required()
      ->type_name("DIR")
      ->group("Output");
  add_common(root, *command, *o, "Write what was done");
}

}  // namespace program
