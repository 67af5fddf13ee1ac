#include <softf1/data/image_lists.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_image_lists_test {

using namespace softf1_io_test;

TEST_CASE("a list of images and a list of their labels are one table", "[data][image_lists]") {
  softf1_test::temp_directory const folder;
  auto const images = (folder / "images.txt").string(), labels = (folder / "labels.txt").string();
  put(images, "b.jpg 2\n\nf/a.jpg\t1\r\nc.jpg 0");
  put(labels, "1 0 1\n0 1.0 0\n\n0 0 0\n");
  auto const table = softf1::read_image_lists(images, labels, {"x", "y", "z"});
  CHECK(table.ids == std::vector<std::string>{"b.jpg", "f/a.jpg", "c.jpg"});
  CHECK(table.images == table.ids);
  CHECK(table.label_names == std::vector<std::string>{"x", "y", "z"});
  CHECK(table.targets == std::vector<std::uint8_t>{1, 0, 1, 0, 1, 0, 0, 0, 0});
  CHECK(table.mask.empty());
  CHECK(table.unlabelled_rows == 1);
  CHECK(softf1::read_image_lists(images, labels).label_names == std::vector<std::string>{"0", "1", "2"});
  CHECK(error_of<softf1::value_error>([&] { softf1::read_image_lists(images, labels, {"x"}); }) ==
        "read_image_lists: expected 3 label names, got 1");
}

TEST_CASE("lists that do not belong together are refused by their line", "[data][image_lists]") {
  softf1_test::temp_directory const folder;
  auto const images = (folder / "images.txt").string(), labels = (folder / "labels.txt").string();
  struct {
    std::string images, labels, sentence;
  } const cases[] = {
      {"a.jpg\n", "1\n", images + ": line 1: expected the name of an image and the number of its labels"},
      {"a.jpg one\n", "1\n", images + ": line 1: expected the name of an image and the number of its labels"},
      {"a b.jpg 1\n", "1\n", images + ": line 1: expected the name of an image and the number of its labels"},
      {"a.jpg 1\n../b.jpg 1\n", "1\n1\n", images + ": line 2: the image '../b.jpg' must be a name inside the folder"},
      {"/a.jpg 1\n", "1\n", images + ": line 1: the image '/a.jpg' must be a name inside the folder"},
      {"a.jpg 1\na.jpg 1\n", "1\n1\n", images + ": line 2: the id 'a.jpg' is repeated"},
      {"a.jpg 1\nb.jpg 1\n", "1 0\n1\n", labels + ": line 2: expected 2 labels as in the first line, got 1"},
      {"a.jpg 1\n", "2 0\n", labels + ": line 1: a label must be 0 or 1, got '2'"},
      {"a.jpg 1\n", "x 0\n", labels + ": line 1: a label must be 0 or 1, got 'x'"},
      {"a.jpg 1\nb.jpg 2\n", "1 0\n1 0\n",
       labels + ": line 2: expected 2 labels of 'b.jpg' as " + images + " says in line 2, got 1"},
      {"a.jpg 1\n", "1 0\n1 0\n", labels + ": expected a line for each of the 1 images of " + images + ", got 2"},
      {"a.jpg 1\nb.jpg 1\n", "1 0\n", labels + ": expected a line for each of the 2 images of " + images + ", got 1"},
      {"", "", images + ": there are no images"},
  };
  for (auto const& c : cases) {
    put(images, c.images);
    put(labels, c.labels);
    auto const text = error_of([&] { softf1::read_image_lists(images, labels); });
    CHECK(part_of(text, "read_image_lists: " + c.sentence) == "read_image_lists: " + c.sentence);
  }
}

}  // namespace data_image_lists_test
