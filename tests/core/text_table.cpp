#include <softf1/core/text_table.hpp>

#include <limits>

#include "support/catch.hpp"

TEST_CASE("columns are as wide as their longest cell, in characters", "[core][text_table]") {
  CHECK(softf1::text_table({{"label", "rows"}, {"é", "7"}, {"Western", "100"}, {}, {"all"}}) ==
        "label    rows\n"
        "é           7\n"
        "Western   100\n"
        "\n"
        "all\n");
  CHECK(softf1::text_table({}).empty());
}

TEST_CASE("figures are numbers, or a dash for what is undefined", "[core][text_table]") {
  CHECK(softf1::figure_text(0.25) == "0.2500");
  CHECK(softf1::figure_text(12.5, "%.1f %%") == "12.5 %");
  CHECK(softf1::figure_text(std::numeric_limits<double>::quiet_NaN()) == "-");
}
