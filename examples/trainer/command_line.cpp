#include "command_line.hpp"

#include <memory>
#include <string>
#include <vector>

#include "command_parts.hpp"

namespace program {

namespace {

/// A file of options. Those at its top are for the sub-command that runs, those below [evaluate] for `evaluate` only.
class config_file : public CLI::ConfigBase {
 public:
  explicit config_file(CLI::App const& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> mine;
    auto const commands = app_.get_subcommands();
    if (commands.empty()) return mine;
    auto const* const command = commands.front();
    for (auto& item : ConfigBase::from_config(input)) {
      bool const is_section_mark = item.name == "++" || item.name == "--";
      if (is_section_mark || is_for_another(item, command)) continue;
      auto const written = item.fullname();
      if (item.parents.empty()) item.parents = {command->get_name()};
      bool const is_known = item.parents.size() == 1 && item.parents.front() == command->get_name() &&
                            command->get_option_no_throw("--" + item.name);
      if (!is_known)
        throw CLI::ConfigError(app_.get_config_ptr()->as<std::string>() + ": " + command->get_name() +
                               " has no option '" + written + "'");
      mine.push_back(std::move(item));
    }
    return mine;
  }

 private:
  bool is_for_another(CLI::ConfigItem const& item, CLI::App const* command) const {
    for (auto const* other : app_.get_subcommands([](CLI::App const*) { return true; }))
      if (other != command && !item.parents.empty() && item.parents.front() == other->get_name()) return true;
    return false;
  }

  CLI::App const& app_;
};

/// Help without what CLI11 adds to types: "--threshold P=0.5", "--scores FILE (required)".
class short_formatter : public CLI::Formatter {
 public:
  std::string make_option_opts(CLI::Option const* option) const override {
    std::string text;
    if (option->get_type_size() != 0) text = " " + option->get_type_name();
    if (!option->get_default_str().empty()) text += "=" + option->get_default_str();
    return text + (option->get_required() ? " (required)" : "");
  }
};

void check_threads(std::string const& text) { check_whole<unsigned>(text, 1024); }
void check_seed(std::string const& text) { check_whole(text, std::numeric_limits<std::uint64_t>::max()); }

/// The text of an error of usage, with the place to look.
std::string usage_error(CLI::App const& root, CLI::ParseError const& e) {
  if (auto const commands = root.get_subcommands(); !commands.empty())
    return std::string(e.what()) + " (see softf1 " + commands.front()->get_name() + " --help)";
  std::string known;
  for (auto const* command : root.get_subcommands([](CLI::App const*) { return true; }))
    known += (known.empty() ? "" : ", ") + command->get_name();
  auto const unknown = root.remaining();
  return (unknown.empty() ? "a command is missing" : "no command is named '" + unknown.front() + "'") + ", there are " +
         known + " (see softf1 --help)";
}

}  // namespace

CLI::Option* add_file(CLI::App& command, std::string const& name, std::string& path, std::string const& help) {
  return command.add_option(name, path, help)->type_name("FILE");
}

void add_common(CLI::App& root, CLI::App& command, common_options& o, std::string const& json_help) {
  add_file(command, "--json", o.json, json_help + " as JSON; - is the standard output, which then gets nothing else")
      ->group("Output");
  command.add_flag("--quiet", o.quiet, "Print nothing but errors")->group("Output");
  command.add_option("--threads", o.threads, "Number of threads, 0 for one per core; results do not depend on it")
      ->check(accepted_by(check_threads))
      ->capture_default_str()
      ->type_name("N")
      ->group("Run");
  command.add_option("--seed", o.seed, "Seed of random numbers, where any are drawn")
      ->check(accepted_by(check_seed))
      ->capture_default_str()
      ->type_name("N")
      ->group("Run");
  // CLI11 reads the file of the root only; the option stands here so that --help shows it.
  command
      .add_option_function<std::string>(
          "--config", [&root](std::string const& path) { root.get_config_ptr()->add_result(path); },
          "Read options from a TOML or INI file, under the names they have here; the command line goes first")
      ->trigger_on_parse()
      ->configurable(false)
      ->type_name("FILE")
      ->group("Run");
}

void add_device(CLI::App& command, device_choice& o, bool with_precision) {
  command
      .add_option("--device", o.device, "Where the heavy work is done: cpu, cuda, or cuda:1 ... (see softf1 devices)")
      ->check(accepted_by(check_device))
      ->capture_default_str()
      ->type_name("NAME")
      ->group("Run");
  if (!with_precision) return;
  command
      .add_option("--precision", o.precision,
                  "What a device rounds numbers to on their way, to be faster: full (nothing), tf32, bf16 or fp16")
      ->check(CLI::IsMember({"full", "tf32", "bf16", "fp16"}).description(""))
      ->capture_default_str()
      ->type_name("NAME")
      ->group("Run");
}

void add_crops(CLI::App& command, crop_choice& o) {
  auto* const crops =
      add_name(command, "--crops", o.crops,
               "Several crops of each image: ten_crop, ten_crop:resize=255, flip, or sets joined by +; without it, one")
          ->check(accepted_by(check_crops))
          ->group("Crops");
  add_choice(command, "--reduce", o.reduce, {"mean", "max", "mean_logit"},
             "What is made of an image's crops: the mean or the largest of their probabilities, or the mean of their "
             "logits")
      ->capture_default_str()
      ->needs(crops)
      ->group("Crops");
}

request parse(int argc, char const* const* argv) {
  request result;
  CLI::App root(
      "Multi-label classification: from images and a table to a calibrated model; metrics, thresholds and decisions "
      "from "
      "files of scores",
      "softf1");
  root.require_subcommand(1);
  root.set_version_flag("--version", version_text, "Print version, backends and BLAS");
  auto const formatter = std::make_shared<short_formatter>();
  formatter->column_width(28);
  root.formatter(formatter);
  root.set_config("--config")->group("");
  root.config_formatter(std::make_shared<config_file>(root));
  root.footer("Each command has a --help of its own: softf1 evaluate --help");
  add_synthesize(root, result);
  add_download(root, result);
  add_train(root, result);
  add_checkpoints(root, result);
  add_predict(root, result);
  add_evaluate(root, result);
  add_merge(root, result);
  add_calibrate(root, result);
  add_apply(root, result);
  add_monitor(root, result);
  add_extract(root, result);
  add_summary(root, result);
  add_preview(root, result);
  add_pack(root, result);
  add_unpack(root, result);
  add_export(root, result);
  add_devices(root, result);
  try {
    root.parse(argc, argv);
  } catch (CLI::CallForHelp const&) {
    result.text = root.help();
  } catch (CLI::CallForVersion const& e) {
    result.text = std::string(e.what()) + "\n";
  } catch (CLI::FileError const& e) {
    throw softf1::io_error(std::string("--config: ") + e.what());
  } catch (CLI::ParseError const& e) {
    result.error = usage_error(root, e);
  }
  return result;
}

}  // namespace program
