#include <softf1/data/tar.hpp>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_tar_test {

using namespace softf1_io_test;

std::string text_of(std::span<std::byte const> bytes) {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

/// An archive whose first header is changed, and has a right checksum all the same.
std::string changed(std::string bytes, std::size_t at, std::string const& by) {
  bytes.replace(at, by.size(), by);
  bytes.replace(148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t k = 0; k < 512; ++k) sum += static_cast<unsigned char>(bytes[k]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  bytes.replace(148, 7, std::string(digits, 7));
  return bytes;
}

TEST_CASE("members of a tar are read as they were written, by this library and by tar", "[data][tar]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.tar").string();
  std::string const deep = std::string(90, 'n') + "/" + std::string(90, 'm') + ".jpg";
  std::vector<std::pair<std::string, std::string>> const members{
      {"a.jpg", "one"}, {"a.cls", ""}, {deep, std::string(1000, 'x')}, {std::string(100, 'h'), "100"}};
  {
    softf1::tar_writer writer(path);
    for (auto const& [name, data] : members) writer.add(name, data);
    CHECK(error_of<softf1::value_error>([&] { writer.add("../x", "y"); }) ==
          "tar_writer: the name '../x' is empty or leads out of the archive");
    writer.close();
  }
  auto const check = [&](std::string const& which) {
    softf1::tar_file const file(which);
    REQUIRE(file.members().size() == members.size());
    for (std::size_t k = 0; k < members.size(); ++k) {
      CHECK(file.members()[k].name == members[k].first);
      CHECK(text_of(file.data(file.members()[k])) == members[k].second);
    }
  };
  check(path);
  auto const in_folder = "cd '" + folder.path().string() + "' && mkdir out && tar xf x.tar -C out && cd out && ";
  std::string names;
  for (auto const& member : members) names += " " + member.first;
  for (std::string const format : {"gnu", "ustar", "pax"}) {
    auto const command = in_folder + "tar cf ../" + format + ".tar --format=" + format + names + " && rm -r ../out";
    if (std::system((command + " 2> /dev/null").c_str()) != 0) SOFTF1_SKIP("no tar");
    check((folder / (format + ".tar")).string());
  }
}

TEST_CASE("a tar that is not whole is refused by its byte, or read in part", "[data][tar]") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "x.tar").string();
  {
    softf1::tar_writer writer(path);
    writer.add("a.jpg", "one");
    writer.add("b.jpg", "two");
    writer.close();
  }
  auto const good = get(path);
  auto flipped = good;
  flipped[1024] = 'x';
  struct {
    std::string bytes, sentence;
    std::size_t left;
  } const cases[] = {
      {flipped, "header at byte 1024: the header does not have the checksum stored in it", 1},
      {good.substr(0, 1100), "header at byte 1024: expected a header of 512 bytes, the file ends before", 1},
      {good.substr(0, 1538), "header at byte 1024: expected 3 bytes of data, the file ends after 2", 1},
      {changed(good, 124, "77777777777"), "header at byte 0: expected 8589934591 bytes of data", 0},
      {changed(good, 124, "\200\0\0\0\177\377\377\377\377\377\377\377"s), "expected 9223372036854775807 bytes of data",
       0},
      {changed(good, 124, "\377\377\377\377\377\377\377\377\377\377\377\377"), "the size is not a number", 0},
      {changed(good, 124, "0000000000x"), "header at byte 0: the size is not a number", 0},
      {changed(good, 0, "../jp"), "header at byte 0: the name '../jp' is empty or leads out of the archive", 1},
      {changed(good, 0, "/etc/"), "header at byte 0: the name '/etc/' is empty or leads out of the archive", 1},
      {changed(good, 0, "\0"s), "header at byte 0: the name '' is empty or leads out of the archive", 1},
      {changed(good, 156, "x"), "header at byte 0: attributes that cannot be read", 0},
      {"\x1f\x8b" + good, "header at byte 0: the file is compressed (gzip): decompress it first", 0},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    CHECK(part_of(error_of([&] { softf1::tar_file{path}; }), c.sentence) == c.sentence);
    softf1::tar_file const file(path, softf1::on_corrupt::skip);
    CHECK(file.members().size() == c.left);
    CHECK(file.failures().size() == 1);
  }
  put(path, good.substr(0, 1539));  // tar forgives a missing end
  CHECK(softf1::tar_file(path).members().size() == 2);
  put(path, changed(good, 156, "5"));  // a folder
  CHECK(softf1::tar_file(path).members().size() == 1);
  // A folder before POSIX: its name says so, its type is that of a file.
  put(path, changed(changed(good, 156, "\0"s), 0, "a/\0\0\0"s));
  CHECK(softf1::tar_file(path).members().size() == 1);
}

}  // namespace data_tar_test
