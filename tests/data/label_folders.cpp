#include <softf1/data/label_folders.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_label_folders_test {

using namespace softf1_io_test;

TEST_CASE("folders of images are a table with one label a row", "[data][label_folders]") {
  softf1_test::temp_directory const folder;
  auto const root = folder.path().string();
  CHECK(error_of([&] { softf1::read_label_folders(root); }) ==
        "read_label_folders: " + root + ": expected a folder for each label, got none");
  for (auto const* name : {"dog", "cat", ".git", "empty"}) std::filesystem::create_directory(folder / name);
  CHECK(error_of([&] { softf1::read_label_folders(root); }) == "read_label_folders: " + root + ": there are no images");
  for (auto const* name :
       {"dog/b.jpg", "cat/z.PNG", "cat/a.jpg", "cat/notes.txt", "cat/.hidden.jpg", "x.jpg", ".git/a.jpg"})
    put(folder / name, "");
  auto const table = softf1::read_label_folders(root);
  CHECK(table.label_names == std::vector<std::string>{"cat", "dog", "empty"});
  CHECK(table.ids == std::vector<std::string>{"cat/a.jpg", "cat/z.PNG", "dog/b.jpg"});
  CHECK(table.images == table.ids);
  CHECK(table.targets == std::vector<std::uint8_t>{1, 0, 0, 1, 0, 0, 0, 1, 0});
  CHECK(table.description == "labels: 3 folders of images; 1 files that are no images are passed over");
  CHECK(error_of([&] { softf1::read_label_folders(root + "/no"); }) ==
        "read_label_folders: cannot read " + root + "/no: no such file or directory");
}

}  // namespace data_label_folders_test
