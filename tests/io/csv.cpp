#include <softf1/io/csv.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <softf1/io/csv_writer.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_csv_test {

using namespace softf1_io_test;
namespace io = softf1::io;
using io::csv_has;

using row = std::vector<std::string>;
using rows = std::vector<row>;

/// The fields in one line, for comparison: "a|b" per row, rows joined by "/".
std::string joined(rows const& table) {
  std::string text;
  for (auto const& r : table) {
    if (!text.empty()) text += " / ";
    for (std::size_t k = 0; k < r.size(); ++k) text += (k ? "|" : "") + r[k];
  }
  return text;
}

TEST_CASE("the grammar of RFC 4180", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  struct {
    std::string text, fields;
  } const cases[] = {
      {"", ""},
      {"a,b\n1,2\n", "a|b / 1|2"},
      {"a,b\r\n1,2", "a|b / 1|2"},
      {"a,b\r1,2\r", "a|b / 1|2"},
      {"\xEF\xBB\xBF"
       "a,b\n1,2\n",
       "a|b / 1|2"},
      {"\xEF\xBB\xBF\"a\",b\n", "a|b"},
      {"a,b\n\n\r\n1,2\n\n", "a|b / 1|2"},
      {"\"a,\"\"b\"\"\",c\n", "a,\"b\"|c"},
      {"\"a\nb\",\"c\r\nd\"\n", "a\nb|c\r\nd"},
      {"\"\",\n\"\"\"\",\"\"", "| / \"|"},
      {",\n,", "| / |"},
      {"\"\"\n", ""},
      {" a , b ", " a | b "},
      {"a;b\n1,5;2\n", "a|b / 1,5|2"},
      {"a\tb,c\td\n", "a|b,c|d"},
      {"\"a;b;c\",d\n", "a;b;c|d"},
      {"a,b;c\n", "a|b;c"},
      {"a b\n", "a b"},
      {"caf\xC3\xA9,\xE2\x82\xAC\n", "caf\xC3\xA9|\xE2\x82\xAC"},
  };
  for (auto const& c : cases) {
    put(path, c.text);
    CAPTURE(c.text);
    CHECK(joined(io::read_csv(path, {.header = csv_has::no}).rows) == c.fields);
  }
  put(path, "\"\"\n");
  CHECK(io::read_csv(path, {.header = csv_has::no}).rows == rows{{""}});
  put(path, "5\" disk,a\n");
  CHECK(joined(io::read_csv(path, {.quote = '\0', .header = csv_has::no}).rows) == "5\" disk|a");
  put(path, "a;b,c\n");
  CHECK(joined(io::read_csv(path, {.delimiter = ';', .header = csv_has::no}).rows) == "a|b,c");
}

TEST_CASE("what is not CSV is an error with its line", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  struct {
    std::string text, sentence;
  } const cases[] = {
      {"a,b\n1,\"2\n3,4\n\n", "line 2: the quote that is opened here is never closed"},
      {"a,b\n\"1\n\n\",\"2\"\"", "line 4: the quote that is opened here is never closed"},
      {"a,b\n\n\"1\"x,2\n", "line 3: text stands behind a closing quote"},
      {"\"a\" ,b\n", "line 1: text stands behind a closing quote"},
      {"a,b\n1,x\"2\"\n", "line 2: a quote stands inside a field that does not begin with one"},
      {"\n\na,b\n\"1\n\",2\n3\n", "line 6: expected 2 fields as in line 3, got 1"},
      {"a,b\n1,2,3\n", "line 2: expected 2 fields as in line 1, got 3"},
      {"a,b\n1,2,\n", "line 2: expected 2 fields as in line 1, got 3"},
      {"\xFF\xFE"
       "a",
       "expected UTF-8, got UTF-16: save the file as UTF-8"},
      {"", "expected a header row, got an empty file"},
      {"\n\n", "expected a header row, got an empty file"},
  };
  for (auto const& c : cases) {
    put(path, c.text);
    CHECK(error_of([&] { io::read_csv(path, {.header = csv_has::yes}); }) ==
          "read_csv: " + path.string() + ": " + c.sentence);
  }
}

TEST_CASE("a header is stated or detected", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  put(path, "1,2\n3,4\n");
  CHECK(io::read_csv(path, {.header = csv_has::yes}).header == row{"1", "2"});
  CHECK(io::read_csv(path).header.empty());
  put(path, "1,b\n\n3,4\n\"x\ny\",5\n6,7\n");
  auto const table = io::read_csv(path);
  CHECK(table.header == row{"1", "b"});
  CHECK(table.lines == std::vector<std::size_t>{3, 4, 6});
  put(path, "");
  CHECK(io::read_csv(path).rows.empty());
}

TEST_CASE("a column is found by its name", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  put(path, "a,b,b\n1,2,3\n");
  auto table = io::read_csv(path);
  CHECK(table.column("a") == 0);
  CHECK(error_of([&] { table.column("b"); }) == "csv_table: " + path.string() + ": two columns are named 'b'");
  CHECK(error_of([&] { table.column("c"); }) ==
        "csv_table: " + path.string() + ": expected a column 'c', got 'a', 'b', 'b'");
  table.header.clear();
  CHECK(part_of(error_of([&] { table.column("c"); }), "got no header") == "got no header");
}

TEST_CASE("matrices and their names", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  struct {
    std::string text;
    io::csv_options options;
    row columns, names;
    std::vector<double> values;
  } const cases[] = {
      {"1,2\n3,4\n", {}, {}, {}, {1, 2, 3, 4}},
      {"a,b\n1,2\n3,4\n", {}, {"a", "b"}, {}, {1, 2, 3, 4}},
      {"1,b\n3,4\n", {}, {"1", "b"}, {}, {3, 4}},
      {"1,2\n3,4\n", {.header = csv_has::yes}, {"1", "2"}, {}, {3, 4}},
      {",a,b\n0,1,2\n1,3,4\n", {}, {"a", "b"}, {"0", "1"}, {1, 2, 3, 4}},
      {"image,a,b\nx.jpg,1,2\ny.jpg,3,4\n", {}, {"a", "b"}, {"x.jpg", "y.jpg"}, {1, 2, 3, 4}},
      {"id,a\n7,1\n8,2\n", {}, {"id", "a"}, {}, {7, 1, 8, 2}},
      {"id,a\n7,1\n8,2\n", {.row_names = csv_has::yes}, {"a"}, {"7", "8"}, {1, 2}},
      {"7,1\n8,2\n", {.header = csv_has::no, .row_names = csv_has::yes}, {}, {"7", "8"}, {1, 2}},
      {"a,b\n", {}, {"a", "b"}, {}, {}},
      {",b\n", {}, {"b"}, {}, {}},
      {"\"1\",\" 2 \"\n +3 ,-4e0\n", {}, {}, {}, {1, 2, 3, -4}},
      {"1;2\n3;4\n", {}, {}, {}, {1, 2, 3, 4}},
      {"1\n2\n", {}, {}, {}, {1, 2}},
      {"inf,-Infinity\nINF,+inf\n", {}, {}, {}, {HUGE_VAL, -HUGE_VAL, HUGE_VAL, HUGE_VAL}},
      {"1e-400,-1e-320\n", {}, {}, {}, {0, -1e-320}},
  };
  for (auto const& c : cases) {
    put(path, c.text);
    CAPTURE(c.text);
    auto const m = io::read_csv_matrix(path, c.options);
    CHECK(m.columns == c.columns);
    CHECK(m.rows == c.names);
    CHECK(m.values.as<double>() == c.values);
    CHECK(m.values.rank() == 2);
    if (!c.columns.empty()) CHECK(m.values.cols() == c.columns.size());
  }
  put(path, "nan,NaN\n-nan,1\n");
  auto const values = io::read_csv_matrix(path).values.as<double>();
  CHECK((std::isnan(values[0]) && std::isnan(values[1]) && std::isnan(values[2]) && values[3] == 1));
}

TEST_CASE("a field that is not a number is an error with its place", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  struct {
    std::string text;
    io::csv_options options;
    std::string sentence;
  } const cases[] = {
      {"a,bird\n1,2\n3,4x\n", {}, "line 3, column 2 ('bird'): expected a number, got '4x'"},
      {"1,2\n3,\n", {}, "line 2, column 2: expected a number, got ''"},
      {"1,x\n", {.header = csv_has::no}, "line 1, column 2: expected a number, got 'x'"},
      {"a\nx\n", {}, "line 2, column 1 ('a'): expected a number, got 'x'"},
      {"1,2\nx,4\n", {}, "line 2, column 1: expected a number, got 'x'"},
      {"a,b\n1,2\nx,4\n", {}, "line 3, column 1 ('a'): expected a number, got 'x'"},
      {"a,b\nx,2\n3,4\n",
       {},
       "line 3, column 1 ('a'): the first column began with a name, got the number '3': state row_names"},
      {"a,b\nx,2\n3,4\n", {.row_names = csv_has::no}, "line 2, column 1 ('a'): expected a number, got 'x'"},
      {"1\n1e400\n", {}, "line 2, column 1: expected a number, got '1e400'"},
      {"1\n0x10\n", {}, "expected a number, got '0x10'"},
      {"1\n+-1\n", {}, "expected a number, got '+-1'"},
      {"1\n1 2\n", {}, "expected a number, got '1 2'"},
      {"1,2\n3\n", {}, "line 2: expected 2 fields as in line 1, got 1"},
      {"", {}, "expected rows of numbers, got an empty file"},
      {"a\n" + std::string(50, 'y') + "\n", {}, "got '" + std::string(40, 'y') + "...'"},
      {"a\n\"y\1\n\"\n", {}, "got 'y?\?'"},
  };
  for (auto const& c : cases) {
    put(path, c.text);
    CAPTURE(c.text);
    auto const text = error_of([&] { io::read_csv_matrix(path, c.options); });
    CHECK(part_of(text, c.sentence) == c.sentence);
    CHECK(text.starts_with("read_csv_matrix: " + path.string() + ": "));
  }
}

TEST_CASE("what is written reads back", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  rows const fields = {{"plain", "a,b", "a;b"}, {"\"quoted\"", "two\nlines", "\r"}, {"", " ", "\xEF\xBB\xBFmark"}};
  for (char delimiter : {',', ';', '\t'}) {
    io::write_csv(path, {"", {"\xEF\xBB\xBF", "y", "z"}, fields, {}}, delimiter);
    auto const table = io::read_csv(path, {.delimiter = delimiter, .header = csv_has::yes});
    CHECK(table.header == row{"\xEF\xBB\xBF", "y", "z"});
    CHECK(table.rows == fields);
  }
  io::write_csv(path, {"", {"one"}, {{""}, {"x"}, {""}}, {}});
  CHECK(get(path) == "one\n\"\"\nx\n\"\"\n");
  CHECK(io::read_csv(path).rows == rows{{""}, {"x"}, {""}});
}

TEST_CASE("numbers are written in the shortest form that reads back", "[io][csv]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.csv";
  std::vector<float> const values{
      0.1f, -1e30f, 3, std::numeric_limits<float>::infinity(), 1 / 3.0f, std::numeric_limits<float>::denorm_min()};
  io::write_csv_matrix(path, softf1::as_matrix(values, 3, 2), {"a", "b,c"}, {"x", "y", "z"});
  CHECK(get(path) == ",a,\"b,c\"\nx,0.1,-1e+30\ny,3,inf\nz,0.33333334,1e-45\n");
  auto const m = io::read_csv_matrix(path);
  CHECK(m.values.as<float>() == values);
  CHECK(m.columns == row{"a", "b,c"});
  CHECK(m.rows == row{"x", "y", "z"});
  io::write_csv_matrix(path, softf1::matrix_view<float const>(values.data(), 2, 2, 1, 4));
  CHECK(get(path) == "0.1,0.33333334\n-1e+30,1e-45\n");
  std::vector<double> const doubles{0.1, 1 / 3.0, 5e-324, 1.7976931348623157e308};
  io::write_csv_matrix(path, softf1::as_matrix(doubles, 2, 2));
  CHECK(io::read_csv_matrix(path).values.as<double>() == doubles);
  bool const flags[] = {true, false};
  io::write_csv_matrix(path, softf1::as_matrix(flags, 1, 2));
  CHECK(get(path) == "1,0\n");
  std::vector<softf1::half> const halves{softf1::half(0.5f)};
  io::write_csv_matrix(path, softf1::as_matrix(halves, 1, 1));
  CHECK(get(path) == "0.5\n");
}

TEST_CASE("a table that cannot be written leaves nothing behind", "[io][csv]") {
  softf1_test::temp_directory const folder;
  std::string const path = folder / "x.csv";
  std::vector<double> const values(4);
  auto const m = softf1::as_matrix(values, 2, 2);
  CHECK(error_of<softf1::shape_error>([&] { io::write_csv(path, {"", {"a"}, {{"1", "2"}}, {}}); }) ==
        "write_csv: " + path + ": a row must have 1 fields, got 2");
  CHECK(error_of<softf1::shape_error>([&] { io::write_csv_matrix(path, m, {"a"}); }) ==
        "write_csv_matrix: columns must have shape (2,), got (1,)");
  CHECK(error_of<softf1::shape_error>([&] { io::write_csv_matrix(path, m, {"a", "b"}, {"x"}); }) ==
        "write_csv_matrix: rows must have shape (2,), got (1,)");
  CHECK(part_of(error_of<softf1::value_error>([&] { io::write_csv_matrix(path, m, {}, {"x", "y"}); }),
                "row names need column names") == "row names need column names");
  CHECK(error_of([&] { io::write_csv_matrix(path + "/y", m); }) ==
        "write_csv_matrix: cannot write " + path + "/y: no such file or directory");
  { io::csv_writer(path).row({"a"}); }
  CHECK(count_files(folder.path()) == 0);
}

}  // namespace io_csv_test
