// softf1 calibrate: decision thresholds from scores and targets.
#include <cmath>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <softf1/calibration/calibrated_search.hpp>
#include <softf1/core/hash.hpp>
#include <softf1/core/named.hpp>
#include <softf1/io/json_calibration.hpp>
#include <softf1/metrics/average.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/version.hpp>

#include "calibrate.hpp"
#include "calibrate_grid.hpp"
#include "calibrate_picture.hpp"
#include "inputs.hpp"
#include "model_data.hpp"
#include "models.hpp"
#include "output.hpp"

namespace program {

namespace {

using objective = softf1::scores::any_sum;

/// The objective of one label, or its mean over labels.
struct gain {
  double at_half, tuned, expected, trivial;
};

/// The searched rule, and what it is worth.
struct outcome {
  softf1::accounted_rule found;
  std::vector<double> thresholds;  ///< NaN where the rule looks at whole rows
  std::vector<softf1::confusion<double>> at_half;

  /// How the threshold of a label was found; the strategy where there is none.
  std::string reason(calibrate_options const& options, std::size_t j) const {
    auto const* const set = std::get_if<softf1::threshold_set>(&found.rule);
    return set ? set->reasons[j] : softf1::parse_specs(options.strategy).front().name;
  }
  softf1::threshold_account account(std::size_t j) const {
    auto const* const set = std::get_if<softf1::threshold_set>(&found.rule);
    return set ? set->accounts[j] : softf1::threshold_account{};
  }

  gain of_label(objective const& score, std::size_t j) const {
    softf1::metrics::trivial<objective> const trivial{score};
    return {softf1::metrics::defined_score(score, at_half[j], 0), found.tuned[j], found.expected[j],
            softf1::metrics::defined_score(trivial, at_half[j], 0)};
  }
  gain of_mean(objective const& score) const {
    softf1::metrics::trivial<objective> const trivial{score};
    auto const macro = softf1::metrics::averaging::macro;
    return {softf1::metrics::average(score, at_half, macro), found.macro_tuned, found.macro_expected,
            softf1::metrics::average(trivial, at_half, macro)};
  }
};

/// Searches the rows, and puts in place of the scores what they say where they are calibrated.
outcome search(engine& work, softf1::tuning_rows const& rows, calibrate_options const& options, dataset& data) {
  auto found = search_rule(work.on_host(), rows, options);
  if (found.calibration) {
    found.calibration->label_names = data.scores.label_names;
    found.calibration->origin.insert(found.calibration->origin.begin(), {"calibrator", options.calibrator});
    data.scores = calibrated(std::move(data.scores), *found.calibration, options.calibrator);
  }
  auto at_half = work.count(data.rows(), softf1::probability_threshold{});
  auto thresholds = softf1::decisions::thresholds_of(found.rule, data.scores.labels(), data.scores.domain, "calibrate");
  return {std::move(found), std::move(thresholds), std::move(at_half)};
}

/// "[0.31, 0.4]"; "-" where it is not known.
std::string interval(double low, double high) {
  return std::isnan(low) ? "-" : fmt::format("[{:.4g}, {:.4g}]", low, high);
}

/// How far the tuned column can be trusted.
std::string optimism_text(softf1::accounted_rule const& found, calibrate_options const& options) {
  auto const& name = options.objective;
  auto const begin = fmt::format("'{} tuned' is in-sample, on the rows that the thresholds were found on", name);
  if (std::isnan(found.optimism)) return begin + ": expect less on new rows\n";
  return begin + fmt::format("; on new rows expect '{} expected', {} {} on average\n", name,
                             figure(std::fabs(found.optimism)), found.optimism < 0 ? "more" : "less");
}

std::string to_text(calibrate_options const& options, outcome const& found, objective const& score,
                    score_matrix const& scores) {
  auto const& name = options.objective;
  std::vector<std::vector<std::string>> lines{{"label", "positives", "threshold",
                                               fmt::format("{:g} % interval", 100 * options.ci), name + " at 0.5",
                                               name + " tuned", name + " expected", "trivial " + name, "reason"}};
  auto const add = [&](std::string label, std::string positives, std::string threshold, std::string between,
                       gain const& g, std::string reason) {
    lines.push_back({std::move(label), std::move(positives), std::move(threshold), std::move(between),
                     figure(g.at_half), figure(g.tuned), figure(g.expected), figure(g.trivial), std::move(reason)});
  };
  double positives = 0;
  for (std::size_t j = 0; j < scores.labels(); ++j) {
    positives += found.at_half[j].support();
    auto const account = found.account(j);
    add(scores.label_names.empty() ? std::to_string(j) : scores.label_names[j], count(found.at_half[j].support()),
        std::isnan(found.thresholds[j]) ? "-" : fmt::format("{:.4g}", found.thresholds[j]),
        interval(account.low, account.high), found.of_label(score, j), found.reason(options, j));
  }
  lines.emplace_back();
  add("macro", count(positives), "", "", found.of_mean(score), "");
  return table(lines) + fmt::format("\nrows {}, labels {}, scores are {}\n{}thresholds written to {}{}{}\n",
                                    scores.rows(), scores.labels(),
                                    scores.domain == softf1::logit         ? "logits"
                                    : scores.domain == softf1::probability ? "probabilities"
                                                                           : "calibrated",
                                    optimism_text(found.found, options), options.source.model,
                                    options.source.model.empty() || options.out.empty() ? "" : " and ", options.out);
}

softf1::io::json_value to_json(calibrate_options const& options, outcome const& found, objective const& score,
                               score_matrix const& scores) {
  using softf1::io::json_number;
  using softf1::io::json_value;
  auto const figures = [](json_value& to, gain const& g) {
    to["at_half"] = json_number(g.at_half);
    to["tuned"] = json_number(g.tuned);
    to["expected"] = json_number(g.expected);
    to["trivial"] = json_number(g.trivial);
  };
  json_value form{{"rows", scores.rows()},
                  {"domain", name_of(scores.domain)},
                  {"strategy", options.search()},
                  {"objective", options.objective},
                  {"in_sample", true},
                  {"optimism", json_number(found.found.optimism)}};
  if (!options.calibrator.empty()) form["calibrator"] = options.calibrator;
  figures(form["macro"], found.of_mean(score));
  auto& labels = form["per_label"] = json_value::array();
  for (std::size_t j = 0; j < scores.labels(); ++j) {
    json_value label{{"name", scores.label_names.empty() ? std::to_string(j) : scores.label_names[j]},
                     {"positives", softf1::io::json_count(found.at_half[j].support())},
                     {"threshold", json_number(found.thresholds[j])},
                     {"low", json_number(found.account(j).low)},
                     {"high", json_number(found.account(j).high)},
                     {"reason", found.reason(options, j)}};
    figures(label, found.of_label(score, j));
    labels.push_back(std::move(label));
  }
  return form;
}

/// How many labels could not be calibrated by themselves.
std::string calibration_text(softf1::calibration_map const& map, std::string const& calibrator) {
  std::size_t others = 0;
  for (auto const& of : map.maps) others += of.reason != map.method;
  auto text = fmt::format("scores are calibrated by {}", calibrator);
  if (others > 0) text += fmt::format("; {} of {} labels by the temperature of all", others, map.labels());
  return text + "\n";
}

/// The day, in UTC.
std::string date_text() {
  std::time_t const now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

/// Tells one set of rows from another: of scores, targets, mask and weights.
std::string data_hash(dataset const& data) {
  softf1::hasher hash;
  hash.add(data.scores.values.bytes());
  hash.add(std::as_bytes(std::span(data.target_values)));
  hash.add(std::as_bytes(std::span(data.mask_values)));
  hash.add(std::as_bytes(std::span(data.weights)));
  return hash.hex();
}

/// What a file of thresholds says of their making.
std::vector<std::pair<std::string, std::string>> origin_of(calibrate_options const& options, dataset const& data,
                                                           std::string const& hash,
                                                           softf1::accounted_rule const& found) {
  std::vector<std::pair<std::string, std::string>> origin{{"program", "softf1 " SOFTF1_VERSION},
                                                          {"strategy", options.search()},
                                                          {"objective", options.objective},
                                                          {"rows", std::to_string(data.scores.rows())},
                                                          {"data", hash},
                                                          {"date", date_text()}};
  if (!std::isnan(found.optimism)) origin.emplace_back("optimism", softf1::number_text(found.optimism));
  return origin;
}

}  // namespace

void run(calibrate_options const& options) {
  auto const score = softf1::scores::objective_named(options.objective);
  auto const work = make_engine(options, options.on);
  bool const from_model = !options.source.model.empty();
  std::string about;
  dataset data;
  if (from_model) {
    auto source = load_model_dataset(*work, options.source, options.quiet);
    if (source.model.task == softf1::models::task::multiclass)
      throw softf1::value_error(options.source.model + ": a multiclass model has no thresholds to calibrate");
    data = std::move(source.data);
    about = std::move(source.about);
  } else {
    data = load_dataset(options.data);
  }
  auto const hash = data_hash(data);
  output_files files(from_model ? files_of(options.source) : files_of(options.data));
  auto const rows = tuning_rows_of(work->on_host(), data.rows());
  if (!options.compare.empty()) return compare(options, work->on_host(), rows, about, std::move(files));
  auto found = search(*work, rows, options, data);
  auto& rule = found.found.rule;
  auto const& calibration = found.found.calibration;
  if (calibration) about += calibration_text(*calibration, options.calibrator);
  if (auto* const names = softf1::decisions::label_names_in(rule)) *names = data.scores.label_names;
  if (auto* const set = std::get_if<softf1::threshold_set>(&rule))
    set->origin = origin_of(options, data, hash, found.found);

  if (!options.out.empty())
    files.add("--out", options.out, softf1::io::json_text(softf1::io::calibrated_rule_json({rule, calibration})));
  if (!options.json.empty())
    files.add("--json", options.json, softf1::io::json_text(to_json(options, found, score, data.scores)));
  if (!options.html.empty() || !options.grid_csv.empty()) {
    auto const decided_rows = calibration ? softf1::calibrated_rows(rows, *calibration) : rows;
    auto const& names = data.scores.label_names;
    if (!options.html.empty()) files.add("--html", options.html, picture_of(options, decided_rows, found.found, names));
    if (!options.grid_csv.empty())
      files.add("--grid-csv", options.grid_csv, grid_table(options.grid, options.comparison, decided_rows, names));
  }
  if (from_model) {
    files.claim("--model", options.source.model);
    put_rule(options.source.model, rule, calibration);
  }
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(about + to_text(options, found, score, data.scores));
}

}  // namespace program
