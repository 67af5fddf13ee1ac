// Evaluation of data larger than memory, or in parts: rows go by once, what was counted is kept.
#pragma once

#include <string>
#include <vector>

#include <softf1/metrics/streaming_report.hpp>

#include "options.hpp"

namespace program {

/// softf1 evaluate --sketch-bins.
void evaluate_stream(evaluate_options const& options);

/// What is done with what was counted.
struct stream_outputs {
  std::vector<named_path> inputs;          ///< which no result may replace
  std::string metrics, label_groups, csv;  ///< as in evaluate_options
  named_path state;                        ///< where it is kept, and the option that says so
  std::string about;                       ///< lines to print first
  std::string curves = {};                 ///< as in evaluate_options
};

/// Prints the report of what was counted, and writes what is asked for.
void give_report(softf1::streaming_report const& total, common_options const& options, stream_outputs const& outputs);

}  // namespace program
