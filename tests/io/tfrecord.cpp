#include <softf1/io/tfrecord.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <softf1/io/glob.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_tfrecord_test {

using namespace softf1_io_test;
namespace io = softf1::io;

std::string text_of(std::span<std::byte const> bytes) {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

std::string written(std::filesystem::path const& path, std::vector<std::string> const& records) {
  softf1::tfrecord_writer writer(path.string());
  for (auto const& record : records) writer.write(record);
  CHECK(writer.records() == records.size());
  writer.close();
  return get(path);
}

TEST_CASE("CRC-32C has the values of its standard, by instruction and by tables", "[io][tfrecord]") {
  struct {
    std::string bytes;
    std::uint32_t crc;
  } const cases[] = {{"", 0},
                     {"a", 0xC1D04330},
                     {"123456789", 0xE3069283},
                     {std::string(32, '\0'), 0x8A9136AA},
                     {std::string(32, '\377'), 0x62A8AB43}};
  for (auto const& c : cases) {
    auto const bytes = std::as_bytes(std::span(c.bytes));
    CHECK(io::crc32c(bytes) == c.crc);
    CHECK(~io::detail::crc32c_by_tables(~0u, bytes.data(), bytes.size()) == c.crc);
  }
  CHECK(io::masked_crc32c({}) == 0xA282EAD8u);
}

TEST_CASE("records are read as they were written", "[io][tfrecord]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.tfrecord";
  std::vector<std::string> const records{"one", "", std::string(100'000, 'x')};
  auto const bytes = written(path, records);
  CHECK(bytes.size() == 3 * 16 + 3 + 100'000);
  CHECK(bytes.substr(0, 8) == little_endian(3, 8));
  for (bool const check : {false, true}) {
    softf1::tfrecord_file const file(path.string(), {.check_data = check});
    REQUIRE(file.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) CHECK(text_of(file.read(k)) == records[k]);
    CHECK(file.extent(1).offset == 19);
  }
  put(path, "");
  CHECK(softf1::tfrecord_file(path.string()).size() == 0);
  { softf1::tfrecord_writer(path.string()).write("lost"); }
  CHECK(get(path).empty());
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("a TFRecord file that is not whole is refused by its byte, or read in part", "[io][tfrecord]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.tfrecord";
  auto const good = written(path, {"one", "two", "three"});
  auto const flipped = [&](std::size_t at) {
    auto bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
  };
  auto const length = std::string(8, '\177');
  auto const lying = length + little_endian(io::masked_crc32c(std::as_bytes(std::span(length))), 4);
  struct {
    std::string bytes, sentence;
    std::vector<std::string> left;  // by skipping
  } const cases[] = {
      {flipped(0), "record at byte 0: the length does not have the checksum stored behind it: this is no TFRecord", {}},
      {flipped(19), "record at byte 19: the length does not have the checksum stored behind it", {"one"}},
      {flipped(19 + 12), "record at byte 19: the data do not have the checksum stored behind them", {"one", "three"}},
      {flipped(18), "record at byte 0: the data do not have the checksum stored behind them", {"two", "three"}},
      {good.substr(0, 25),
       "record at byte 19: expected a length and its checksum (12 bytes), the file ends after 6",
       {"one"}},
      {good.substr(0, 33),
       "record at byte 19: expected 3 bytes of data and their checksum, the file ends after 2",
       {"one"}},
      {good.substr(0, 37),
       "record at byte 19: expected 3 bytes of data and their checksum, the file ends after 6",
       {"one"}},
      {lying + "abcd", "expected 9187201950435737471 bytes of data and their checksum, the file ends after 4", {}},
      {"\x1f\x8b" + good, "record at byte 0: the file is compressed (gzip): decompress it first", {}},
      {"id,a,b\nx,1,0\n", "this is no TFRecord file, or its first bytes are damaged", {}},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    auto const text = error_of([&] { softf1::tfrecord_file(path.string(), {.check_data = true}); });
    CHECK(part_of(text, c.sentence) == c.sentence);
    CHECK(text.starts_with("tfrecord_file: " + path.string() + ": "));
    softf1::tfrecord_file const file(path.string(), {.on_corrupt = io::on_corrupt::skip, .check_data = true});
    std::vector<std::string> left;
    for (std::size_t k = 0; k < file.size(); ++k) left.push_back(text_of(file.read(k)));
    CHECK(left == c.left);
    REQUIRE(file.failures().size() == 1);
    CHECK(file.failures()[0].reason == text);
  }
  put(path, flipped(19 + 12));
  softf1::tfrecord_file const late(path.string());
  CHECK(text_of(late.read(2)) == "three");
  CHECK(contains(error_of([&] { late.read(1); }), "record at byte 19: the data do not have the checksum"));

  bool ended_well = true;
  for (std::size_t size = 0; size < good.size(); ++size) {
    put(path, good.substr(0, size));
    ended_well = ended_well && ends_well([&] { softf1::tfrecord_file(path.string(), {.check_data = true}); });
  }
  CHECK(ended_well);
}

TEST_CASE("a pattern names files in order", "[io][glob]") {
  softf1_test::temp_directory const folder;
  for (auto const* name : {"b-2.x", "b-10.x", "a-1.x", "a-1.y", "c[1].y"}) put(folder / name, "");
  auto const at = [&](char const* name) { return (folder / name).string(); };
  CHECK(softf1::files_matching(at("*.x")) == std::vector{at("a-1.x"), at("b-10.x"), at("b-2.x")});
  CHECK(softf1::files_matching(at("a-1.y")) == std::vector{at("a-1.y")});
  CHECK(softf1::files_matching(at("c[1].y")) == std::vector{at("c[1].y")});
  CHECK(error_of([&] { softf1::files_matching(at("*.z")); }) ==
        "files_matching: " + at("*.z") + ": there is no such file");
}

}  // namespace io_tfrecord_test
