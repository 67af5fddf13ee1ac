#include <softf1/data/coco.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_coco_test {

using namespace softf1_io_test;

std::string file(std::string const& images, std::string const& objects, std::string const& categories) {
  return "{\"info\":{\"year\":2014},\"images\":[" + images + "],\"annotations\":[" + objects + "],\"categories\":[" +
         categories + "]}";
}

std::string const two_images = R"({"id":9,"file_name":"b.jpg"},{"id":4,"file_name":"f/a.jpg"})",
                  dog = R"({"id":18,"name":"dog"})", cat = R"({"id":17,"name":"cat"})";

TEST_CASE("objects in images are labels", "[data][coco]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.json";
  put(path, file(two_images,
                 R"({"id":1,"image_id":4,"category_id":18,"segmentation":[[1,2,[3]]],"bbox":[1,2,3,4],"area":7.5},)"
                 R"({"image_id":4,"category_id":18,"segmentation":{"counts":"x"}},{"image_id":4,"category_id":17})",
                 dog + "," + cat));
  auto const table = softf1::read_coco(path.string());
  CHECK(table.label_names == std::vector<std::string>{"cat", "dog"});
  CHECK(table.ids == std::vector<std::string>{"b.jpg", "f/a.jpg"});
  CHECK(table.images == table.ids);
  CHECK(table.targets == std::vector<std::uint8_t>{0, 0, 1, 1});
  CHECK(table.unlabelled_rows == 1);
  CHECK(table.description == "labels: categories of 3 objects in images");
}

TEST_CASE("a file that is no list of instances is refused by its place", "[data][coco]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "x.json";
  struct {
    std::string bytes, sentence;
  } const cases[] = {
      {"", "not JSON from byte 0 on"},
      {"{\"images\":[", "not JSON from byte"},
      {std::string(100'000, '['), "nested more than 64 deep"},
      {"[]", "expected a list 'images'"},
      {R"({"images":{}})", "expected a list 'images'"},
      {R"({"images":[]})", "expected a list 'annotations'"},
      {R"({"images":[],"annotations":[]})", "expected a list 'categories'"},
      {file("", "", cat), "there are no images"},
      {file(two_images, "", ""), "there are no labels"},
      {file("7", "", cat), "images[0]: 'file_name' must be a text, got null"},
      {file(R"({"id":1.5,"file_name":"a"})", "", cat), "images[0]: 'id' must be an integer, got 1.5"},
      {file(R"({"id":1,"file_name":"../a"})", "", cat), "images[0]: the image '../a' must be a name inside the folder"},
      {file(two_images + R"(,{"id":1,"file_name":"b.jpg"})", "", cat), "images[2]: the id 'b.jpg' is repeated"},
      {file(two_images + R"(,{"id":9,"file_name":"c.jpg"})", "", cat), "images[2]: the id 9 is repeated"},
      {file(two_images, "", cat + "," + cat), "categories[1]: the name 'cat' is repeated"},
      {file(two_images, "", cat + R"(,{"id":17,"name":"dog"})"), "the id 17 of category 'dog' is repeated"},
      {file(two_images, R"({"image_id":1,"category_id":17})", cat), "annotations[0]: nothing has the image_id 1"},
      {file(two_images, R"({"image_id":9,"category_id":1})", cat), "annotations[0]: nothing has the category_id 1"},
      {file(two_images, R"({"image_id":"9"})", cat), "annotations[0]: 'image_id' must be an integer, got '9'"},
  };
  for (auto const& c : cases) {
    put(path, c.bytes);
    auto const text = error_of([&] { softf1::read_coco(path.string()); });
    CHECK(part_of(text, c.sentence) == c.sentence);
    CHECK(text.starts_with("read_coco: " + path.string() + ": "));
  }
}

}  // namespace data_coco_test
