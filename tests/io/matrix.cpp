#include <softf1/io/matrix.hpp>

#include <string>
#include <vector>

#include <unistd.h>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_matrix_test {

using namespace softf1_io_test;
namespace io = softf1::io;

TEST_CASE("a matrix is read whatever its format", "[io][matrix]") {
  softf1_test::temp_directory const folder;
  std::vector<float> const values{1, 2, 3, 4};
  softf1::write_npy(folder / "a.npy", softf1::as_matrix(values, 2, 2));
  put(folder / "npy.csv", get(folder / "a.npy"));
  put(folder / "a.csv", "x,y\n1,2\n3,4\n");
  put(folder / "a.CSV", "x;y\n1;2\n3;4\n");
  put(folder / "a.tsv", "x\ty\n1\t2\n3\t4\n");
  put(folder / "a.txt", "1 2\n3 4\n");
  put(folder / "plain", "1 2\n3 4\n");
  for (char const* name : {"a.npy", "npy.csv", "a.csv", "a.CSV", "a.tsv", "a.txt", "plain"}) {
    auto const m = io::read_matrix(folder / name);
    CAPTURE(name);
    CHECK(m.values.shape() == std::vector<std::size_t>{2, 2});
    CHECK(m.values.as<float>() == values);
    CHECK(m.values.type() == (contains(name, "npy") ? io::dtype::f32 : io::dtype::f64));
    bool const has_names = name[0] == 'a' && std::string(name) != "a.npy" && std::string(name) != "a.txt";
    CHECK(m.columns == (has_names ? std::vector<std::string>{"x", "y"} : std::vector<std::string>{}));
  }
}

TEST_CASE("a vector is a column, more than two dimensions are refused", "[io][matrix]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "a.npy";
  softf1::write_npy(path, std::vector<float>{1, 2, 3});
  CHECK(io::read_matrix(path).values.shape() == std::vector<std::size_t>{3, 1});
  softf1::write_npy(path, io::make_array(std::vector<float>{1}, {}));
  CHECK(io::read_matrix(path).values.shape() == std::vector<std::size_t>{1, 1});
  softf1::write_npy(path, io::make_array(std::vector<float>(8), {2, 2, 2}));
  CHECK(error_of([&] { io::read_matrix(path); }) ==
        "read_matrix: " + path.string() + ": expected a matrix, got an array of shape (2, 2, 2)");
}

TEST_CASE("what no format accepts is an error that names the file", "[io][matrix]") {
  softf1_test::temp_directory const folder;
  struct {
    std::string name, bytes, sentence;
  } const cases[] = {
      {"a.npz", "PK\3\4...", "got a zip archive (.npz): save one array as .npy"},
      {"b.npy", "1 2", "expected a .npy file"},
      {"c.csv", "a,b\n1\n", "line 2: expected 2 fields"},
      {"d", "", "expected rows of numbers, got none"},
  };
  for (auto const& c : cases) {
    auto const path = folder / c.name;
    put(path, c.bytes);
    auto const text = error_of([&] { io::read_matrix(path); });
    CHECK(part_of(text, c.sentence) == c.sentence);
    CHECK(part_of(text, path) == path.string());
  }
  CHECK(part_of(error_of([&] { io::read_matrix(folder / "missing"); }), "no such file") == "no such file");
  CHECK(part_of(error_of([&] { io::read_matrix(folder.path()); }), "is a directory") == "is a directory");
}

TEST_CASE("a pipe is read once, as text", "[io][matrix]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "1 2\n", 4) == 4);
  ::close(ends[1]);
  CHECK(io::read_matrix("/dev/fd/" + std::to_string(ends[0])).values.as<int>() == std::vector<int>{1, 2});
  ::close(ends[0]);
}

}  // namespace io_matrix_test
