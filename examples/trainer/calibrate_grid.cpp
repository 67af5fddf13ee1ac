#include "calibrate_grid.hpp"

#include <softf1/io/csv_writer.hpp>
#include <softf1/thresholds/grid.hpp>

namespace program {

std::string grid_strategy(std::size_t points, std::string const& comparison) {
  return "grid:points=" + std::to_string(points) + ",strict=" + (comparison == "gt" ? "1" : "0");
}

std::string grid_table(std::size_t points, std::string const& comparison, softf1::tuning_rows const& rows,
                       std::vector<std::string> const& label_names) {
  using softf1::number_text;
  softf1::thresholds::grid const grid{static_cast<double>(points), comparison == "gt" ? 1.0 : 0.0};
  std::string text = "id,label,freq,threshold,tp,fn,fp,precision,recall,f1\n";
  for (std::size_t j = 0; j < rows.labels(); ++j)
    for (auto const& point : grid.table(rows, j)) {
      std::string const line[] = {std::to_string(j),
                                  label_names.empty() ? std::to_string(j) : label_names[j],
                                  number_text(point.tp + point.fn),
                                  number_text(point.threshold),
                                  number_text(point.tp),
                                  number_text(point.fn),
                                  number_text(point.fp),
                                  number_text(point.precision),
                                  number_text(point.recall),
                                  number_text(point.f1)};
      text += softf1::io::csv_line(line);
    }
  return text;
}

}  // namespace program
