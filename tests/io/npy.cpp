#include <softf1/io/npy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

namespace io_npy_test {

using namespace softf1_io_test;
namespace io = softf1::io;

/// A .npy file with any header, whether or not it fits the data.
std::string npy(std::string const& dictionary, std::string const& data = "", int version = 1) {
  return "\x93NUMPY"s + static_cast<char>(version) + '\0' + little_endian(dictionary.size(), version == 1 ? 2 : 4) +
         dictionary + data;
}

std::string header(std::string const& descr, std::string const& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}

/// The value that stands in the k-th element in row-major order: another one in each, and within every type.
template <class T>
T value(std::size_t k, std::string_view code) {
  if (code == "b1") return static_cast<T>(static_cast<float>(k % 2));
  return static_cast<T>(static_cast<float>(k * 3 + 1));
}

template <class T>
void round_trip(std::string const& code) {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  for (char mark : sizeof(T) == 1 ? "|"s : "<>="s)
    for (int version : {1, 2, 3})
      for (bool fortran : {false, true}) {
        std::string data;
        std::vector<T> expected(12);
        for (std::size_t at = 0; at < 12; ++at) {
          std::size_t const k = fortran ? at % 3 * 4 + at / 3 : at;
          expected[k] = value<T>(k, code);
          std::string bytes(sizeof(T), '\0');
          std::memcpy(bytes.data(), &expected[k], sizeof(T));
          if (mark == '>') std::reverse(bytes.begin(), bytes.end());
          data += bytes;
        }
        auto const file = npy(header(mark + code, "(3, 4)", fortran), data, version);
        CAPTURE(mark, code, version, fortran);
        put(path, file);
        for (io::array const& a : {io::read_npy(path), io::map_npy(path)}) {
          CHECK(a.shape() == std::vector<std::size_t>{3, 4});
          bool const same = a.as<double>() == io::make_array(expected, {12}).template as<double>();
          CHECK(same);
          CHECK(a.holds<T>());
          CHECK((a.order() == io::storage_order::column_major) == fortran);
          io::write_npy(path, a);
          // The header now ends at a multiple of 64: the data are read where they lie.
          auto const again = io::read_npy(path);
          bool const kept = again.order() == a.order() && again.type() == a.type() &&
                            std::equal(again.bytes().begin(), again.bytes().end(), a.bytes().begin(), a.bytes().end());
          CHECK(kept);
          CHECK(get(path).substr(8, 2) == little_endian(118, 2));
          put(path, file);
        }
      }
}

TEST_CASE("every dtype, byte order, version and storage order is read and written", "[io][npy]") {
  round_trip<std::uint8_t>("b1");
  round_trip<std::uint8_t>("u1");
  round_trip<std::int8_t>("i1");
  round_trip<std::uint16_t>("u2");
  round_trip<std::int16_t>("i2");
  round_trip<std::uint32_t>("u4");
  round_trip<std::int32_t>("i4");
  round_trip<std::uint64_t>("u8");
  round_trip<std::int64_t>("i8");
  round_trip<softf1::half>("f2");
  round_trip<float>("f4");
  round_trip<double>("f8");
}

TEST_CASE("the files of numpy.save, byte for byte", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  auto const padded = [](std::string dictionary) {
    dictionary.resize(117, ' ');
    return dictionary + '\n';
  };
  std::vector<float> const values{1, 2, 3, 4, 5, 6};
  std::string const bytes(reinterpret_cast<char const*>(values.data()), 24);
  softf1::write_npy(path, softf1::as_matrix(values, 2, 3));
  CHECK(get(path) == npy(padded("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"), bytes));
  softf1::write_npy(path, softf1::matrix_view<float const>(values.data(), 3, 2, 1, 3));
  CHECK(get(path) == npy(padded("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }"), bytes));
  softf1::write_npy(path, std::vector<std::uint8_t>{7, 8});
  CHECK(get(path) == npy(padded("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }"), "\7\10"));
  bool const flags[] = {true, false};
  softf1::write_npy(path, softf1::matrix_view<bool const>(flags, 1, 2));
  CHECK(get(path) == npy(padded("{'descr': '|b1', 'fortran_order': False, 'shape': (1, 2), }"), "\1\0"s));
}

TEST_CASE("views of any strides are written as they read", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::vector<double> const values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  softf1::write_npy(path, softf1::matrix_view<double const>(values.data() + 11, 2, 2, -4, -3));
  CHECK(softf1::read_npy(path).as<double>() == std::vector<double>{11, 8, 7, 4});
  softf1::write_npy(path, softf1::matrix_view<double const>(values.data(), 0, 4));
  CHECK(softf1::read_npy(path).shape() == std::vector<std::size_t>{0, 4});
}

TEST_CASE("arrays of any number of dimensions are read", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  for (std::string const& shape : {"()"s, "(1,)"s, "(1, 1)"s, "(1,1,1,)"s, "( 1 , 1L , 1, 1 )"s}) {
    put(path, npy(header("<i2", shape), "\7\0"s));
    auto const a = io::read_npy(path);
    CHECK(a.as<int>() == std::vector<int>{7});
    CHECK(a.rank() == static_cast<std::size_t>(std::count(shape.begin(), shape.end(), '1')));
  }
  put(path, npy(header("<i2", "(0, 18446744073709551615, 3)")));
  CHECK(io::read_npy(path).as<int>().empty());
}

TEST_CASE("headers are read as Python reads them", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  for (std::string const& dictionary : {
           "{'shape':(2,),'fortran_order':False,'descr':'<i2'}"s,
           "  {\n'shape'\t: (2,), \"descr\": \"<i2\",\r\n 'fortran_order' : True , }  \n  "s,
       }) {
    put(path, npy(dictionary, "\1\0\2\0"s));
    CHECK(io::read_npy(path).as<int>() == std::vector<int>{1, 2});
    CHECK(io::read_npy(path).order() == io::storage_order::row_major);
  }
}

TEST_CASE("what is not a valid .npy is refused in one sentence", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  auto const dictionary = [](std::string const& text) { return npy(text, "\1\2"); };
  struct {
    std::string bytes, sentence;
  } const cases[] = {
      {"", "expected a .npy file, which begins with the bytes \\x93NUMPY"},
      {"1,2\n", "expected a .npy file"},
      {"\x93NUMPY\1", "the file ends at byte 7, inside its version"},
      {"\x93NUMPY\4\0"s, "expected format version 1.0, 2.0 or 3.0, got 4.0"},
      {"\x93NUMPY\1\1"s, "expected format version 1.0, 2.0 or 3.0, got 1.1"},
      {"\x93NUMPY\1\0\1"s, "the file ends at byte 9, inside the length of its header"},
      {"\x93NUMPY\2\0\1\1\1"s, "the file ends at byte 11, inside the length of its header"},
      {"\x93NUMPY\1\0\377\377{}"s, "the header at byte 10 says that it has 65535 bytes, the file has 2 there"},
      {"\x93NUMPY\1\0\3\0{}"s, "the header at byte 10 says that it has 3 bytes, the file has 2 there"},
      {"\x93NUMPY\3\0\377\377\377\377{}"s, "says that it has 4294967295 bytes, the file has 2 there"},
      {dictionary(""), "expected '{' at byte 10, got the end of the header"},
      {dictionary("[]"), "expected '{' at byte 10, got '['"},
      {dictionary("{}"), "the header has no key 'descr'"},
      {dictionary("{'descr': '|u1'}"), "the header has no key 'fortran_order'"},
      {dictionary("{'descr': '|u1', 'fortran_order': True}"), "the header has no key 'shape'"},
      {dictionary("{'descr': '|u1', 'descr': '|u1'}"), "key 'descr' stands twice in the header"},
      {dictionary("{'colour': 1}"),
       "expected the keys 'descr', 'fortran_order' and 'shape' in the header, got 'colour'"},
      {dictionary("{'descr' '|u1'}"), "expected ':' at byte 19, got '''"},
      {dictionary("{descr: '|u1'}"), "expected a quoted string at byte 11, got 'd'"},
      {dictionary("{'descr: |u1}"), "the string that begins at byte 11 of the header is not closed"},
      {dictionary("{'descr': '|u1' 'shape': (2,)}"), "expected '}' at byte 26, got '''"},
      {dictionary("{'fortran_order': 0}"), "expected True or False at byte 28, got '0'"},
      {dictionary("{'shape': 2}"), "expected '(' at byte 20, got '2'"},
      {dictionary("{'shape': (2)}"), "a shape of one dimension is written (n,)"},
      {dictionary("{'shape': (-2,)}"), "expected an extent of the shape that fits 64 bits at byte 21, got '-'"},
      {dictionary("{'shape': (,)}"), "expected an extent"},
      {dictionary("{'shape': (2.0,)}"), "at byte 22, got '.'"},
      {dictionary("{'shape': (18446744073709551616,)}"), "expected an extent of the shape that fits 64 bits"},
      {dictionary("{'shape': (1, 2"), "got the end of the header"},
      {dictionary(header("|u1", "(2,)") + "x"), "expected the end of the header at byte"},
      {dictionary(header("<U5", "(2,)")), "dtype '<U5' (unicode text) is not supported"},
      {dictionary(header("|S5", "(2,)")), "dtype '|S5' (byte strings) is not supported"},
      {dictionary(header("|O", "(2,)")), "dtype '|O' (Python objects) is not supported"},
      {dictionary(header("<c8", "(2,)")), "dtype '<c8' (complex numbers) is not supported"},
      {dictionary(header("<M8[ns]", "(2,)")), "dtype '<M8[ns]' (dates or times) is not supported"},
      {dictionary(header("|V2", "(1,)")), "dtype '|V2' (raw bytes) is not supported"},
      {dictionary(header("<f16", "(2,)")), "dtype '<f16' is not supported: expected booleans, integers or floats"},
      {dictionary(header("", "(2,)")), "dtype '' is not supported"},
      {dictionary(header("<", "(2,)")), "dtype '<' is not supported"},
      {dictionary(header("|i2", "(1,)")), "dtype '|i2' is not supported"},
      {dictionary(header("i2", "(1,)")), "dtype 'i2' is not supported"},
      {dictionary("{'descr': [('a', '<f4')]}"), "structured dtypes are not supported"},
      {dictionary(header("|u1", "(3,)")), "shape (3,) of u8 needs 3 bytes from byte 68 on, got 2"},
      {dictionary(header("|u1", "(1,)")), "shape (1,) of u8 needs 1 bytes from byte 68 on, got 2"},
      {dictionary(header("|u1", "(0, 5)")), "needs 0 bytes"},
      {dictionary(header("<f4", "(4294967296, 4294967296)")),
       "shape (4294967296, 4294967296) is larger than any memory"},
      {dictionary(header("<f8", "(2305843009213693952,)")), "is larger than any memory"},
      {dictionary(header("|b1", "(2,)")), "a boolean must be 0 or 1, got 2 at byte 69"},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    CHECK(part_of(error_of([&] { io::read_npy(path); }), c.sentence) == c.sentence);
    CHECK(part_of(error_of([&] { io::map_npy(path); }), c.sentence) == c.sentence);
    CHECK(error_of([&] { io::read_npy(path); }).starts_with("read_npy: " + path.string() + ": "));
  }
}

TEST_CASE("a .npy cut anywhere is refused", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  softf1::write_npy(path, std::vector<float>(20));
  std::string const whole = get(path);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(path, whole.substr(0, size));
    refused += error_of([&] { io::read_npy(path); }).starts_with("read_npy: " + path.string());
  }
  CHECK(refused == whole.size());
}

TEST_CASE("a header with any byte changed is read or refused", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::string const whole = npy(header(">f4", "(2, 3)", true), std::string(24, '\1'));
  bool good = true;
  for (std::size_t at = 0; at < whole.size() - 24; ++at)
    for (int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      put(path, damaged);
      good = good && ends_well([&] { io::read_npy(path).as<double>(); });
    }
  CHECK(good);
}

TEST_CASE("a .npy that cannot be written leaves nothing behind", "[io][npy]") {
  softf1_test::temp_directory const folder;
  std::string const path = folder / "missing/x.npy";
  CHECK(error_of([&] { softf1::write_npy(path, std::vector<float>(3)); }) ==
        "write_npy: cannot write " + path + ": no such file or directory");
  std::string const other = folder / "x.npy";
  CHECK(error_of<softf1::value_error>([&] { softf1::write_npy(other, std::vector<softf1::bfloat16>(3)); }) ==
        "write_npy: " + other + ": .npy has no bf16: write f32 or f16");
  CHECK(count_files(folder.path()) == 0);
}

TEST_CASE("files that numpy wrote are read", "[io][npy][data]") {
  auto const folder = softf1_test::data("golden_metrics");
  if (!folder) SOFTF1_SKIP("no data folder golden_metrics");
  auto const targets = softf1::read_npy(*folder / "emotions_y_true_u8.npy");
  CHECK(targets.shape() == std::vector<std::size_t>{202, 6});
  CHECK(targets.order() == io::storage_order::column_major);
  auto const values = targets.as<std::uint8_t>();
  CHECK(std::set<int>(values.begin(), values.end()) == std::set<int>{0, 1});
  auto const scores = softf1::map_npy(*folder / "emotions_y_prob_f32.npy");
  CHECK(scores.order() == io::storage_order::row_major);
  auto const view = scores.view<float>();
  CHECK(view.rows() == 202);
  CHECK((view(201, 5) >= 0 && view(201, 5) <= 1));
}

}  // namespace io_npy_test
