#include <cstdint>
#include <string>
#include <vector>

#include <softf1/image/decode.hpp>

#include "program/runner.hpp"

namespace program_preview_test {

using namespace softf1_program_test;

TEST_CASE("softf1 preview draws a sheet: the image itself, then an epoch a column") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  REQUIRE(w.run({"synthesize", "--out", "set", "--rows", "6", "--seed", "3"}).status == 0);
  auto const draw = [&](std::string const& out, std::vector<std::string> more) {
    std::vector<std::string> words{
        "preview",   "--csv", "set/posters.csv", "--images",    "set/images",   "--rows", "3", "--out", out,
        "--columns", "4",     "--json",          out + ".json", "--image-size", "32"};
    words.insert(words.end(), more.begin(), more.end());
    auto const r = w.run(words);
    INFO(r.err);
    REQUIRE(r.status == 0);
    return softf1::read_image((w.dir() / out).string());
  };
  auto const cell = [](softf1::rgb_image const& sheet, std::size_t row, std::size_t column) {
    std::vector<std::uint8_t> pixels;
    for (std::size_t y = 0; y < 32; ++y)
      pixels.insert(pixels.end(), sheet.at(4 + row * 36 + y, 4 + column * 36),
                    sheet.at(4 + row * 36 + y, 4 + column * 36) + 96);
    return pixels;
  };
  auto const sheet = draw("a.png", {"--threads", "1"});
  CHECK(sheet.height == 3 * 36 + 4);
  CHECK(sheet.width == 4 * 36 + 4);
  CHECK(draw("b.png", {"--threads", "3"}) == sheet);
  CHECK(draw("c.png", {"--seed", "1"}) != sheet);
  auto const next = draw("d.png", {"--epoch", "2"});
  auto const plain = draw("e.png", {"--augment", "flip:probability=0"});
  auto const crops = draw("f.png", {"--crops", "flip"});
  CHECK(crops.width == 3 * 36 + 4);
  for (std::size_t row = 0; row < 3; ++row) {
    CHECK(cell(sheet, row, 1) != cell(sheet, row, 0));
    CHECK(cell(sheet, row, 1) != cell(sheet, row, 2));
    CHECK(cell(next, row, 0) == cell(sheet, row, 0));
    CHECK(cell(next, row, 1) == cell(sheet, row, 2));
    CHECK(cell(next, row, 2) == cell(sheet, row, 3));
    CHECK(cell(plain, row, 3) == cell(plain, row, 0));
    CHECK(cell(crops, row, 1) == cell(crops, row, 0));
    CHECK(cell(crops, row, 2) != cell(crops, row, 0));
  }
  auto const form = w.get_json("a.png.json");
  CHECK(form["rows"] == json::array({0, 2, 4}));
  CHECK(form["columns"] == 4);
  CHECK(has(form["augment"].get<std::string>(), "random_crop:resize=255+flip:probability=0.5+"));
  CHECK(form["failures"].empty());
}

TEST_CASE("softf1 preview refuses what it cannot show") {
  SOFTF1_NEEDS_PROGRAM;
  workplace const w;
  struct {
    std::vector<std::string> more;
    std::string part;
  } const cases[] = {
      {{}, "--csv"},
      {{"--csv", "a.csv"}, "--images"},
      {{"--records", "a", "--augment", "blur"}, "no augmentation is named 'blur', there are random_crop, "},
      {{"--records", "a", "--augment", "hue:delta=0.7"}, "hue: delta must lie in [0, 0.5], got 0.7"},
      {{"--records", "a", "--crops", "nine_crop"}, "no set of crops is named 'nine_crop'"},
      {{"--records", "a", "--rows", "0"}, "must be a whole number from 1 to 100, got 0"},
  };
  for (auto const& one : cases) {
    auto words = one.more;
    words.insert(words.begin(), "preview");
    auto const r = w.run(words);
    INFO(r.err);
    CHECK(r.status == 2);
    CHECK(has(r.err, one.part));
  }
}

}  // namespace program_preview_test
