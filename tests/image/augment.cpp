#include <softf1/image/augment.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "image/pictures.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace image_augment_test {

using namespace softf1_image_test;
using softf1::augmentation;
using softf1::parse_augmentation;
using softf1::preprocessing;
using softf1::random_stream;
using softf1::rgb_image;
using softf1::image::augmentation_steps;
using softf1::image::detail::planes;
using softf1_test::error_text;

random_stream stream(std::uint64_t seed = 1, std::uint64_t epoch = 0, std::uint64_t row = 0) {
  return random_stream(seed, softf1::random_purpose::augment, epoch, row);
}

template <class T = float>
std::vector<T> augmented(rgb_image const& image, augmentation const& what, random_stream const& random,
                         preprocessing const& how = {.image_size = 24, .pixels = softf1::pixel_range::zero_one}) {
  std::size_t const s = how.image_size;
  std::vector<T> out(s * s * 3, T(9));
  softf1::augment(image, what, how, random, softf1::tensor_view<T, 3>(out.data(), {s, s, 3}));
  return out;
}

/// Every step with its defaults, which change images, and the text that makes it do nothing.
struct one_step {
  std::string name, nothing;
};
one_step const every_step[] = {
    {"random_crop:resize=30", ""},
    {"random_resized_crop", ""},
    {"flip", "flip:probability=0"},
    {"rotate", "rotate:degrees=0"},
    {"rand_augment:magnitude=20", "rand_augment:count=0"},
    {"brightness", "brightness:delta=0"},
    {"saturation", "saturation:low=1,high=1"},
    {"contrast", "contrast:low=1,high=1"},
    {"hue:delta=0.2", "hue:delta=0"},
    {"erase:probability=1", "erase:probability=0"},
};

TEST_CASE("every step is a pure function of seed, epoch and row, and stays in range", "[image][augment]") {
  REQUIRE(std::size(every_step) == augmentation_steps::size);
  auto const image = noise(31, 44, 3);
  std::size_t k = 0;
  augmentation_steps::for_each([&]<class Step>() {
    auto const& step = every_step[k++];
    INFO(step.name);
    CHECK(step.name.substr(0, step.name.find(':')) == Step::name);
    auto const what = parse_augmentation(step.name);
    auto const once = augmented(image, what, stream());
    CHECK(augmented(image, what, stream()) == once);
    std::set<std::vector<float>> seen;
    for (std::uint64_t n = 0; n < 8; ++n)
      for (auto const& random : {stream(n), stream(1, n), stream(1, 0, n)}) {
        auto const result = augmented(image, what, random);
        for (float const x : result) REQUIRE((x >= -1e-6f && x <= 1 + 1e-6f));
        auto const levels = augmented<std::uint8_t>(image, what, random);
        for (std::size_t i = 0; i < levels.size(); ++i) REQUIRE(std::abs(levels[i] - result[i] * 255) <= 0.51f);
        seen.insert(result);
      }
    // A flip has two results; of 24 draws, three times (1, 0, 0).
    CHECK(seen.size() >= (Step::name == "flip" ? 2u : 15u));
    if (!step.nothing.empty()) {
      auto const plain = augmented(image, {}, stream());
      auto const nothing = augmented(image, parse_augmentation(step.nothing), stream());
      for (std::size_t i = 0; i < plain.size(); ++i) REQUIRE(nothing[i] == Approx(plain[i]).margin(1e-5));
    }
  });
}

TEST_CASE("no step is the plain preprocessing to the bit, crops of the whole are too", "[image][augment]") {
  auto const image = noise(50, 37, 5);
  for (auto const mode : {softf1::resize_mode::stretch, softf1::resize_mode::crop})
    for (auto const filter : {softf1::resize_filter::antialiased, softf1::resize_filter::bilinear}) {
      preprocessing const how{.image_size = 20, .resize = mode, .filter = filter};
      std::vector<float> plain(20 * 20 * 3);
      softf1::preprocess(image, how, {plain.data(), {20, 20, 3}});
      CHECK(augmented(image, {}, stream(), how) == plain);
      CHECK(augmented(image, parse_augmentation("flip:probability=0+erase:probability=0"), stream(), how) == plain);
      auto const mirrored = augmented(image, parse_augmentation("flip:probability=1"), stream(), how);
      for (std::size_t p = 0; p < 400; ++p)
        for (std::size_t c = 0; c < 3; ++c)
          REQUIRE(mirrored[p * 3 + c] == plain[((p / 20) * 20 + 19 - p % 20) * 3 + c]);
      if (mode == softf1::resize_mode::stretch) {
        CHECK(augmented(image, parse_augmentation("random_crop:resize=20"), stream(), how) == plain);
      }
    }
}

TEST_CASE("a random crop is every square of the resized image alike", "[image][augment]") {
  // 4 out of 6 pixels, stretched: 9 places.
  auto const image = noise(6, 6, 9);
  preprocessing const how{.image_size = 4};
  auto const what = parse_augmentation("random_crop:resize=6");
  std::vector<std::size_t> counts(9);
  for (std::uint64_t row = 0; row < 900; ++row) {
    auto const got = augmented<std::uint8_t>(image, what, stream(0, 0, row), how);
    std::size_t found = 9;
    for (std::size_t place = 0; place < 9; ++place) {
      bool same = true;
      for (std::size_t i = 0; i < 16; ++i)
        same = same && got[i * 3] == image.at(place / 3 + i / 4, place % 3 + i % 4)[0];
      if (same) found = place;
    }
    REQUIRE(found < 9);
    ++counts[found];
  }
  for (auto const n : counts) CHECK((n > 65 && n < 140));
}

TEST_CASE("a random resized crop lies in the image, with a share and a ratio as told", "[image][augment]") {
  rgb_image const image(300, 200);
  preprocessing const how{.image_size = 10};
  softf1::image::random_resized_crop const step{};
  double least = 1, most = 0;
  for (std::uint64_t row = 0; row < 2000; ++row) {
    softf1::image::detail::draws random(stream(0, 0, row), 1);
    auto at = softf1::image::detail::plain_placement(image, how);
    step.place(image, how, random, at);
    REQUIRE((at.top + at.height <= 300 && at.left + at.width <= 200 && at.height > 0 && at.width > 0));
    double const share = double(at.height * at.width) / 60000, ratio = double(at.width) / double(at.height);
    REQUIRE((share > 0.07 && share < 1.01));
    REQUIRE((ratio > 0.7 && ratio < 1.4));
    least = std::min(least, share);
    most = std::max(most, share);
  }
  CHECK(least < 0.1);
  CHECK(most > 0.8);
  // No square is as large as this long image: the middle is taken.
  rgb_image const strip(10, 400);
  softf1::image::detail::draws random(stream(), 1);
  auto at = softf1::image::detail::plain_placement(strip, how);
  softf1::image::random_resized_crop{.scale_low = 1}.place(strip, how, random, at);
  CHECK((at.height == 10 && at.width == 13 && at.left == 193 && at.top == 0));
}

/// One pixel a column, as levels.
std::array<double, 3> after(std::array<float, 3> const& pixel, auto const& change) {
  planes image(1);
  for (std::size_t c = 0; c < 3; ++c) image.plane(c)[0] = pixel[c];
  change(image);
  return {image.plane(0)[0], image.plane(1)[0], image.plane(2)[0]};
}

TEST_CASE("colours are those of tf.image", "[image][augment]") {
  using namespace softf1::image;
  // By hand from rgb -> hsv -> rgb; hue 0 is red, a third is green.
  struct {
    char what;
    double by;
    std::array<float, 3> from;
    std::array<double, 3> to;
  } const cases[] = {
      {'b', 0.1, {10, 20, 250}, {35.5, 45.5, 275.5}},
      {'b', -0.1, {10, 20, 250}, {-15.5, -5.5, 224.5}},
      {'s', 0.5, {200, 100, 50}, {200, 150, 125}},
      {'s', 1.2, {200, 100, 50}, {200, 80, 20}},
      {'s', 1.5, {200, 100, 50}, {200, 66.6666667, 0}},  // saturation 0.75 becomes 1, not 1.125
      {'s', 0, {200, 100, 50}, {200, 200, 200}},
      {'s', 1.5, {70, 70, 70}, {70, 70, 70}},
      {'s', 2, {0, 0, 0}, {0, 0, 0}},
      {'h', 1.0 / 3, {200, 100, 50}, {50, 200, 100}},
      {'h', -1.0 / 3, {200, 100, 50}, {100, 50, 200}},
      {'h', 0.5, {200, 100, 50}, {50, 150, 200}},
      {'h', 1.0 / 12, {255, 0, 0}, {255, 127.5, 0}},
      {'h', -1.0 / 12, {255, 0, 0}, {255, 0, 127.5}},
      {'h', 0.25, {0, 0, 240}, {240, 0, 120}},
      {'h', 0.3, {80, 80, 80}, {80, 80, 80}},
      {'c', 0.5, {200, 100, 50}, {200, 100, 50}},  // one pixel is its own mean
  };
  for (auto const& one : cases) {
    CAPTURE(one.what, one.by);
    auto const got = after(one.from, [&](planes& image) {
      if (one.what == 'b') brightness::shift(one.by, image);
      if (one.what == 's') saturation::scale(one.by, image);
      if (one.what == 'c') contrast::scale(one.by, image);
      if (one.what == 'h') hue::turn(one.by, image);
    });
    for (std::size_t c = 0; c < 3; ++c) CHECK(got[c] == Approx(one.to[c]).margin(2e-3));
  }
  planes image(2);
  for (std::size_t k = 0; k < 12; ++k) image.values[k] = static_cast<float>(10 * k + (k == 3 ? 40 : 0));
  contrast::scale(1.5, image);
  // The means are 25, 55 and 95.
  double const expected[] = {-12.5, 2.5, 17.5, 92.5, 32.5, 47.5, 62.5, 77.5, 72.5, 87.5, 102.5, 117.5};
  for (std::size_t k = 0; k < 12; ++k) CHECK(image.values[k] == Approx(expected[k]));
}

TEST_CASE("a turn is counter-clockwise about the middle", "[image][augment]") {
  planes image(5);
  std::fill_n(image.values.get(), 75, 0.0f);
  for (std::size_t c = 0; c < 3; ++c) image.plane(c)[2 * 5 + 4] = 100;  // on the right
  softf1::image::detail::move_pixels(image, softf1::image::detail::turned(90));
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t k = 0; k < 25; ++k) CHECK(image.plane(c)[k] == Approx(k == 2 ? 100 : 0).margin(1e-3));  // on top
}

TEST_CASE("erasing covers one rectangle of about the share", "[image][augment]") {
  auto const image = noise(24, 24, 4);
  auto const plain = augmented<std::uint8_t>(image, {}, stream());
  auto const what = parse_augmentation("erase:probability=1,share_low=0.2,share_high=0.25,ratio=2");
  for (std::uint64_t row = 0; row < 50; ++row) {
    auto const got = augmented<std::uint8_t>(image, what, stream(0, 0, row));
    std::size_t top = 24, bottom = 0, left = 24, right = 0;
    for (std::size_t p = 0; p < 576; ++p)
      if (!std::equal(&got[p * 3], &got[p * 3] + 3, &plain[p * 3])) {
        top = std::min(top, p / 24), bottom = std::max(bottom, p / 24 + 1);
        left = std::min(left, p % 24), right = std::max(right, p % 24 + 1);
      }
    double const share = double((bottom - top) * (right - left)) / 576;
    CHECK((share > 0.15 && share < 0.3));
    for (std::size_t y = top; y < bottom; ++y)
      for (std::size_t x = left; x < right; ++x) REQUIRE(got[(y * 24 + x) * 3] == 128);
  }
}

TEST_CASE("steps draw each for itself, and their order means nothing", "[image][augment]") {
  auto const image = noise(40, 40, 6);
  auto const text = "random_crop:resize=30+flip+hue:delta=0.1+contrast+erase";
  CHECK(augmented(image, parse_augmentation(text), stream()) ==
        augmented(image, parse_augmentation("erase+contrast+hue:delta=0.1+flip+random_crop:resize=30"), stream()));
  // The place of the crop is the same with and without other steps.
  auto const crop = augmented(image, parse_augmentation("random_crop:resize=30"), stream());
  CHECK(augmented(image, parse_augmentation("random_crop:resize=30+brightness:delta=0+erase:probability=0"),
                  stream()) == crop);
  // Two steps with a probability of one half each: all four cases come alike.
  auto const what = parse_augmentation("flip+erase");
  std::size_t cases[4] = {};
  for (std::uint64_t row = 0; row < 400; ++row) {
    softf1::image::detail::augmenting const at_image(what, stream(0, 0, row));
    planes pixels(8);
    std::fill_n(pixels.values.get(), 192, 0.0f);
    at_image.change(pixels);
    bool const erased = std::count(pixels.values.get(), pixels.values.get() + 192, 127.5f) > 0;
    ++cases[2 * erased + at_image.place(image, {.image_size = 8}).is_mirrored];
  }
  for (auto const n : cases) CHECK((n > 60 && n < 140));
}

TEST_CASE("augmentations are texts both ways, and what means nothing is refused", "[image][augment]") {
  auto const tutorial = to_text(softf1::tutorial_augmentation());
  CHECK(tutorial ==
        "random_crop:resize=255+flip:probability=0.5+brightness:delta=0.12549019607843137+saturation:low=0.5,high=1.5+"
        "contrast:low=0.5,high=1.5+hue:delta=0.032");
  CHECK(to_text(parse_augmentation("tutorial")) == tutorial);
  CHECK(to_text(parse_augmentation(tutorial)) == tutorial);
  CHECK(to_text(parse_augmentation("tutorial+rotate:degrees=5")) == tutorial + "+rotate:degrees=5");
  CHECK(to_text(parse_augmentation("none")) == "none");
  struct {
    std::string text, sentence;
  } const cases[] = {
      {"flip+flip", "augmentation: flip is given twice"},
      {"tutorial+flip", "augmentation: flip is given twice"},
      {"random_crop+random_resized_crop", "augmentation: random_crop and random_resized_crop exclude each other"},
      {"tutorial:resize=3", "tutorial: it takes no options"},
      {"flip:p=1", "flip has no option 'p', it has probability"},
      {"random_crop:resize=1.5", "random_crop: resize must be a whole number from 0 to 65535, got 1.5"},
      {"saturation:low=2", "saturation: 0 <= low <= high <= 100 must hold, got 2 and 1.5"},
      {"erase:share_low=nan", "erase: 0 < share_low <= share_high <= 1 must hold, got nan and 0.3333333333333333"},
  };
  for (auto const& one : cases)
    CHECK(error_text<softf1::value_error>([&] { parse_augmentation(one.text); }) == one.sentence);
  CHECK(error_text<softf1::value_error>([] {
          augmented(noise(9, 9, 1), parse_augmentation("random_crop:resize=20"), stream());
        }) == "random_crop: images must be resized to at least the size of their crops, 24, got 20");
}

}  // namespace image_augment_test
