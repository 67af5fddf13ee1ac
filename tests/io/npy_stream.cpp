#include <softf1/io/npy_stream.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_npy_stream_test {

using namespace softf1_io_test;
namespace io = softf1::io;

TEST_CASE("blocks of rows are the file", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::vector<std::int32_t> values(10 * 6);
  std::iota(values.begin(), values.end(), 0);
  auto const bytes = std::as_bytes(std::span(values));
  std::vector<std::vector<std::size_t>> const shapes = {{10, 6}, {60}, {10, 2, 3}, {0, 6}, {10, 0}};
  for (auto const& shape : shapes)
    for (auto order : {io::storage_order::row_major, io::storage_order::column_major})
      for (bool swapped : {false, true})
        for (std::size_t count : {1u, 3u, 10u, 100u}) {
          io::array const whole(io::dtype::i32, shape, order, shape.back() * shape[0] == 0 ? bytes.first(0) : bytes,
                                nullptr);
          softf1::write_npy(path, whole);
          if (swapped) {
            auto file = get(path);
            file.replace(file.find('<'), 1, ">");
            for (std::size_t at = 128; at < file.size(); at += 4) std::reverse(&file[at], &file[at] + 4);
            put(path, file);
          }
          softf1::npy_reader reader(path);
          CHECK(reader.shape() == shape);
          std::vector<std::int32_t> got;
          std::size_t rows = 0;
          while (reader.position() < reader.rows()) {
            auto const block = reader.read_rows(count);
            CHECK(block.rows() == std::min(count, shape[0] - rows));
            rows += block.rows();
            auto const part = block.as<std::int32_t>();
            got.insert(got.end(), part.begin(), part.end());
          }
          CHECK(rows == shape[0]);
          CHECK(got == whole.as<std::int32_t>());
          CHECK(reader.read_rows(5).rows() == 0);
        }
}

TEST_CASE("a reader goes to any row", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  softf1::write_npy(path, std::vector<int>{0, 1, 2, 3});
  softf1::npy_reader reader(path);
  reader.seek(2);
  CHECK(reader.read_rows(9).as<int>() == std::vector<int>{2, 3});
  reader.seek(0);
  CHECK(reader.read_rows(1).as<int>() == std::vector<int>{0});
  CHECK(error_of<softf1::value_error>([&] { reader.seek(5); }) ==
        "npy_reader: " + path.string() + ": expected a row from 0 to 4, got 5");
}

TEST_CASE("a block outlives its reader", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  softf1::write_npy(path, std::vector<int>{4, 5, 6});
  auto const block = softf1::npy_reader(path).read_rows(2);
  std::filesystem::remove(path);
  CHECK(block.as<int>() == std::vector<int>{4, 5});
}

TEST_CASE("blocks stay what they are while the file behind them leaves memory", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::vector<std::int32_t> values(3'000'000);  // 12 MB
  std::iota(values.begin(), values.end(), 0);
  softf1::write_npy(path, values);
  softf1::npy_reader reader(path);
  std::vector<io::array> blocks;
  while (reader.position() < reader.rows()) blocks.push_back(reader.read_rows(400'000));
  REQUIRE(blocks.size() == 8);
  bool same = true;
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    auto const view = blocks[k].view<std::int32_t>();
    for (std::size_t i = 0; i < view.rows(); i += 1000)
      same = same && view(i, 0) == static_cast<std::int32_t>(400'000 * k + i);
  }
  CHECK(same);
}

TEST_CASE("a reader refuses what read_npy refuses, and scalars", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  softf1::write_npy(path, io::make_array(std::vector<int>{1}, {}));
  CHECK(error_of([&] { softf1::npy_reader reader(path); }) ==
        "npy_reader: " + path.string() + ": expected an array with rows, got shape ()");
  put(path, get(path) + "x");
  CHECK(contains(error_of([&] { softf1::npy_reader reader(path); }), "npy_reader: " + path.string() + ": shape () of"));
  for (bool fortran : {false, true}) {
    bool const flags[] = {true, false, true, true};
    softf1::write_npy(path, softf1::matrix_view<bool const>(flags, 2, 2, fortran ? 1 : 2, fortran ? 2 : 1));
    auto file = get(path);
    file[130] = 2;
    put(path, file);
    softf1::npy_reader reader(path);
    CHECK(part_of(error_of([&] { reader.read_rows(2); }), "a boolean must be 0 or 1, got 2 at byte 130") ==
          "a boolean must be 0 or 1, got 2 at byte 130");
  }
}

TEST_CASE("rows are written as they come", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::vector<float> const values{0, 1, 2, 3, 4, 5};
  {
    softf1::npy_writer<float> writer(path, {3});
    writer.append(softf1::as_matrix(values, 2, 3));
    writer.append(softf1::matrix_view<float const>(values.data(), 2, 3, 1, 2));
    writer.append(softf1::matrix_view<float const>(values.data(), 0, 3));
    CHECK(writer.rows() == 4);
    CHECK(!std::filesystem::exists(path));
    writer.close();
  }
  auto const a = softf1::read_npy(path);
  CHECK(a.shape() == std::vector<std::size_t>{4, 3});
  CHECK(a.as<float>() == std::vector<float>{0, 1, 2, 3, 4, 5, 0, 2, 4, 1, 3, 5});
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("any number of rows fits the header that was written first", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::vector<std::uint8_t> const values(12345);
  for (std::size_t rows : {0u, 9u, 10u, 12345u}) {
    softf1::npy_writer<std::uint8_t> writer(path, {});
    writer.append(std::span(values).first(rows));
    writer.close();
    CHECK(softf1::read_npy(path).shape() == std::vector<std::size_t>{rows});
    softf1::npy_writer<std::uint8_t> images(path, {3, 5});
    images.append(softf1::as_matrix(values.data(), rows / 15, 15));
    images.close();
    CHECK(softf1::read_npy(path).shape() == std::vector<std::size_t>{rows / 15, 3, 5});
  }
}

TEST_CASE("the header keeps its length, whatever its length is", "[io][npy]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.npy";
  std::vector<std::uint8_t> const values(12345, 7);
  for (std::size_t ones = 0; ones < 22; ++ones) {
    softf1::npy_writer<std::uint8_t> writer(path, std::vector<std::size_t>(ones, 1));
    writer.append(values);
    writer.close();
    CHECK(softf1::read_npy(path).as<std::uint8_t>() == values);
  }
}

TEST_CASE("a writer refuses other rows, and targets that have no beginning", "[io][npy]") {
  softf1_test::temp_directory const folder;
  std::vector<float> const values(6);
  {
    softf1::npy_writer<float> writer(folder / "x.npy", {3});
    CHECK(error_of<softf1::shape_error>([&] { writer.append(softf1::as_matrix(values, 3, 2)); }) ==
          "npy_writer: rows must have shape (n, 3), got (3, 2)");
  }
  CHECK(count_files(folder.path()) == 0);
  CHECK(error_of([] { softf1::npy_writer<float>("/dev/null", {3}); }) ==
        "npy_writer: /dev/null: expected a file, got a device or pipe");
}

}  // namespace io_npy_stream_test
