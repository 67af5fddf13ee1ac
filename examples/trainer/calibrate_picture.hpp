// The page that softf1 calibrate --html writes.
#pragma once

#include <string>
#include <vector>

#include <softf1/thresholds/account.hpp>

#include "options.hpp"

namespace program {

/// What each threshold of each label gives on the rows of the search, and what was chosen, as one HTML file.
/// `label_names`: empty, or one a label.
std::string picture_of(calibrate_options const& options, softf1::tuning_rows const& rows,
                       softf1::accounted_rule const& found, std::vector<std::string> const& label_names);

}  // namespace program
