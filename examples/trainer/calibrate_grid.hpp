// softf1 calibrate --grid: equally spaced probabilities as thresholds, for comparisons with tools that search them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <softf1/thresholds/tuning_rows.hpp>

namespace program {

/// The strategy that --grid and --operator (gt or ge) mean: "grid:points=101,strict=1".
std::string grid_strategy(std::size_t points, std::string const& comparison);

/// The table of --grid-csv: id,label,freq,threshold,tp,fn,fp,precision,recall,f1, a line a label and threshold. `id` counts
/// labels from 0, `freq` is their number of positives. `label_names`: empty, or one a label.
std::string grid_table(std::size_t points, std::string const& comparison, softf1::tuning_rows const& rows,
                       std::vector<std::string> const& label_names);

}  // namespace program
