#include <softf1/image/crop_note.hpp>

#include <cstddef>
#include <string>

#include "support/catch.hpp"

namespace image_crop_note_test {

TEST_CASE("crops that show little of an image are told of", "[image]") {
  struct {
    std::string steps, crops;
    std::size_t size;
    std::string note;
  } const cases[] = {
      {"tutorial", "ten_crop:resize=255", 224, ""},
      {"tutorial", "plain+flip:resize=255", 64,
       "crops of 64 pixels out of images resized to 255 show 6 % of a square image, resize=73 would show 76 %"},
      {"flip+random_crop:resize=128", "ten_crop:resize=128", 64, ""},
      {"random_crop:resize=129", "ten_crop+ten_crop:resize=129", 64,
       "crops of 64 pixels out of images resized to 129 show 24 % of a square image, resize=73 would show 76 %"},
      {"random_crop", "ten_crop", 64, ""},
      {"none", "plain", 64, ""},
      {"random_resized_crop", "flip", 64, ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.steps, c.crops, c.size);
    softf1::preprocessing const how{.image_size = c.size};
    CHECK(crop_note(softf1::parse_augmentation(c.steps), how) == c.note);
    CHECK(crop_note(softf1::parse_crops(c.crops), how) == c.note);
  }
}

}  // namespace image_crop_note_test
