// All figures of an evaluation, beyond the report.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <softf1/io/json_value.hpp>
#include <softf1/metrics/full_report.hpp>
#include <softf1/metrics/report_text.hpp>
#include <softf1/metrics/score_sketch.hpp>

#include "inputs.hpp"

namespace program {

class engine;

/// What softf1 evaluate says: as text what is asked for, as JSON everything.
struct evaluation_figures {
  softf1::classification_report report;
  std::string text;
  softf1::io::json_value form;
  softf1::report_columns columns{.lift = true};  ///< of the table that is written
  std::string curves = {};                       ///< what --curves writes, where it is given
};

/// The report of scores under a rule, and what `options` ask for. Throws as reading files of groups, and as the metrics.
evaluation_figures find_figures(engine& work, evaluate_options const& options, dataset const& data,
                                softf1::decision_rule const& rule);

/// Intervals, and the comparison with the other model's scores, where options ask for them: adds lines, keys and columns.
void find_intervals(engine& work, evaluate_options const& options, dataset const& data,
                    softf1::decision_rule const& rule, evaluation_figures& found);

/// Pairs of labels, operating points and curves, where options ask for them: adds lines and keys.
void find_curves(engine& work, evaluate_options const& options, dataset const& data, softf1::decision_rule const& rule,
                 evaluation_figures& found);

/// The same curves, at the edges of a sketch's bins; `names` of its labels.
std::string curves_text(softf1::score_sketch const& sketch, std::vector<std::string> const& names);

/// The table of a report for a file: Markdown where its name ends with .md, else CSV.
std::string table_text(std::string const& path, softf1::classification_report const& report,
                       softf1::report_columns const& columns);

/// The tables of a report that --metrics names, each behind an empty line.
std::string figures_text(softf1::full_report const& report, std::string const& metrics);

/// The groups of --label-groups, in the order in which the file first names them; none without a file. Throws io_error
/// for a label that is not among `labels`.
std::vector<softf1::metrics::label_group> read_label_groups(std::string const& path,
                                                            std::vector<std::string> const& labels);

/// What --at-k names. Throws value_error.
std::vector<std::size_t> numbers_at_k(std::string const& text);

/// 0, 1 or NaN.
double zero_division_of(evaluate_options const& options);

}  // namespace program
