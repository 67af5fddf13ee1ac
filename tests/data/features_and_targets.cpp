#include <softf1/data/features_and_targets.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <softf1/io/npy.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_features_and_targets_test {

using namespace softf1_io_test;
using names = std::vector<std::string>;

TEST_CASE("features and targets of two files are one set", "[data][features_and_targets]") {
  softf1_test::temp_directory const folder;
  auto const x = (folder / "x.csv").string(), y = (folder / "y.csv").string(), npy = (folder / "x.npy").string();
  put(x, "width,height\n1,2\n3,4.5\n");
  put(y, ",cat,dog\nfirst,1,0\nsecond,nan,-1\n");
  auto const set = softf1::read_features_and_targets(x, y);
  CHECK(set.features.values == std::vector<float>{1, 2, 3, 4.5f});
  CHECK(set.features.dimension == 2);
  CHECK(set.features.ids == names{"first", "second"});
  CHECK(set.feature_names == names{"width", "height"});
  CHECK(set.table.ids == set.features.ids);
  CHECK(set.table.images == names{"", ""});
  CHECK(set.table.label_names == names{"cat", "dog"});
  CHECK(set.table.targets == std::vector<std::uint8_t>{1, 0, 0, 0});
  CHECK(set.table.mask == std::vector<std::uint8_t>{1, 1, 0, 0});

  std::vector<float> const values{1, 2, 3, 4.5f};
  softf1::write_npy(npy, softf1::matrix_view<float const>(values.data(), 2, 2));
  auto const plain = (folder / "y.txt").string();
  put(plain, "1 0\n0 1\n");
  auto const other = softf1::read_features_and_targets(npy, plain);
  CHECK(other.features.values == set.features.values);
  CHECK(other.table.ids == names{"0", "1"});
  CHECK(other.table.label_names == names{"0", "1"});
  CHECK(!other.table.has_missing());
  CHECK(softf1::read_features_and_targets(npy, y, {"a", "b"}).table.label_names == names{"a", "b"});
}

TEST_CASE("features and targets that do not fit are refused", "[data][features_and_targets]") {
  softf1_test::temp_directory const folder;
  auto const x = (folder / "x.csv").string(), y = (folder / "y.csv").string();
  struct {
    std::string x, y, sentence;
  } const cases[] = {
      {"1,2\n", "1\n0\n", y + ": expected 1 rows as in " + x + ", got 2"},
      {"a,b\n", "1\n", x + ": expected rows of features, got shape (0, 2)"},
      {"1,2\n", "2\n", y + ": row 0, column 0: a target must be 0 or 1 (-1 or nan where it is missing), got 2"},
      {"1,2\n3,nan\n", "1\n0\n", x + ": row 1, column 1: a feature must be a finite float, got nan"},
      {"1,2\n3,1e300\n", "1\n0\n", x + ": row 1, column 1: a feature must be a finite float, got 1e+300"},
      {"1\n2\n", ",a\nr,1\nr,0\n", y + ": row 1: the id 'r' is repeated"},
  };
  for (auto const& c : cases) {
    put(x, c.x);
    put(y, c.y);
    CHECK(error_of([&] { softf1::read_features_and_targets(x, y); }) == "read_features_and_targets: " + c.sentence);
  }
  put(y, "1\n0\n");
  CHECK(error_of<softf1::value_error>([&] { softf1::read_features_and_targets(x, y, {"a", "b"}); }) ==
        "read_features_and_targets: expected 1 label names, got 2");
}

}  // namespace data_features_and_targets_test
