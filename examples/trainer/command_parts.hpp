// What the descriptions of sub-commands have in common. Part of the command line, which alone knows CLI11.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <softf1/core/errors.hpp>
#include <softf1/core/named.hpp>

#include "command_line.hpp"
#include "options.hpp"

namespace program {

/// Accepts what `check` does not throw at; its sentence is shown otherwise.
inline CLI::Validator accepted_by(void (*check)(std::string const&)) {
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

template <class T>
void check_whole(std::string const& text, T most, T least = 0) {
  T number = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size() || number > most || number < least)
    throw softf1::value_error("must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
                              ", got " + text);
}

inline void check_bins(std::string const& text) { check_whole<std::size_t>(text, 1'048'576, 3); }
inline void check_rows(std::string const& text) { check_whole<std::size_t>(text, 900'000); }
inline void check_count(std::string const& text) { check_whole<std::size_t>(text, 1'000'000'000); }
inline void check_positive(std::string const& text) { check_whole<std::size_t>(text, 1'000'000'000, 1); }
inline void check_share(std::string const& text) {
  double const p = softf1::parse_number(text, "a rate");
  if (!(p >= 0 && p < 1)) throw softf1::value_error("must be at least 0 and below 1, got " + text);
}
inline void check_level(std::string const& text) {
  double const p = softf1::parse_number(text, "a level");
  if (!(p > 0 && p < 1)) throw softf1::value_error("must be above 0 and below 1, got " + text);
}
inline void check_resamples(std::string const& text) { check_whole<std::size_t>(text, 1'000'000, 2); }
inline void check_rate(std::string const& text) {
  double const x = softf1::parse_number(text, "a learning rate");
  if (!(x > 0 && x < 1e6)) throw softf1::value_error("must be > 0, got " + text);
}

/// An option that takes a name, or several.
template <class Names>
CLI::Option* add_name(CLI::App& command, std::string const& name, Names& value, std::string const& help) {
  return command.add_option(name, value, help)->type_name("NAME");
}

/// A choice of names; an empty value is no choice.
inline CLI::Option* add_choice(CLI::App& command, std::string const& name, std::string& value,
                               std::vector<std::string> const& names, std::string const& help) {
  return add_name(command, name, value, help)->check(CLI::IsMember(names).description(""));
}

inline void check_at_least_0(std::string const& text) {
  double const x = softf1::parse_number(text, "the value");
  if (!(x >= 0 && x < 1e9)) throw softf1::value_error("must be >= 0, got " + text);
}
inline void check_up_to_1(std::string const& text) {
  double const x = softf1::parse_number(text, "the value");
  if (!(x >= 0 && x <= 1)) throw softf1::value_error("must be from 0 to 1, got " + text);
}

/// An option that names a file.
CLI::Option* add_file(CLI::App& command, std::string const& name, std::string& path, std::string const& help);

/// --json, --quiet, --threads, --seed, --config.
void add_common(CLI::App& root, CLI::App& command, common_options& o, std::string const& json_help);

/// A sub-command whose options are an Options and whose work is run(Options).
template <class Options>
std::pair<CLI::App*, std::shared_ptr<Options>> add_command(CLI::App& root, request& result, std::string const& name,
                                                           std::string const& summary, std::string const& details) {
  auto* const command = root.add_subcommand(name, summary);
  command->footer(details);
  auto options = std::make_shared<Options>();
  command->final_callback([&result, options] { result.job = [options] { run(*options); }; });
  return {command, options};
}

/// Refuses options that `missing` finds something wanting in, with its sentence, before the work begins. It may also put
/// options where they are looked for.
template <class Options>
void require(CLI::App& command, request& result, std::shared_ptr<Options> options,
             std::type_identity_t<std::string (*)(Options&)> missing) {
  command.final_callback([&result, options, missing] {
    if (auto const text = missing(*options); !text.empty()) throw CLI::ValidationError(text);
    result.job = [options] { run(*options); };
  });
}

/// Where labelled rows come from, and what is done about images that cannot be read. `with_targets`: also --targets and
/// --label-names, which some commands have already.
void add_image_set(CLI::App& command, image_set_options& o, bool with_targets);

/// The network that makes features, and how images are fed to it.
void add_extractor(CLI::App& command, extractor_choice& o);

/// --crops and --reduce.
void add_crops(CLI::App& command, crop_choice& o);

/// --hidden and --dropout of a head.
void add_head(CLI::App& command, std::size_t& hidden, double& dropout);

/// --device, and with `with_precision` --precision.
void add_device(CLI::App& command, device_choice& o, bool with_precision);

/// The sub-commands, in the order of --help.
void add_synthesize(CLI::App& root, request& result);
void add_download(CLI::App& root, request& result);
void add_summary(CLI::App& root, request& result);
void add_extract(CLI::App& root, request& result);
void add_train(CLI::App& root, request& result);
void add_evaluate(CLI::App& root, request& result);
void add_merge(CLI::App& root, request& result);
void add_calibrate(CLI::App& root, request& result);
void add_apply(CLI::App& root, request& result);
void add_monitor(CLI::App& root, request& result);
void add_predict(CLI::App& root, request& result);
void add_preview(CLI::App& root, request& result);
void add_pack(CLI::App& root, request& result);
void add_unpack(CLI::App& root, request& result);
void add_export(CLI::App& root, request& result);
void add_checkpoints(CLI::App& root, request& result);
void add_devices(CLI::App& root, request& result);

}  // namespace program
