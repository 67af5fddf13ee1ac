#include "calibrate_picture.hpp"

#include <cmath>

#include <softf1/report/calibration.hpp>
#include <softf1/report/html.hpp>

#include "calibrate.hpp"
#include "output.hpp"

namespace program {

std::string picture_of(calibrate_options const& options, softf1::tuning_rows const& rows,
                       softf1::accounted_rule const& found, std::vector<std::string> const& label_names) {
  softf1::report::document page{.title = "Decision thresholds",
                                .subtitle = options.source.model.empty() ? options.data.scores : options.source.model};
  page.facts = {{"Strategy", options.search()},
                {"Objective", options.objective},
                {"Rows", std::to_string(rows.rows())},
                {"Labels", std::to_string(rows.labels())},
                {"Macro " + options.objective + ", tuned", figure(found.macro_tuned)}};
  if (!std::isnan(found.macro_expected))
    page.facts.emplace_back("Macro " + options.objective + ", expected on new rows", figure(found.macro_expected));
  page.thresholds =
      softf1::charts_of(rows, found.rule, options.objective, objective_of(options.objective), label_names);
  page.tables = {softf1::report::table_of(page.thresholds)};
  return softf1::report::to_html(page);
}

}  // namespace program
