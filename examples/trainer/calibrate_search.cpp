// Strategies, objectives and calibrators by name: the one unit that holds them all.
#include <algorithm>
#include <string>
#include <utility>

#include <softf1/calibration/all.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/thresholds/search.hpp>

#include "calibrate.hpp"

namespace program {

namespace {

/// "recall, f_beta:beta": the names of a type list, and the options that they take.
template <class List>
std::string names_of() {
  std::string names;
  List::for_each([&]<class C>() {
    names += (names.empty() ? "" : ", ") + std::string(C::name);
    for (std::size_t k = 0; k < C::option_names.size(); ++k)
      names += (k == 0 ? ":" : ",") + std::string(C::option_names[k]);
  });
  return names;
}

/// The search that a choice means, with its calibrator and folds.
softf1::thresholds::search_function search_of(calibration_choice const& choice) {
  auto search = softf1::search_named(choice.search(), objective_of(choice.objective));
  if (choice.calibrator.empty()) return search;
  softf1::with_named<softf1::calibration::all>(
      softf1::parse_spec(choice.calibrator, "calibrator"), "calibrator",
      [&](auto const& calibrator) { search = softf1::calibrated_search(calibrator, std::move(search)); });
  return search;
}

}  // namespace

softf1::tuning_rows tuning_rows_of(host& ctx, scored_rows const& rows) {
  softf1::threshold_options<softf1::cpu> how{.domain = rows.domain};
  if (rows.mask.data()) how.mask = rows.mask;
  if (rows.row_weights.data()) how.row_weights = rows.row_weights;
  return std::visit([&](auto scores) { return softf1::tuning_rows(ctx, scores, rows.targets, how, "calibrate"); },
                    rows.scores);
}

softf1::thresholds::objective_function objective_of(std::string const& text) {
  return softf1::scores::objective_named(text);
}

std::size_t folds_of(calibration_choice const& choice, std::size_t rows) {
  return choice.folds != 0 ? choice.folds : std::min<std::size_t>(5, rows);
}

softf1::accounted_rule search_rule(host& ctx, softf1::tuning_rows const& rows, calibration_choice const& choice) {
  return softf1::search_with_account(ctx, rows, search_of(choice), objective_of(choice.objective),
                                     {.resamples = choice.resamples,
                                      .folds = choice.nested ? folds_of(choice, rows.rows()) : 0,
                                      .level = choice.ci,
                                      .seed = ctx.seed()});
}

softf1::thresholds::cross_validated cross_validate_choice(host& ctx, softf1::tuning_rows const& rows,
                                                          calibration_choice const& choice,
                                                          std::vector<std::size_t> const& fold_of) {
  return cross_validate(ctx, rows, search_of(choice), fold_of);
}

std::vector<softf1::confusion<double>> in_sample_counts(softf1::tuning_rows const& rows,
                                                        calibration_choice const& choice) {
  return counts_under(rows, search_of(choice)(rows));
}

void check_calibrator(std::string const& text) {
  softf1::with_named<softf1::calibration::all>(softf1::parse_spec(text, "calibrator"), "calibrator",
                                               [](auto const&) {});
}

std::string calibrator_names() { return names_of<softf1::calibration::all>(); }

std::vector<std::string> all_strategies() {
  std::vector<std::string> names{calibration_choice{}.strategy};
  softf1::thresholds::all::for_each([&]<class Strategy>() { names.emplace_back(Strategy::name); });
  softf1::thresholds::refinements::all::for_each(
      [&]<class Refinement>() { names.push_back("best+" + std::string(Refinement::name)); });
  return names;
}

void check_strategy(std::string const& text) { softf1::search_named(text, {}); }

void check_compared(std::string const& text) {
  if (text != "all") check_strategy(text);
}

void check_objective(std::string const& text) { objective_of(text); }

std::string strategy_names() { return names_of<softf1::thresholds::all>(); }

std::string refinement_names() { return names_of<softf1::thresholds::refinements::all>(); }

std::string objective_names() { return names_of<softf1::scores::all>(); }

}  // namespace program
