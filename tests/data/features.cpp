#include <softf1/data/features.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <softf1/io/make_array.hpp>
#include <softf1/io/safetensors.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_features_test {

using namespace softf1_io_test;
namespace data = softf1::data;
namespace io = softf1::io;

data::feature_rows example() {
  return {.ids = {"b", "", "ä\n"},
          .dimension = 2,
          .values = {1.5f, -0.0f, 1e-45f, std::numeric_limits<float>::infinity(), 3, -4},
          .metadata = {{"network", "tiny"}}};
}

TEST_CASE("features that are written read back, bit for bit", "[features]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "f.safetensors").string();
  auto const rows = example();
  data::write_features(path, rows);
  auto const back = data::read_features(path);
  CHECK(back.ids == rows.ids);
  CHECK(back.dimension == 2);
  CHECK(back.values == rows.values);
  CHECK(std::signbit(back.values[1]));
  CHECK(back.metadata == rows.metadata);
  CHECK(back.view().shape() == std::array<std::size_t, 2>{3, 2});
  CHECK(back.view()(2, 1) == -4);

  auto const bytes = get(path);
  data::write_features(path, back);
  CHECK(get(path) == bytes);
  CHECK(count_files(folder.path()) == 1);

  data::write_features(path, {.ids = {}, .dimension = 5, .values = {}, .metadata = {}});
  CHECK(data::read_features(path).dimension == 5);
  CHECK(data::read_features(path).rows() == 0);
}

TEST_CASE("the file has the documented tensors", "[features]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "f.safetensors").string();
  data::write_features(path, example());
  io::safetensors_file const file(path);
  CHECK(file.entries().size() == 3);
  CHECK(file.tensor("features").as<float>() == example().values);
  CHECK(file.tensor("id_bytes").as<std::uint8_t>() == std::vector<std::uint8_t>{'b', 0xc3, 0xa4, '\n'});
  CHECK(file.tensor("id_offsets").as<std::int64_t>() == std::vector<std::int64_t>{0, 1, 1, 4});
}

TEST_CASE("features that contradict themselves are not written", "[features]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "f.safetensors").string();
  put(path, "before");
  auto rows = example();
  rows.values.pop_back();
  CHECK(error_of<softf1::shape_error>([&] { data::write_features(path, rows); }) ==
        "write_features: values of shape (3, 2) need 6 elements, got 5");
  rows = example();
  rows.ids[2] = "b";
  CHECK(error_of<softf1::value_error>([&] { data::write_features(path, rows); }) ==
        "write_features: the id 'b' is repeated");
  CHECK(get(path) == "before");
}

struct file_case {
  std::string name;
  std::vector<std::int64_t> offsets;
  std::string sentence;
};

TEST_CASE("a file whose tensors do not fit each other is refused", "[features]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "f.safetensors").string();
  std::vector<std::uint8_t> const bytes{'a', 'b', 'a'};
  std::vector<float> const values(6);
  auto const write = [&](io::array features, io::array offsets) {
    io::write_safetensors(path, {{"features", std::move(features)},
                                 {"id_bytes", io::make_array(bytes, {3})},
                                 {"id_offsets", std::move(offsets)}});
  };
  file_case const cases[] = {
      {"short", {0, 1, 3}, "'id_offsets' must have shape (4,), one more than the rows of 'features', got (3,)"},
      {"late", {1, 1, 2, 3}, "'id_offsets' must go from 0 to 3, got 1 to 3"},
      {"early", {0, 1, 2, 2}, "'id_offsets' must go from 0 to 3, got 0 to 2"},
      {"backwards", {0, 2, 1, 3}, "'id_offsets' must ascend to 3, got 1 behind 2 at row 1"},
      {"negative", {0, -1, 1, 3}, "'id_offsets' must ascend to 3, got -1 behind 0 at row 0"},
      {"far", {0, 1, 1LL << 62, 3}, "'id_offsets' must ascend to 3, got 4611686018427387904 behind 1 at row 1"},
      {"repeated", {0, 1, 2, 3}, "the id 'a' is repeated at row 2"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    write(io::make_array(values, {3, 2}), io::make_array(c.offsets, {c.offsets.size()}));
    CHECK(error_of([&] { data::read_features(path); }) == "read_features: " + path + ": " + c.sentence);
  }
  std::vector<std::int64_t> const good{0, 1, 2, 3};
  write(io::make_array(values, {6}), io::make_array(good, {4}));
  CHECK(error_of([&] { data::read_features(path); }) ==
        "read_features: " + path + ": 'features' must be f32 of 2 dimensions, got f32 of shape (6,)");
  write(io::make_array(std::vector<double>(6), {3, 2}), io::make_array(good, {4}));
  CHECK(error_of([&] { data::read_features(path); }) ==
        "read_features: " + path + ": 'features' must be f32 of 2 dimensions, got f64 of shape (3, 2)");
  write(io::make_array(values, {3, 2}), io::make_array(std::vector<std::int32_t>(4), {4}));
  CHECK(contains(error_of([&] { data::read_features(path); }), "'id_offsets' must be i64 of 1 dimensions, got i32"));
  io::write_safetensors(path, {{"features", io::make_array(values, {3, 2})}});
  CHECK(contains(error_of([&] { data::read_features(path); }), path + ": expected a tensor 'id_bytes'"));
}

TEST_CASE("a file of features that was cut or damaged anywhere ends well", "[features]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "f.safetensors").string();
  data::write_features(path, example());
  auto const bytes = get(path);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    put(path, bytes.substr(0, length));
    CHECK(contains(error_of([&] { data::read_features(path); }), path));
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    put(path, damaged);
    CHECK(ends_well([&] { data::read_features(path); }));
  }
}

}  // namespace data_features_test
