#include <softf1/io/safetensors.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"

namespace io_safetensors_test {

using namespace softf1_io_test;
namespace io = softf1::io;

using strings = std::map<std::string, std::string>;

/// A .safetensors file with any header, whether or not it fits the data.
std::string file_of(std::string const& header, std::string const& data = "") {
  return little_endian(header.size(), 8) + header + data;
}

/// A header of one tensor.
std::string tensor(std::string const& type, std::string const& shape, std::string const& offsets) {
  return "{\"t\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
}

template <class T>
io::array counted(std::vector<std::size_t> shape) {
  std::size_t size = 1;
  for (auto n : shape) size *= n;
  std::vector<T> values(size);
  for (std::size_t k = 0; k < size; ++k) values[k] = static_cast<T>(static_cast<float>(k % 2));
  return io::make_array(std::move(values), std::move(shape));
}

TEST_CASE("tensors of every dtype are written and read", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.safetensors";
  auto const bytes = counted<std::uint8_t>({5});
  io::array const booleans(io::dtype::boolean, {5}, io::storage_order::row_major, bytes.bytes(), nullptr);
  std::vector<io::named_array> const tensors = {
      {"bool", booleans},
      {"u8", bytes},
      {"i8", counted<std::int8_t>({3, 1})},
      {"u16", counted<std::uint16_t>({3})},
      {"i16", counted<std::int16_t>({3})},
      {"u32", counted<std::uint32_t>({3})},
      {"i32", counted<std::int32_t>({3})},
      {"u64", counted<std::uint64_t>({2, 3, 4})},
      {"i64", counted<std::int64_t>({3})},
      {"f16", counted<softf1::half>({3})},
      {"bf16", counted<softf1::bfloat16>({3})},
      {"f32", counted<float>({2, 3})},
      {"f64", counted<double>({3})},
      {"scalar", counted<float>({})},
      {"empty", counted<float>({0, 7})},
      {"na\"me \xC3\xA9", counted<float>({1})},
  };
  strings const metadata = {{"format", "x"}, {"note", "line\nbreak"}};
  softf1::write_safetensors(path, tensors, metadata);
  auto const file = softf1::read_safetensors(path);
  CHECK(file.metadata() == metadata);
  CHECK(file.entries().size() == tensors.size());
  for (auto const& t : tensors) {
    CAPTURE(t.name);
    REQUIRE(file.contains(t.name));
    auto const a = file.tensor(t.name);
    CHECK(a.type() == t.values.type());
    CHECK(a.shape() == t.values.shape());
    CHECK(a.as<double>() == t.values.as<double>());
    CHECK(file.entry(t.name).end - file.entry(t.name).begin == t.values.bytes().size());
  }
  CHECK(!file.contains("other"));
  CHECK(error_of([&] { file.tensor("other"); }) ==
        "safetensors_file: " + path.string() + ": expected a tensor 'other', the file has 16 others");
}

TEST_CASE("the same content gives the same bytes", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.safetensors";
  std::vector<float> const values{1, 2};
  io::named_array const a{"a", counted<std::uint8_t>({2})}, b{"b", io::borrow_array(values)};
  std::string const header =
      "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"data_offsets\":[8,10],\"dtype\":\"U8\",\"shape\":[2]},"
      "\"b\":{\"data_offsets\":[0,8],\"dtype\":\"F32\",\"shape\":[2]}}";
  std::string const padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  std::string const data = std::string(reinterpret_cast<char const*>(values.data()), 8) + "\0\1"s;
  for (auto const& tensors : {std::vector{a, b}, std::vector{b, a}}) {
    softf1::write_safetensors(path, tensors, {{"k", "v"}});
    CHECK(get(path) == file_of(padded, data));
  }
  softf1::write_safetensors(path, {});
  CHECK(get(path) == file_of("{}      "));
  CHECK(softf1::read_safetensors(path).entries().empty());
}

TEST_CASE("column-major tensors are written row by row", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.safetensors";
  std::vector<float> const values{1, 2, 3, 4, 5, 6};
  softf1::write_safetensors(path,
                            {{"m", io::borrow_array(softf1::matrix_view<float const>(values.data(), 2, 3, 1, 2))}});
  auto const m = softf1::read_safetensors(path).tensor("m");
  CHECK(m.as<float>() == std::vector<float>{1, 3, 5, 2, 4, 6});
}

TEST_CASE("what is not a valid .safetensors is refused in one sentence", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.safetensors";
  std::string const four = "1234", deep = "{\"t\":" + std::string(100'000, '[');
  struct {
    std::string bytes, sentence;
  } const cases[] = {
      {"", "expected 8 bytes with the length of the header, the file ends at byte 0"},
      {"1234567", "the file ends at byte 7"},
      {little_endian(3, 8) + "{}", "the header says that it has 3 bytes, the file has 2 after byte 8"},
      {little_endian(100'000'001, 8) + "{}", "the header must have at most 100000000 bytes, got 100000001"},
      {std::string(8, '\377'), "the header must have at most 100000000 bytes, got 18446744073709551615"},
      {file_of(""), "expected a JSON object at byte 8"},
      {file_of(" {}"), "expected a JSON object at byte 8"},
      {file_of("[]"), "expected a JSON object at byte 8"},
      {file_of("{]"), "the header is not JSON from byte 9 on"},
      {file_of("{\"t\":1e999}"), "the header has a number that is out of range"},
      {file_of("{}x"), "the header is not JSON from byte 10 on"},
      {file_of("{}\0"s), "the header is not JSON from byte 10 on"},
      {file_of("{\"\377\":1}"), "the header is not JSON from byte"},
      {file_of(deep), "the header is not JSON from byte"},
      {file_of("{\"t\":1}"), "tensor 't': expected a JSON object"},
      {file_of("{\"__metadata__\":[]}"), "__metadata__ must be a JSON object of strings"},
      {file_of("{\"__metadata__\":{\"k\":1}}"), "metadata 'k' must be a string"},
      {file_of("{\"t\":{},\"t\":{}}"), "the name 't' stands twice in the header"},
      {file_of("{\"t\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}"), "the name 'dtype' stands twice in the header"},
      {file_of("{\"t\":{}}"), "tensor 't': 'dtype' is missing"},
      {file_of("{\"t\":{\"dtype\":1}}"), "tensor 't': 'dtype' must be a string"},
      {file_of("{\"t\":{\"dtype\":\"U8\"}}"), "tensor 't': 'shape' is missing"},
      {file_of("{\"t\":{\"dtype\":\"U8\",\"shape\":[]}}"), "tensor 't': 'data_offsets' is missing"},
      {file_of(tensor("F8_E4M3", "[4]", "[0,4]"), four), "tensor 't': dtype 'F8_E4M3' is not supported"},
      {file_of(tensor("f32", "[1]", "[0,4]"), four), "tensor 't': dtype 'f32' is not supported"},
      {file_of(tensor("U8", "4", "[0,4]"), four), "'shape' must be a list of integers that are not negative"},
      {file_of(tensor("U8", "[-4]", "[0,4]"), four), "'shape' must be a list of integers that are not negative"},
      {file_of(tensor("U8", "[4.0]", "[0,4]"), four), "'shape' must be a list of integers that are not negative"},
      {file_of(tensor("U8", "[18446744073709551616]", "[0,4]"), four), "'shape' must be a list of integers"},
      {file_of(tensor("U8", "[4]", "[0,4,4]"), four), "'data_offsets' must be two integers, got 3"},
      {file_of(tensor("U8", "[4]", "[4,0]"), four),
       "data offsets (4, 0) must increase and lie within the 4 bytes of data"},
      {file_of(tensor("U8", "[5]", "[0,5]"), four),
       "data offsets (0, 5) must increase and lie within the 4 bytes of data"},
      {file_of(tensor("U8", "[3]", "[1,4]"), four),
       "expected its data to begin at offset 0, where the previous tensor ends, got 1"},
      {file_of(tensor("U8", "[3]", "[0,3]"), four), "the tensors have 3 bytes, the file has 4 behind its header"},
      {file_of("{}", four), "the tensors have 0 bytes, the file has 4 behind its header"},
      {file_of(tensor("U8", "[3]", "[0,4]"), four), "tensor 't': shape (3,) of u8 needs 3 bytes, got 4"},
      {file_of(tensor("F32", "[2]", "[0,4]"), four), "tensor 't': shape (2,) of f32 needs 8 bytes, got 4"},
      {file_of(tensor("F32", "[0, 2]", "[0,4]"), four), "tensor 't': shape (0, 2) of f32 needs 0 bytes, got 4"},
      {file_of(tensor("F32", "[4294967296,4294967296]", "[0,4]"), four), "is larger than any memory"},
      {file_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
               "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
               four),
       "tensor 'b': expected its data to begin at offset 3, where the previous tensor ends, got 2"},
      {file_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
               "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
               four),
       "tensor 'b': expected its data to begin at offset 1, where the previous tensor ends, got 2"},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    auto const text = error_of([&] { softf1::read_safetensors(path); });
    CHECK(part_of(text, c.sentence) == c.sentence);
    CHECK(text.starts_with("safetensors_file: " + path.string() + ": "));
  }
  put(path, file_of(tensor("BOOL", "[4]", "[0,4]"), "\0\1\2\0"s));
  CHECK(part_of(error_of([&] { softf1::read_safetensors(path).tensor("t"); }),
                "a boolean must be 0 or 1, got 2 at byte") == "a boolean must be 0 or 1, got 2 at byte");
}

TEST_CASE("a .safetensors cut anywhere is refused, a changed one is read or refused", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.safetensors";
  softf1::write_safetensors(path, {{"weight", counted<float>({2, 3})}, {"step", counted<std::int64_t>({1})}},
                            {{"k", "v"}});
  std::string const whole = get(path);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(path, whole.substr(0, size));
    refused += error_of([&] { softf1::read_safetensors(path); }).starts_with("safetensors_file: " + path.string());
  }
  CHECK(refused == whole.size());
  bool good = true;
  for (std::size_t at = 0; at < whole.size() - 32; ++at)
    for (int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      put(path, damaged);
      good = good && ends_well([&] {
               auto const file = softf1::read_safetensors(path);
               for (auto const& e : file.entries()) file.tensor(e.name).as<double>();
             });
    }
  CHECK(good);
}

TEST_CASE("a .safetensors that cannot be written leaves nothing behind", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  std::string const path = folder / "x.safetensors";
  auto const a = counted<float>({1});
  auto const refused = [&](std::vector<io::named_array> const& tensors, strings const& metadata = {}) {
    return error_of<softf1::value_error>([&] { softf1::write_safetensors(path, tensors, metadata); });
  };
  CHECK(refused({{"a", a}, {"a", a}}) == "write_safetensors: " + path + ": two tensors are named 'a'");
  CHECK(refused({{"__metadata__", a}}) == "write_safetensors: " + path + ": a tensor must not be named __metadata__");
  CHECK(refused({{"\377", a}}) == "write_safetensors: " + path + ": names and metadata must be UTF-8");
  CHECK(refused({}, {{"k", "\377"}}) == "write_safetensors: " + path + ": names and metadata must be UTF-8");
  CHECK(error_of([&] { softf1::write_safetensors(path + "/y", {{"a", a}}); }) ==
        "write_safetensors: cannot write " + path + "/y: no such file or directory");
  CHECK(count_files(folder.path()) == 0);
}

TEST_CASE("a tensor that is not aligned in the file is read through a copy", "[io][safetensors]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.safetensors";
  std::string const header = tensor("F32", "[1]", "[0,4]");
  for (std::size_t blanks = 0; blanks < 4; ++blanks) {
    put(path, file_of(header + std::string(blanks, ' '), std::string("\0\0\200\77", 4)));
    CHECK(softf1::read_safetensors(path).tensor("t").as<float>("test") == std::vector<float>{1.0f});
  }
}

TEST_CASE("real weights are read where they lie", "[io][safetensors][data]") {
  auto const folder = softf1_test::data("weights/mobilenet_v2_0.35_224");
  if (!folder) SOFTF1_SKIP("no data folder weights/mobilenet_v2_0.35_224");
  auto const file = softf1::read_safetensors(*folder / "torchvision.safetensors");
  CHECK(file.entries().size() == 260);
  auto const& first = file.entries().front();
  auto const values = file.tensor(first.name);
  CHECK(values.owner() == file.tensor(file.entries().back().name).owner());
  CHECK(values.shape() == first.shape);
}

}  // namespace io_safetensors_test
