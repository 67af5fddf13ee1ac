#include <softf1/data/table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

namespace data_table_test {

using namespace softf1_io_test;
namespace data = softf1::data;
using names = std::vector<std::string>;
using bytes = std::vector<std::uint8_t>;

/// The table that a text reads as.
data::label_table read(std::string const& text, data::table_options const& options = {}) {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.csv").string();
  put(path, text);
  return data::read_label_table(path, options);
}

/// The sentence of the error behind the path, or all of it.
template <class E = softf1::io_error>
std::string refused(std::string const& text, data::table_options const& options = {}) {
  auto const sentence = error_of<E>([&] { read(text, options); });
  auto const at = sentence.find("x.csv: ");
  return at == sentence.npos ? sentence : sentence.substr(at + 7);
}

TEST_CASE("labels in every shape", "[table]") {
  struct {
    std::string text;
    data::table_options options;
    names labels;
    bytes targets;
    std::string description;
  } const cases[] = {
      {"Id,b,a,note\n1,0,1,x\n2,1,1,y\n", {}, {"a", "b"}, {1, 0, 1, 1}, "labels: 2 columns of 0 and 1, 'a' to 'b'"},
      {"Id,a\n1,0.0\n2,1.0\n", {}, {"a"}, {0, 1}, "labels: 1 column of 0 and 1, 'a'"},
      {"Id,a,b\n1,0,0\n2,1,0\n",
       {},
       {"a", "b"},
       {0, 0, 1, 0},
       "labels: 2 columns of 0 and 1, 'a' to 'b'; in no row: 'b'"},
      {"id;g;x\n1;Drama|Action;7\n2;Action;8\n",
       {},
       {"Action", "Drama"},
       {1, 1, 1, 0},
       "labels: 2 in column 'g', joined by '|', 'Action' to 'Drama'"},
      {"id\tg\n1\tb, a\n2\tN/A\n",
       {.label_column = "g"},
       {"N/A", "a", "b"},
       {0, 1, 1, 1, 0, 0},
       "labels: 3 in column 'g', joined by ',', 'N/A' to 'b'"},
      {"id,g\n1,b;a\n2,c;a\n3,\"x,y\"\n",
       {.label_column = "g"},
       {"a", "b", "c", "x,y"},
       {1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1},
       "labels: 4 in column 'g', joined by ';', 'a' to 'x,y'"},
      {"id,g\n1,b a\n2,a\n",
       {.label_column = "g", .label_separator = " "},
       {"a", "b"},
       {1, 1, 1, 0},
       "labels: 2 in column 'g', joined by ' ', 'a' to 'b'"},
      {"id,g\n1,b/a\n2,a\n",
       {.label_separator = "/"},
       {"a", "b"},
       {1, 1, 1, 0},
       "labels: 2 in column 'g', joined by '/', 'a' to 'b'"},
      {"id,g\n1,dog\n2,cat\n",
       {.label_column = "g"},
       {"cat", "dog"},
       {0, 1, 1, 0},
       "labels: 2 in column 'g', joined by '|', 'cat' to 'dog'"},
      {"id,g\n1,\"['b', 'a']\"\n2,['a']\n3,[]\n",
       {},
       {"a", "b"},
       {1, 1, 1, 0, 0, 0},
       "labels: 2 in the lists of column 'g', 'a' to 'b'"},
      {"id,g\n1,\"[\"\"it's\"\"]\"\n",
       {.label_column = "g"},
       {"it's"},
       {1},
       "labels: 1 in the lists of column 'g', 'it's'"},
      {"id,g,a\n1,\"['b']\",1\n2,['c'],0\n", {}, {"a"}, {1, 0}, "labels: 1 column of 0 and 1, 'a'"},
      {"id,g,a\n1,\"['b']\",1\n2,['c'],0\n",
       {.label_column = "g"},
       {"b", "c"},
       {1, 0, 0, 1},
       "labels: 2 in the lists of column 'g', 'b' to 'c'"},
      {"id,z,a,b\n1,1,1,0\n2,0,0,1\n",
       {.label_columns = {"z", "b"}},
       {"b", "z"},
       {0, 1, 1, 0},
       "labels: 2 columns of 0 and 1, 'b' to 'z'"},
      {"\xEF\xBB\xBFid,a\r\n\"1\",1\r\n\r\n\"2\r\n\",0", {}, {"a"}, {1, 0}, "labels: 1 column of 0 and 1, 'a'"},
      {"id,a,year\n1,1,1\n2,0,0\n",
       {.image_template = "{year}/{id}.png"},
       {"a"},
       {1, 0},
       "labels: 1 column of 0 and 1, 'a'"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const table = read(c.text, c.options);
    CHECK(table.label_names == c.labels);
    CHECK(table.targets == c.targets);
    CHECK(table.description == c.description);
    CHECK(table.ids[0] == "1");
    CHECK(table.rows() == c.targets.size() / c.labels.size());
  }
}

TEST_CASE("ids and images", "[table]") {
  struct {
    std::string text;
    data::table_options options;
    std::string id, image;
  } const cases[] = {
      {"a,Id\n1, tt7 \n", {}, "tt7", "tt7.jpg"},
      {"a,imdbId,file\n1,7,x.png\n", {}, "7", "7.jpg"},
      {"a,filename,ID\n1,x.png,7\n", {}, "7", "7.jpg"},
      {"a,filename\n1,sub/x.PNG\n", {}, "sub/x.PNG", "sub/x.PNG"},
      {"name,a\nx.jpeg,1\n", {}, "x.jpeg", "x.jpeg"},
      {"name,a\nx.1,1\n", {}, "x.1", "x.1.jpg"},
      {"id,a,key\n1,1,k\n", {.id_column = "key"}, "k", "k.jpg"},
      {"id,a,y\n7,1,1999\n", {.image_template = "{y}/{id}_{y}.png"}, "7", "1999/7_1999.png"},
      {"id,a\n7,1\n", {.image_template = "..{id}..x"}, "7", "..7..x"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    data::table_options options = c.options;
    options.label_columns = {"a"};
    auto const table = read(c.text, options);
    CHECK(table.ids == names{c.id});
    CHECK(table.images == names{c.image});
  }
}

TEST_CASE("incomplete rows are dropped and counted", "[table]") {
  auto const table =
      read("id,a,b,y\n1,1,0,5\n,1,1,5\n3,,1,5\n4,1, ,5\n5,0,0,\n6,0,0,5\n", {.image_template = "{y}/{id}.jpg"});
  CHECK(table.ids == names{"1", "6"});
  CHECK(table.rows_read == 6);
  CHECK(table.incomplete_rows == 4);
  CHECK(table.unlabelled_rows == 1);
  CHECK(table.unlabelled_dropped == 0);
  auto const lists = read("id,g\n1,['a']\n2,\n3,[]\n");
  CHECK(lists.ids == names{"1", "3"});
  CHECK(lists.incomplete_rows == 1);
  CHECK(lists.unlabelled_rows == 1);
}

TEST_CASE("rare labels and rows without labels are dropped on demand", "[table]") {
  std::string const text = "id,g\n1,a|b\n2,a|c\n3,b\n4,d\n5,a|b\n";
  auto const table = read(text, {.min_label_count = 2});
  CHECK(table.label_names == names{"a", "b"});
  CHECK(table.targets == bytes{1, 1, 1, 0, 0, 1, 0, 0, 1, 1});
  using counted = std::vector<std::pair<std::string, std::size_t>>;
  CHECK(table.dropped_labels == counted{{"c", 1}, {"d", 1}});
  CHECK(table.unlabelled_rows == 1);
  CHECK(table.rows() == 5);
  auto const labelled = read(text, {.min_label_count = 2, .drop_unlabelled = true});
  CHECK(labelled.ids == names{"1", "2", "3", "5"});
  CHECK(labelled.targets == bytes{1, 1, 1, 0, 0, 1, 1, 1});
  CHECK(labelled.unlabelled_rows == 1);
  CHECK(labelled.unlabelled_dropped == 1);
  CHECK(labelled.rows_read == 5);
  // A column without any 1 is a label as long as nobody asks for more.
  CHECK(read("id,a,b\n1,1,0\n2,0,0\n").label_names == names{"a", "b"});
  CHECK(read("id,a,b\n1,1,0\n2,0,0\n", {.min_label_count = 1}).label_names == names{"a"});
}

TEST_CASE("labels are left out by name", "[table]") {
  std::string const text = "id,g\n1,a|b\n2,a|c\n3,b\n4,d\n";
  using counted = std::vector<std::pair<std::string, std::size_t>>;
  auto const table = read(text, {.drop_labels = {"d", "a"}});
  CHECK(table.label_names == names{"b", "c"});
  CHECK(table.targets == bytes{1, 0, 0, 1, 1, 0, 0, 0});
  CHECK(table.dropped_labels == counted{{"a", 2}, {"d", 1}});
  CHECK(table.unlabelled_rows == 1);
  auto const frequent = read(text, {.min_label_count = 2, .drop_labels = {"a"}, .drop_unlabelled = true});
  CHECK(frequent.label_names == names{"b"});
  CHECK(frequent.dropped_labels == counted{{"a", 2}, {"c", 1}, {"d", 1}});
  CHECK(frequent.ids == names{"1", "3"});
  CHECK(read("id,a,b\n1,1,0\n2,0,1\n", {.drop_labels = {"a"}}).targets == bytes{0, 1});

  CHECK(refused<softf1::value_error>(text, {.drop_labels = {"a", "A"}}) ==
        "read_label_table: the label 'A' of drop_labels is not in the table, it has 'a', 'b', 'c', 'd'");
  CHECK(refused(text, {.drop_labels = {"a", "b", "c", "d"}}) == "no label is left: drop_labels names all");
  CHECK(refused(text, {.min_label_count = 2, .drop_labels = {"a", "b"}}) ==
        "no label is in 2 rows or more, the most frequent is in 1");
}

TEST_CASE("a repeated id is an error unless the first is to be kept", "[table]") {
  std::string const text = "id,a\n7,1\n8,0\n 7 ,0\n";
  CHECK(refused(text) == "line 4: the id '7' stands in line 2 already: drop_repeated keeps the first");
  auto const table = read(text, {.drop_repeated = true});
  CHECK(table.ids == names{"7", "8"});
  CHECK(table.targets == bytes{1, 0});
  CHECK(table.repeated_rows == 1);
}

TEST_CASE("what does not fit is an error with its place", "[table]") {
  struct {
    std::string text;
    data::table_options options;
    std::string sentence;
  } const cases[] = {
      {"id,a\n1,1\n", {.id_column = "key"}, "expected a column 'key', got 'id', 'a'"},
      {"id,a\n1,1\n", {.label_column = "g"}, "expected a column 'g', got 'id', 'a'"},
      {"id,a\n1,1\n", {.label_columns = {"a", "b"}}, "expected a column 'b', got 'id', 'a'"},
      {"id,a,a\n1,1,0\n", {}, "two columns are named 'a'"},
      {"id,g\n1,x\n",
       {},
       "found no labels: no column holds only 0 and 1, lists such as ['a', 'b'], or labels joined by '|'; state "
       "label_column or label_columns; the columns are 'id', 'g'"},
      {"id,g,h\n1,['a'],['b']\n", {}, "the labels may stand in any of the columns 'g', 'h': state label_column"},
      {"id,g,h\n1,a|b,c|d\n", {}, "the labels may stand in any of the columns 'g', 'h': state label_column"},
      {"id,a\n1,1\n2,\n3,2\n", {.label_columns = {"a"}}, "line 4: column 'a': expected 0 or 1, got '2'"},
      {"id,g\n1,['a']\n\n2,[b' ]\n",
       {.label_column = "g"},
       "line 4: column 'g': expected a list such as ['Action', 'Drama'], got '[b' ]'"},
      {"id,g\n1,[]\n", {}, "column 'g' holds no label in any row"},
      {"id,g\n1,\n,a\n", {.label_column = "g"}, "no row is left: of 2 rows read, 2 are incomplete"},
      {"id,g\n", {.label_column = "g"}, "no row is left: of 0 rows read, 0 are incomplete"},
      {"id,a\n1,1\n2,1\n", {.min_label_count = 3}, "no label is in 3 rows or more, the most frequent is in 2"},
      {"id,a\n1,0\n", {.drop_unlabelled = true}, "no row is left: none has a label"},
      {"id,a\n1,1\n../x,1\n", {}, "line 3: the image '../x.jpg' is not a file below the folder of images"},
      {"id,a\n/x,1\n", {}, "line 2: the image '/x.jpg' is not a file below the folder of images"},
      {"id,a\nx,1\n",
       {.image_template = "a/{id}/../b"},
       "line 2: the image 'a/x/../b' is not a file below the folder of images"},
      {"id,a\n..,1\n", {.image_template = "{id}"}, "line 2: the image '..' is not a file below the folder of images"},
      {std::string("id,a\nx\0y,1\n", 11), {}, "line 2: the image 'x?y.jpg' is not a file below the folder of images"},
      {"id,a\n1,1,1\n", {}, "line 2: expected 2 fields as in line 1, got 3"},
      {"id,caf\xE9\n1,1\n", {.encoding = "utf-8"}, "line 1: expected UTF-8, got byte 233: is the encoding iso-8859-1?"},
      {"", {}, "expected a header row, got an empty file"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    CHECK(refused(c.text, c.options) == c.sentence);
  }
}

TEST_CASE("options are checked", "[table]") {
  struct {
    data::table_options options;
    std::string sentence;
  } const cases[] = {
      {{.label_column = "a", .label_columns = {"a"}},
       "read_label_table: state label_column or label_columns, not both"},
      {{.label_columns = {"a", "a"}}, "read_label_table: the label column 'a' is given twice"},
      {{.encoding = "ascii"}, "the encoding must be utf-8 or iso-8859-1, got 'ascii'"},
      {{.separator = "::"}, "the separator of columns must be one character or 'tab', got '::'"},
      {{.separator = "\""}, "the separator of columns must be one character or 'tab', got '\"'"},
      {{.image_template = "{id"}, "read_label_table: the image template '{id' has a brace without its partner"},
      {{.image_template = "id}"}, "read_label_table: the image template 'id}' has a brace without its partner"},
      {{.image_template = "{{id}}"}, "read_label_table: the image template '{{id}}' has a brace without its partner"},
      {{.image_template = "{key}.jpg"},
       "read_label_table: the image template '{key}.jpg' names a column 'key', the columns are 'id', 'a'"},
  };
  for (auto const& c : cases)
    CHECK(error_of<softf1::value_error>([&] { read("id,a\n1,1\n", c.options); }) == c.sentence);
  CHECK(read("id:a,b\n1:1\n", {.separator = ":"}).label_names == names{"a,b"});
  CHECK(read("id\ta\n1\t1\n", {.separator = "tab"}).label_names == names{"a"});
}

TEST_CASE("the shape of the first tutorial: ISO-8859-1, joined genres, a title with a comma", "[table]") {
  std::string const text =
      "imdbId,Imdb Link,Title,IMDB Score,Genre,Poster\r\n"
      "114709,http://www.imdb.com/title/tt114709,Toy Story (1995),8.3,Animation|Adventure|Comedy,https://x/1.jpg\r\n"
      "113497,http://www.imdb.com/title/tt113497,\"Am\xE9lie, la (2001)\",6.9,Com\xE9"
      "die|Romance,https://x/2.jpg\r\n"
      "113228,http://www.imdb.com/title/tt113228,Grumpier (1995),,,https://x/3.jpg\r\n"
      "114885,http://www.imdb.com/title/tt114885,Waiting (1995),5.7,Comedy,https://x/4.jpg\r\n";
  for (std::string const encoding : {"", "iso-8859-1"}) {
    auto const table = read(text, {.encoding = encoding});
    CHECK(table.ids == names{"114709", "113497", "114885"});
    CHECK(table.images == names{"114709.jpg", "113497.jpg", "114885.jpg"});
    CHECK(table.label_names == names{"Adventure", "Animation", "Comedy",
                                     "Com\xC3\xA9"
                                     "die",
                                     "Romance"});
    CHECK(table.targets == bytes{1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0});
    CHECK(table.incomplete_rows == 1);
    CHECK(table.description == "labels: 5 in column 'Genre', joined by '|', 'Adventure' to 'Romance'");
  }
}

TEST_CASE("columns of 0 and 1 and lists of the posters say the same", "[table][data]") {
  auto const folder = softf1_test::data("posters/posters.csv");
  if (!folder) SOFTF1_SKIP("no data file posters/posters.csv");
  auto const table = data::read_label_table(folder->string());
  auto const lists = data::read_label_table(folder->string(), {.label_column = "Genre"});
  CHECK(table.description == "labels: 25 columns of 0 and 1, 'Action' to 'Western'");
  CHECK(lists.description == "labels: 25 in the lists of column 'Genre', 'Action' to 'Western'");
  CHECK(table.rows() == 5788);
  CHECK(table.incomplete_rows == 0);
  CHECK(table.label_names == lists.label_names);
  CHECK(table.targets == lists.targets);
  CHECK(table.ids == lists.ids);
  CHECK(table.images[0] == "tt0086425.jpg");
  auto const frequent = data::read_label_table(folder->string(), {.min_label_count = 120});
  CHECK(frequent.labels() == 18);
  CHECK(frequent.dropped_labels.size() == 7);
  names ignored;
  CHECK(data::with_labels(table, frequent.label_names, &ignored).targets == frequent.targets);
  CHECK(ignored.size() == 7);
}

}  // namespace data_table_test
