#include <softf1/data/voc.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

namespace data_voc_test {

using namespace softf1_io_test;
using bytes = std::vector<std::uint8_t>;

TEST_CASE("VOC's lists are a table in which difficult is missing", "[data][voc]") {
  softf1_test::temp_directory const folder;
  put(folder / "dog_train.txt", "000005 -1\n000007  1\n");
  put(folder / "cat_train.txt", "000007  0\n000005  1\n");
  put(folder / "cat_val.txt", "other");
  auto const table = softf1::read_voc(folder.path().string(), "train");
  CHECK(table.label_names == std::vector<std::string>{"cat", "dog"});
  CHECK(table.ids == std::vector<std::string>{"000007", "000005"});
  CHECK(table.images == std::vector<std::string>{"000007.jpg", "000005.jpg"});
  CHECK(table.targets == bytes{0, 1, 1, 0});
  CHECK(table.mask == bytes{0, 1, 1, 1});
  put(folder / "rows.txt", "a.jpg 1 -1\nb 0 +1\n");
  auto const rows = softf1::read_voc_rows((folder / "rows.txt").string(), {"cat", "dog"});
  CHECK(rows.images == std::vector<std::string>{"a.jpg", "b.jpg"});
  CHECK(rows.targets == bytes{1, 0, 0, 1});
  CHECK(rows.mask == bytes{1, 1, 0, 1});
  put(folder / "rows.txt", "a.jpg 1 -1\n");
  CHECK(!softf1::read_voc_rows((folder / "rows.txt").string()).has_missing());
}

TEST_CASE("lists of VOC that contradict each other are refused by their line", "[data][voc]") {
  softf1_test::temp_directory const folder;
  auto const cat = (folder / "cat_t.txt").string(), dog = (folder / "dog_t.txt").string();
  struct {
    std::string cat, dog, sentence;
  } const cases[] = {
      {"a 1\n", "a 2\n", dog + ": line 1: expected 1, -1 or 0, got '2'"},
      {"a 1\n", "a\n", dog + ": line 1: expected an id and 1, -1 or 0, got 1 words"},
      {"a 1\n", "b 1\n", dog + ": line 1: the id 'b' is not in " + cat},
      {"a 1\nb 1\n", "a 1\n", dog + ": expected the 2 ids of " + cat + ", got 1"},
      {"a 1\n", "a 1\na 1\n", dog + ": line 2: the id 'a' is repeated"},
      {"a 1\na 1\n", "a 1\n", cat + ": line 2: the id 'a' is repeated"},
      {"../a 1\n", "../a 1\n", cat + ": line 1: the image '../a.jpg' must be a name inside the folder of images"},
      {"", "", cat + ": there are no images"},
  };
  for (auto const& c : cases) {
    put(cat, c.cat);
    put(dog, c.dog);
    auto const text = error_of([&] { softf1::read_voc(folder.path().string(), "t"); });
    CHECK(part_of(text, "read_voc: " + c.sentence) == "read_voc: " + c.sentence);
  }
  CHECK(error_of([&] { softf1::read_voc(folder.path().string(), "no"); }) ==
        "read_voc: " + folder.path().string() + "/*_no.txt: there is no such file");
  put(cat, "a 1 1\nb 1\n");
  CHECK(error_of([&] { softf1::read_voc_rows(cat); }) ==
        "read_voc_rows: " + cat + ": line 2: expected 2 numbers behind the name as in the first line, got 1");
  put(cat, "a 1 x\n");
  CHECK(error_of([&] { softf1::read_voc_rows(cat); }) ==
        "read_voc_rows: " + cat + ": line 1: expected 1, -1 or 0, got 'x'");
}

TEST_CASE("the lists of VOC 2007 are read", "[data][voc][data]") {
  auto const folder = softf1_test::data("voc2007_lists");
  if (!folder) SOFTF1_SKIP("no data folder voc2007_lists");
  auto const table = softf1::read_voc_rows((*folder / "voc2007_trainval_20labels.txt").string());
  CHECK(table.rows() == 5011);
  CHECK(table.labels() == 20);
  CHECK(std::count(table.mask.begin(), table.mask.end(), 0) > 0);
  CHECK(table.images[0] == "000005.jpg");
}

}  // namespace data_voc_test
