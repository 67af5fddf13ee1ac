#include <softf1/data/statistics.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace data_statistics_test {

namespace data = softf1::data;
using names = std::vector<std::string>;
using counts = std::vector<std::size_t>;
using softf1_test::error_text;

std::vector<std::uint8_t> const targets{1, 0, 0,  //
                                        1, 1, 0,  //
                                        0, 0, 0,  //
                                        1, 1, 0};

TEST_CASE("figures of targets", "[statistics]") {
  auto const s = data::statistics_of({targets.data(), 4, 3}, {"x", "y", "z"});
  CHECK(s.rows == 4);
  CHECK(s.names == names{"x", "y", "z"});
  CHECK(s.counts == counts{3, 2, 0});
  CHECK(s.shares == std::vector<double>{0.75, 0.5, 0});
  CHECK(s.cardinality == 1.25);
  CHECK(s.density == Approx(1.25 / 3));
  CHECK(s.most_labels == 2);
  CHECK(s.distinct_sets == 3);
  CHECK(s.unlabelled_rows == 1);
  // The transposed matrix through strides.
  auto const t = data::statistics_of({targets.data(), 3, 4, 1, 3});
  CHECK(t.names == names{"0", "1", "2", "3"});
  CHECK(t.counts == counts{1, 2, 0, 2});
  CHECK(t.unlabelled_rows == 1);
  CHECK(error_text<softf1::shape_error>([] { data::statistics_of({targets.data(), 4, 3}, {"x"}); }) ==
        "statistics_of: names must have shape (3,), got (1,)");
}

TEST_CASE("figures of nothing", "[statistics]") {
  auto const s = data::statistics_of({nullptr, 0, 2});
  CHECK(s.counts == counts{0, 0});
  CHECK((std::isnan(s.cardinality) && std::isnan(s.density) && std::isnan(s.shares[0])));
  CHECK(s.distinct_sets == 0);
  CHECK(data::to_text(s).find("labels a row - (at most 0)") != std::string::npos);
}

TEST_CASE("figures as a table for people", "[statistics]") {
  auto const s = data::statistics_of({targets.data(), 4, 3}, {"rare", "caf\xC3\xA9", "none"});
  CHECK(data::to_text(s) ==
        "label  rows    share\n"
        "rare      3  75.00 %  ##############################\n"
        "caf\xC3\xA9      2  50.00 %  ####################\n"
        "none      0   0.00 %\n"
        "\n"
        "rows 4, labels 3, labels a row 1.250 (at most 2), density 0.4167, distinct sets 3, rows without labels 1\n"
        "labels in no row: 1\n");
}

TEST_CASE("a split as a table for people", "[statistics]") {
  data::label_table const table{
      .ids = {"a", "b", "c", "d"}, .images = {}, .label_names = {"y", "x"}, .targets = {1, 1, 0, 1, 0, 0, 0, 1}};
  std::vector<data::part> const parts{data::part::train, data::part::train, data::part::test, data::part::validation};
  CHECK(data::split_text(table, parts) ==
        "label     rows  train    share  validation   share  test   share\n"
        "x            3      2   66.7 %           1  33.3 %     0   0.0 %\n"
        "y            1      1  100.0 %           0   0.0 %     0   0.0 %\n"
        "all rows     4      2   50.0 %           1  25.0 %     1  25.0 %\n");
  CHECK(error_text<softf1::shape_error>([&] { data::split_text(table, {}); }) ==
        "split_text: parts must have shape (4,), got (0,)");
}

}  // namespace data_statistics_test
