#include <softf1/data/file_stamp.hpp>

#include <chrono>
#include <filesystem>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_file_stamp_test {

using namespace softf1_io_test;
using softf1::stamp_of;

TEST_CASE("a stamp tells size and time of a file, through links", "[file_stamp]") {
  softf1_test::temp_directory const folder;
  auto const file = folder / "a";
  CHECK(stamp_of(file.string()) == softf1::file_stamp{});
  put(file, "seven b");
  auto const before = stamp_of(file.string());
  CHECK(before.size == 7);
  CHECK(before.time > 1'500'000'000'000'000'000);
  std::filesystem::create_symlink(file, folder / "link");
  CHECK(stamp_of((folder / "link").string()) == before);

  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) + std::chrono::nanoseconds(3));
  CHECK(stamp_of(file.string()).time == before.time + 3);
  put(file, "eight by");
  CHECK(stamp_of(file.string()).size == 8);
}

}  // namespace data_file_stamp_test
