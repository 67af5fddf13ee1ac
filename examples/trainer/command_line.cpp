#include "command_line.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <softf1/core/errors.hpp>
#include <softf1/core/named.hpp>

#include "options.hpp"

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

/// Accepts what `check` does not throw at; its sentence is shown otherwise.
CLI::Validator accepted_by(void (*check)(std::string const&)) {
  return CLI::Validator(
      [check](std::string& text) -> std::string {
        try {
          check(text);
          return {};
        } catch (softf1::error const& e) {
          return e.what();
        }
      },
      "");
}

void check_probability(std::string const& text) {
  double const p = softf1::parse_number(text, "a probability");
  if (!(p >= 0 && p <= 1)) throw softf1::value_error("must be a probability from 0 to 1, got " + text);
}

template <class T>
void check_whole(std::string const& text, T most) {
  T number = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size() || number > most)
    throw softf1::value_error("must be a whole number from 0 to " + std::to_string(most) + ", got " + text);
}

void check_threads(std::string const& text) { check_whole<unsigned>(text, 1024); }
void check_seed(std::string const& text) { check_whole(text, std::numeric_limits<std::uint64_t>::max()); }

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

void add_scores(CLI::App& command, score_options& o) {
  add_file(command, "--scores", o.scores,
           "Scores, a row an example, a column a label: .npy (float16, 32, 64), .csv, .tsv or text")
      ->required()
      ->group("Input");
  command.add_flag("--logits", o.logits, "The scores are logits; without it, they are probabilities")->group("Input");
}

void add_dataset(CLI::App& command, dataset_options& o) {
  add_scores(command, o);
  add_file(command, "--targets", o.targets,
           "Targets of 0 and 1, of the same shape and in the same formats; any number type")
      ->required()
      ->group("Input");
  add_file(command, "--label-names", o.label_names,
           "Label names, one a line; without it, those of a CSV header, else 0, 1, ...")
      ->group("Input");
  add_file(command, "--mask", o.mask,
           "Matrix of the same shape: where it is 0 the target is missing and its cell left out")
      ->group("Input");
  add_file(command, "--row-weights", o.row_weights, "One weight a row, >= 0")->group("Input");
}

template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add_command(CLI::App& root, request& result, std::string const& name,
                                                           std::string const& summary, std::string const& details) {
  auto* const command = root.add_subcommand(name, summary);
  command->footer(details);
  auto options = std::make_shared<Options>();
  command->final_callback([&result, options] { result.job = [options] { run(*options); }; });
  return {command, options};
}

void add_evaluate(CLI::App& root, request& result) {
  auto const [command, o] = add_command<evaluate_options>(
      root, result, "evaluate",
      "Measure scores against targets: precision, recall, F1, AP, AUROC, for each label and averaged",
      R"(A label is predicted where its score >= its threshold. 'trivial F1' is the F1 of saying yes everywhere: what a
model has to beat. '-' (null in JSON) is undefined. Rows and labels without names are counted from 0.

Example:
  softf1 evaluate --scores val_prob.npy --targets val_y.npy --label-names labels.txt --json report.json)");
  add_dataset(*command, o->data);
  auto* const threshold =
      command
          ->add_option("--threshold", o->threshold, "One threshold for all labels: a probability, also with --logits")
          ->check(accepted_by(check_probability))
          ->capture_default_str()
          ->type_name("P")
          ->group("Decision");
  add_file(*command, "--thresholds", o->thresholds,
           "In place of --threshold: one for each label, as `softf1 calibrate` writes them")
      ->excludes(threshold)
      ->group("Decision");
  command
      ->add_option("--zero-division", o->zero_division,
                   "What an undefined precision, recall or F1 counts as: 0, 1, or nan (left out of means)")
      ->check(CLI::IsMember({"0", "1", "nan"}).description(""))
      ->capture_default_str()
      ->type_name("Z")
      ->group("Decision");
  add_file(*command, "--csv", o->csv, "Write the table as CSV")->group("Output");
  add_common(root, *command, *o, "Write the report");
}

void add_calibrate(CLI::App& root, request& result) {
  auto const [command, o] = add_command<calibrate_options>(
      root, result, "calibrate", "Find a decision threshold for each label on scores with known targets",
      "Strategies: " + strategy_names() + "\nObjectives: " + objective_names() + R"(
What stands behind a colon takes a value: fixed:at=0.4, f_beta:beta=2. 'best' is the exact optimum of the
objective for each label. Use rows that the model was not trained on. A label without positives keeps
probability 0.5.

Example:
  softf1 calibrate --scores val_prob.npy --targets val_y.npy --objective f_beta:beta=2 --out thresholds.json)");
  add_dataset(*command, o->data);
  command->add_option("--strategy", o->strategy, "How thresholds are found")
      ->check(accepted_by(check_strategy))
      ->capture_default_str()
      ->type_name("NAME")
      ->group("Decision");
  command->add_option("--objective", o->objective, "The score that is made as large as possible")
      ->check(accepted_by(check_objective))
      ->capture_default_str()
      ->type_name("NAME")
      ->group("Decision");
  add_file(*command, "--out", o->out, "The thresholds, as JSON, for evaluate and apply")->required()->group("Output");
  add_common(root, *command, *o, "Write the table");
}

void add_apply(CLI::App& root, request& result) {
  auto const [command, o] = add_command<apply_options>(
      root, result, "apply", "Turn scores into decisions with thresholds from calibrate",
      R"(Formats: npy (uint8, 1 where score >= threshold), csv (0 and 1 below the label names), lists (a line a row,
the names of its labels separated by tabs).

Example:
  softf1 apply --scores test_prob.npy --thresholds thresholds.json --out decisions.npy)");
  add_scores(*command, o->data);
  add_file(*command, "--thresholds", o->thresholds, "A threshold for each label, as `softf1 calibrate` writes them")
      ->required()
      ->group("Decision");
  add_file(*command, "--out", o->out, "The decisions, a row an example, a column a label")->required()->group("Output");
  command
      ->add_option("--format", o->format, "npy, csv or lists; without it csv where the name of --out ends so, else npy")
      ->check(CLI::IsMember({"npy", "csv", "lists"}).description(""))
      ->type_name("NAME")
      ->group("Output");
  add_common(root, *command, *o, "Write the numbers of decisions");
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
      ->check(accepted_by([](std::string const& text) { check_whole<std::size_t>(text, 900'000); }))
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

request parse(int argc, char const* const* argv) {
  request result;
  CLI::App root("Multi-label classification from files of scores: metrics, decision thresholds, decisions", "softf1");
  root.require_subcommand(1);
  root.set_version_flag("--version", version_text, "Print version, backends and BLAS");
  auto const formatter = std::make_shared<short_formatter>();
  formatter->column_width(28);
  root.formatter(formatter);
  root.set_config("--config")->group("");
  root.config_formatter(std::make_shared<config_file>(root));
  root.footer("Each command has a --help of its own: softf1 evaluate --help");
  add_evaluate(root, result);
  add_calibrate(root, result);
  add_apply(root, result);
  add_synthesize(root, result);
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
