#include <softf1/io/text.hpp>

#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_text_test {

using namespace softf1_io_test;
namespace io = softf1::io;

TEST_CASE("numbers separated by blanks", "[io][text]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.txt";
  for (std::string const& text :
       {"1 2\n3 4\n"s, "# made by savetxt\n\n 1\t2 # a\r\n  \n3   4e0"s,
        "\xEF\xBB\xBF"
        "1 2\n+3 4\n\n"s,
        "1.000000000000000000e+00 2.000000000000000000e+00\n3.000000000000000000e+00 4.000000000000000000e+00\n"s}) {
    put(path, text);
    auto const a = io::read_text_matrix(path);
    CHECK(a.shape() == std::vector<std::size_t>{2, 2});
    CHECK(a.as<double>() == std::vector<double>{1, 2, 3, 4});
  }
}

TEST_CASE("text that is no matrix is an error with its line", "[io][text]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.txt";
  struct {
    std::string text, sentence;
  } const cases[] = {
      {"", "expected rows of numbers, got none"},
      {"# nothing\n\n", "expected rows of numbers, got none"},
      {"#\n1 2\n\n3\n", "line 4: expected 2 numbers as in line 2, got 1"},
      {"1 2\n3 4 5 # 6\n", "line 2: expected 2 numbers as in line 1, got 3"},
      {"1 2\n3 x\n", "line 2, column 2: expected a number, got 'x'"},
      {"1,2\n", "line 1, column 1: expected a number, got '1,2' (numbers separated by commas are read from .csv)"},
  };
  for (auto const& c : cases) {
    put(path, c.text);
    CHECK(error_of([&] { io::read_text_matrix(path); }) == "read_text_matrix: " + path.string() + ": " + c.sentence);
  }
}

TEST_CASE("names, one a line", "[io][text]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "labels.txt";
  using names = std::vector<std::string>;
  put(path,
      "\xEF\xBB\xBF"
      "cat\r\n  dining table \r\n\nperson\n\n \r\n");
  CHECK(io::read_lines(path) == names{"cat", "dining table", "", "person"});
  put(path, "a\nb");
  CHECK(io::read_lines(path) == names{"a", "b"});
  put(path, "");
  CHECK(io::read_lines(path).empty());
  io::write_lines(path, {"x y", "", "z"});
  CHECK(get(path) == "x y\n\nz\n");
  CHECK(io::read_lines(path) == names{"x y", "", "z"});
  CHECK(error_of<softf1::value_error>([&] { io::write_lines(path, {"a", "b\nc"}); }) ==
        "write_lines: " + path.string() + ": line 2 ('b?c') must not hold the end of a line");
  CHECK(get(path) == "x y\n\nz\n");
}

}  // namespace io_text_test
