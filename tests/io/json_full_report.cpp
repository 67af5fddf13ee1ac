#include <softf1/io/json_full_report.hpp>

#include <cstdint>
#include <vector>

#include "support/catch.hpp"

TEST_CASE("a full report as JSON counts the rows that are left out, and of what") {
  // Masked in full; none positive, twice; all positive, three times.
  std::vector<double> const scores(14, 0.5), targets{1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1};
  std::vector<std::uint8_t> const mask{0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
  auto const form = softf1::io::full_report_json(softf1::make_full_report(
      softf1::as_matrix(scores, 7, 2), softf1::as_matrix(targets, 7, 2), {.mask = softf1::as_matrix(mask, 7, 2)}));
  CHECK(form["rows_left_out"].dump() == R"({"masked":1,"without_positives":2,"all_positive":3})");
  CHECK(form["labels_left_out"].dump() ==
        R"({"average_precision":0,"roc_auc":0,"no_cells":0,"rows_without_positives":2})");
}
