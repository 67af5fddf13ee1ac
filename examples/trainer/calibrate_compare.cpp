// softf1 calibrate --compare: what strategies are worth on rows that they have not seen.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <softf1/io/json_value.hpp>
#include <softf1/metrics/average.hpp>

#include "calibrate.hpp"
#include "output.hpp"

namespace program {

namespace {

/// A strategy, measured: each figure is the objective.
struct compared {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  std::string strategy;
  double macro = unknown, micro = unknown,
         samples = unknown;  ///< on rows decided by rules that were found without them
  double tuned = unknown;    ///< macro on the rows of the search
  std::string failure = {};  ///< why there are none
};

/// The mean over rows of the objective of a row's counts.
double samples_average(softf1::tuning_rows const& rows, std::vector<std::uint8_t> const& decided,
                       softf1::thresholds::objective_function const& score) {
  softf1::metrics::defined_mean mean;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    softf1::confusion<double> c{};
    for (std::size_t j = 0; j < rows.labels(); ++j)
      if (rows.present(i, j)) rows.count(c, i, j, decided[i * rows.labels() + j] != 0, 1);
    mean.add(softf1::metrics::defined_score(score, c, rows.zero_division()), rows.weight(i));
  }
  return mean.value();
}

compared measure(host& ctx, softf1::tuning_rows const& rows, calibration_choice const& choice,
                 std::vector<std::size_t> const& folds) {
  using softf1::metrics::averaging;
  compared result{.strategy = choice.strategy};
  auto const score = objective_of(choice.objective);
  auto const average = [&](std::vector<softf1::confusion<double>> const& counts, averaging how) {
    return softf1::metrics::average(score, counts, how, rows.zero_division());
  };
  try {
    auto const found = cross_validate_choice(ctx, rows, choice, folds);
    result.macro = average(found.unseen, averaging::macro);
    result.micro = average(found.unseen, averaging::micro);
    result.samples = samples_average(rows, found.decided, score);
    result.tuned = average(in_sample_counts(rows, choice), averaging::macro);
  } catch (softf1::value_error const& e) {
    result.failure = e.what();
  }
  return result;
}

std::string to_text(std::vector<compared> const& all, calibrate_options const& options, std::size_t folds,
                    softf1::tuning_rows const& rows) {
  auto const& name = options.objective;
  std::vector<std::vector<std::string>> lines{
      {"strategy", "macro " + name, "micro " + name, "samples " + name, "macro in-sample", "too good by"}};
  std::string failures;
  for (auto const& c : all) {
    lines.push_back(
        {c.strategy, figure(c.macro), figure(c.micro), figure(c.samples), figure(c.tuned), figure(c.tuned - c.macro)});
    if (!c.failure.empty()) failures += c.strategy + ": " + c.failure + "\n";
  }
  return table(lines) +
         fmt::format("\nrows {}, labels {}; each row decided by what was found without its fold, of {} folds{}\n{}",
                     rows.rows(), rows.labels(), folds,
                     options.calibrator.empty() ? "" : "; scores are calibrated by " + options.calibrator, failures);
}

softf1::io::json_value to_json(std::vector<compared> const& all, calibrate_options const& options, std::size_t folds,
                               softf1::tuning_rows const& rows) {
  using softf1::io::json_number;
  softf1::io::json_value form{
      {"rows", rows.rows()}, {"labels", rows.labels()}, {"objective", options.objective}, {"folds", folds}};
  if (!options.calibrator.empty()) form["calibrator"] = options.calibrator;
  auto& list = form["compared"] = softf1::io::json_value::array();
  for (auto const& c : all) {
    softf1::io::json_value one{{"strategy", c.strategy},
                               {"macro", json_number(c.macro)},
                               {"micro", json_number(c.micro)},
                               {"samples", json_number(c.samples)},
                               {"macro_in_sample", json_number(c.tuned)}};
    if (!c.failure.empty()) one["failure"] = c.failure;
    list.push_back(std::move(one));
  }
  return form;
}

}  // namespace

void compare(calibrate_options const& options, host& ctx, softf1::tuning_rows const& rows, std::string const& about,
             output_files files) {
  std::size_t const folds = folds_of(options, rows.rows());
  auto const fold_of = softf1::thresholds::shuffled_folds(rows.rows(), folds, options.seed);
  std::vector<std::string> strategies;
  for (auto const& text : options.compare) {
    auto const named = text == "all" ? all_strategies() : std::vector<std::string>{text};
    strategies.insert(strategies.end(), named.begin(), named.end());
  }
  std::vector<compared> all;
  for (auto const& strategy : strategies)
    all.push_back(measure(
        ctx, rows, {.strategy = strategy, .objective = options.objective, .calibrator = options.calibrator}, fold_of));
  auto const rank = [](compared const& c) { return std::isnan(c.macro) ? -HUGE_VAL : c.macro; };
  std::stable_sort(all.begin(), all.end(), [&](auto const& a, auto const& b) { return rank(a) > rank(b); });

  if (!options.json.empty())
    files.add("--json", options.json, softf1::io::json_text(to_json(all, options, folds, rows)));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(about + to_text(all, options, folds, rows));
}

}  // namespace program
