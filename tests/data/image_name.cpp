#include <softf1/data/image_name.hpp>

#include <string_view>

#include "support/catch.hpp"

namespace data_image_name_test {

TEST_CASE("images are known by the ends of their names", "[data]") {
  for (std::string_view const name : {"a.jpg", "b/a.JPEG", "a.b.Png", "a.bmp", ".gif"}) {
    CHECK(softf1::data::names_an_image(name));
    CHECK(softf1::data::image_name(name) == name);
  }
  for (std::string_view const name : {"", "jpg", "a.jpg.txt", "a.tiff", "a.jpg/"})
    CHECK_FALSE(softf1::data::names_an_image(name));
  CHECK(softf1::data::image_name("2008_000008") == "2008_000008.jpg");
}

}  // namespace data_image_name_test
