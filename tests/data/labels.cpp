#include <softf1/data/labels.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace data_labels_test {

namespace data = softf1::data;
using names = std::vector<std::string>;
using bytes = std::vector<std::uint8_t>;
using softf1_test::error_text;

data::label_table small_table() {
  return {.ids = {"p", "q", "r"},
          .images = {"p.jpg", "q.jpg", "r.jpg"},
          .label_names = {"a", "b", "c"},
          .targets = {1, 0, 1, 0, 1, 0, 0, 0, 0},
          .description = "labels: three",
          .rows_read = 5,
          .incomplete_rows = 2};
}

TEST_CASE("sets of names become a matrix with sorted columns", "[labels]") {
  std::vector<names> const sets{{"b", "a"}, {}, {"B", "b", "b"}};
  auto const labels = data::multi_hot(sets);
  CHECK(labels.names == names{"B", "a", "b"});
  CHECK(labels.targets == bytes{0, 1, 1, 0, 0, 0, 1, 0, 1});
  CHECK(data::multi_hot({}).names.empty());
  CHECK(data::multi_hot({}).targets.empty());
}

TEST_CASE("a table has a view, and rows that can be chosen", "[labels]") {
  auto const table = small_table();
  CHECK(table.target_view().rows() == 3);
  CHECK(table.target_view().cols() == 3);
  CHECK(table.target_view()(0, 2) == 1);
  CHECK(table.target_view()(1, 1) == 1);
  std::vector<std::size_t> const rows{2, 0};
  auto const part = table.select(rows);
  CHECK(part.ids == names{"r", "p"});
  CHECK(part.images == names{"r.jpg", "p.jpg"});
  CHECK(part.label_names == table.label_names);
  CHECK(part.targets == bytes{0, 0, 0, 1, 0, 1});
  CHECK(part.description == table.description);
  CHECK(part.rows_read == 5);
  CHECK(table.select({}).rows() == 0);
  std::vector<std::size_t> const wrong{3};
  CHECK(error_text<softf1::value_error>([&] { table.select(wrong); }) ==
        "label_table::select: a row index must be below 3, got 3");
}

TEST_CASE("a table takes the labels of a model", "[labels]") {
  auto const table = small_table();
  names ignored{"left over"};
  auto const other = data::with_labels(table, {"c", "a"}, &ignored);
  CHECK(other.label_names == names{"c", "a"});
  CHECK(other.targets == bytes{1, 1, 0, 0, 0, 0});
  CHECK(other.ids == table.ids);
  CHECK(ignored == names{"b"});
  data::with_labels(table, table.label_names, &ignored);
  CHECK(ignored.empty());
  CHECK(data::with_labels(table, {}).targets.empty());
  CHECK(error_text<softf1::value_error>([&] { data::with_labels(table, {"a", "d"}); }) ==
        "with_labels: the table has no label 'd', it has 'a', 'b', 'c'");
  CHECK(error_text<softf1::value_error>([&] { data::with_labels(table, {"a", "a"}); }) ==
        "with_labels: the label 'a' is given twice");
}

}  // namespace data_labels_test
