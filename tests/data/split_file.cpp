#include <softf1/data/split_file.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_split_file_test {

using namespace softf1_io_test;
namespace data = softf1::data;
using data::part;
using names = std::vector<std::string>;

TEST_CASE("a split that is written reads back", "[split_file]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "split.csv").string();
  names const ids{"tt1", "a,\"b\"", " c"};
  std::vector<part> const parts{part::train, part::validation, part::test};
  data::write_split(path, ids, parts);
  CHECK(get(path) == "id,part\ntt1,train\n\"a,\"\"b\"\"\",validation\n c,test\n");
  auto const split = data::read_split(path);
  CHECK(split.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(split.at(ids[i]) == parts[i]);
  put(path, "note;part;id\nx; test ;7\n");
  CHECK(data::read_split(path) == data::split_map{{"7", part::test}});
}

TEST_CASE("what is not a split is refused with its line", "[split_file]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "split.csv").string();
  struct {
    std::string text, sentence;
  } const cases[] = {
      {"id,part\na,train\n\nb,dev\n", "line 4: expected train, validation or test, got 'dev'"},
      {"id,part\na,\n", "line 2: expected train, validation or test, got ''"},
      {"id,part\na,train\nb,test\na,train\n", "line 4: the id 'a' stands in line 2 already"},
      {"id,part\n,train\n", "line 2: the id is empty"},
      {"id,fold\na,train\n", "expected a column 'part', got 'id', 'fold'"},
      {"", "expected a header row, got an empty file"},
  };
  for (auto const& c : cases) {
    put(path, c.text);
    CHECK(part_of(error_of([&] { data::read_split(path); }), path + ": " + c.sentence) == path + ": " + c.sentence);
  }
}

TEST_CASE("a split that would not read back is not written", "[split_file]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "split.csv").string();
  put(path, "before");
  std::vector<part> const two{part::train, part::test};
  CHECK(error_of<softf1::value_error>([&] { data::write_split(path, names{"a", "a"}, two); }) ==
        "write_split: the id 'a' is repeated");
  CHECK(error_of<softf1::value_error>([&] { data::write_split(path, names{"a", ""}, two); }) ==
        "write_split: the id of row 1 is empty");
  CHECK(error_of<softf1::shape_error>([&] { data::write_split(path, names{"a"}, two); }) ==
        "write_split: parts must have shape (1,), got (2,)");
  CHECK(get(path) == "before");
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("rows of a table get their parts by id", "[split_file]") {
  data::label_table const table{.ids = {"c", "a", "b"}, .images = {}, .label_names = {}};
  data::split_map split{{"a", part::test}, {"b", part::train}, {"c", part::validation}, {"d", part::test}};
  CHECK(data::parts_of(table, split) == std::vector<part>{part::validation, part::test, part::train});
  split.erase("a");
  split.erase("b");
  CHECK(error_of<softf1::value_error>([&] { data::parts_of(table, split); }) ==
        "parts_of: the split names no part for 2 of 3 ids, the first is 'a'");
  CHECK(data::parts_of(table, split, part::test) == std::vector<part>{part::validation, part::test, part::test});
}

}  // namespace data_split_file_test
