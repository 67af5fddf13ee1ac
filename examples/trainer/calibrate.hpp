// The search for thresholds, for calibrate, train and evaluate --watch.
#pragma once

#include <softf1/thresholds/account.hpp>

#include "engine.hpp"
#include "options.hpp"
#include "output.hpp"
#include "scored_rows.hpp"

namespace program {

/// Rows with known targets as strategies search them. Throws as softf1::tuning_rows.
softf1::tuning_rows tuning_rows_of(host& ctx, scored_rows const& rows);

/// The function that makes one number of counts, by its name ("f1", "f_beta:beta=2").
softf1::thresholds::objective_function objective_of(std::string const& text);

/// The program's own choice, all strategies as they are by default, and the refinements of the plainest.
std::vector<std::string> all_strategies();

/// Into how many parts rows are divided where they are: as is asked for, or 5.
std::size_t folds_of(calibration_choice const& choice, std::size_t rows);

/// The rule of a choice with its account. Throws value_error for what the strategy cannot do.
softf1::accounted_rule search_rule(host& ctx, softf1::tuning_rows const& rows, calibration_choice const& choice);

/// Every row decided by the rule that a choice finds without its fold.
softf1::thresholds::cross_validated cross_validate_choice(host& ctx, softf1::tuning_rows const& rows,
                                                          calibration_choice const& choice,
                                                          std::vector<std::size_t> const& fold_of);

/// The counts of each label that the rule of a choice has on the rows that it is found on.
std::vector<softf1::confusion<double>> in_sample_counts(softf1::tuning_rows const& rows,
                                                        calibration_choice const& choice);

/// calibrate --compare; `files` know the inputs.
void compare(calibrate_options const& options, host& ctx, softf1::tuning_rows const& rows, std::string const& about,
             output_files files);

}  // namespace program
