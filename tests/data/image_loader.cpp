#include <softf1/data/image_loader.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/image/encode.hpp>
#include <softf1/io/atomic_writer.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace data_image_loader_test {

using softf1::image_batch;
using softf1::image_failure;
using softf1::image_loader;
using softf1_test::error_text;

/// Files 0.png, 1.jpg, 2.png, … of random pixels and sizes.
std::vector<std::string> make_files(softf1_test::temp_directory const& folder, std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t k = 0; k < count; ++k) {
    softf1::random_stream const random(17, softf1::random_purpose::test, k);
    softf1::rgb_image image(4 + random.below(0, 30), 4 + random.below(1, 30));
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      image.pixels[i] = static_cast<std::uint8_t>(random.bits(8 + i) & 0xff);
    paths.push_back((folder / (std::to_string(k) + (k % 2 ? ".jpg" : ".png"))).string());
    softf1::write_atomically(paths.back(), k % 2 ? softf1::encode_jpeg(image) : softf1::encode_png(image));
  }
  return paths;
}

struct everything {
  std::vector<std::vector<std::size_t>> indices;  // by batch
  std::vector<float> pixels;
  std::vector<image_failure> failures;
};

everything load_all(std::vector<std::string> const& paths, softf1::image_loader_options const& options) {
  everything all;
  image_loader loader(paths, options);
  std::size_t const side = options.preprocessing.image_size;
  for (image_batch batch; loader.next(batch);) {
    CHECK(batch.pixels.shape() == std::array<std::size_t, 4>{batch.indices.size(), side, side, 3});
    CHECK(batch.pixels.is_dense());
    CHECK(batch.bytes.data() == nullptr);
    all.indices.push_back(batch.indices);
    all.pixels.insert(all.pixels.end(), batch.pixels.data(), batch.pixels.data() + batch.pixels.size());
  }
  all.failures = loader.failures();
  image_batch after;
  CHECK_FALSE(loader.next(after));
  CHECK(after.indices.empty());
  return all;
}

TEST_CASE("images come in order, with the same bits for any number of threads", "[data][image_loader]") {
  softf1_test::temp_directory const folder;
  auto const paths = make_files(folder, 23);
  std::vector<float> expected(23 * 8 * 8 * 3);
  for (std::size_t k = 0; k < 23; ++k)
    softf1::preprocess(softf1::read_image(paths[k]), {.image_size = 8}, {&expected[k * 192], {8, 8, 3}});
  for (int const threads : {0, 1, 2, 3, 8})
    for (std::size_t const batch_size : {1u, 5u, 23u, 100u})
      for (std::size_t const prefetch : {0u, 1u, 9u}) {
        CAPTURE(threads, batch_size, prefetch);
        auto const all = load_all(
            paths,
            {.preprocessing = {.image_size = 8}, .batch_size = batch_size, .prefetch = prefetch, .threads = threads});
        CHECK(all.pixels == expected);
        CHECK(all.failures.empty());
        CHECK(all.indices.size() == (23 + batch_size - 1) / batch_size);
        std::size_t next = 0;
        for (auto const& batch : all.indices)
          for (std::size_t const index : batch) CHECK(index == next++);
        CHECK(next == 23);
      }
}

TEST_CASE("files that fail are left out and told", "[data][image_loader]") {
  softf1_test::temp_directory const folder;
  auto paths = make_files(folder, 10);
  auto const good = paths;
  paths[1] = (folder / "missing.jpg").string();
  paths[4] = (folder / "broken.png").string();
  softf1::write_atomically(paths[4], "no image");
  paths[5] = folder.path().string();
  paths[9] = (folder / "also missing.jpg").string();
  std::vector<image_failure> const expected = {
      {1, "read_image: cannot open " + paths[1] + ": no such file or directory"},
      {4, "decode: " + paths[4] + ": expected a JPEG, PNG, BMP or GIF file, got something else"},
      {5, "read_image: cannot read " + paths[5] + ": is a directory"},
      {9, "read_image: cannot open " + paths[9] + ": no such file or directory"},
  };
  for (int const threads : {1, 2, 3, 8})
    for (bool const pairs : {true, false}) {
      softf1::image_loader_options const options{
          .preprocessing = {.image_size = 6}, .batch_size = pairs ? 2u : 5u, .threads = threads};
      auto const all = load_all(paths, options);
      using batches = std::vector<std::vector<std::size_t>>;
      CHECK(all.indices == (pairs ? batches{{0}, {2, 3}, {}, {6, 7}, {8}} : batches{{0, 2, 3}, {6, 7, 8}}));
      CHECK(all.failures == expected);
      auto const whole = load_all(good, options);
      std::vector<float> without;
      for (std::size_t const k : {0u, 2u, 3u, 6u, 7u, 8u})
        without.insert(without.end(), &whole.pixels[k * 108], &whole.pixels[k * 108] + 108);
      CHECK(all.pixels == without);
    }
}

TEST_CASE("a loader of bytes gives what preprocess gives as bytes, without the files that fail",
          "[data][image_loader]") {
  softf1_test::temp_directory const folder;
  auto paths = make_files(folder, 7);
  std::vector<std::uint8_t> expected(7 * 192);
  for (std::size_t k = 0; k < 7; ++k)
    softf1::preprocess(softf1::read_image(paths[k]), {.image_size = 8},
                       softf1::tensor_view<std::uint8_t, 3>(&expected[k * 192], {8, 8, 3}));
  paths.insert(paths.begin() + 2, "/none");
  for (int const threads : {1, 3}) {
    image_loader loader(paths,
                        {.preprocessing = {.image_size = 8}, .batch_size = 4, .threads = threads, .bytes = true});
    std::vector<std::uint8_t> all;
    std::vector<std::size_t> counts;
    for (image_batch batch; loader.next(batch);) {
      CHECK(batch.pixels.data() == nullptr);
      REQUIRE(batch.bytes.shape() == std::array<std::size_t, 4>{batch.indices.size(), 8, 8, 3});
      counts.push_back(batch.indices.size());
      all.insert(all.end(), batch.bytes.data(), batch.bytes.data() + batch.bytes.size());
    }
    CHECK(counts == std::vector<std::size_t>{3, 4});
    CHECK(all == expected);
    CHECK(loader.failures().size() == 1);
  }
}

TEST_CASE("failures are those of the batches given so far", "[data][image_loader]") {
  image_loader loader({"/none/a", "/none/b", "/none/c"}, {.preprocessing = {.image_size = 2}, .batch_size = 2});
  image_batch batch;
  CHECK(loader.batches() == 2);
  CHECK(loader.failures().empty());
  CHECK(loader.next(batch));
  CHECK(loader.failures().size() == 2);
  CHECK(loader.next(batch));
  CHECK(loader.failures().size() == 3);
}

TEST_CASE("an empty list has no batches", "[data][image_loader]") {
  image_loader loader({});
  image_batch batch;
  CHECK(loader.size() == 0);
  CHECK_FALSE(loader.next(batch));
  CHECK(loader.failures().empty());
}

TEST_CASE("a loader that is dropped early does not read on", "[data][image_loader]") {
  softf1_test::temp_directory const folder;
  auto const file = make_files(folder, 1).front();
  std::vector<std::string> const paths(100000, file);
  for (int const given : {0, 1, 3})
    for (int const threads : {1, 4}) {
      image_loader loader(paths, {.preprocessing = {.image_size = 4}, .batch_size = 8, .threads = threads});
      image_batch batch;
      for (int k = 0; k < given; ++k) CHECK(loader.next(batch));
      auto const before = std::chrono::steady_clock::now();
      { image_loader const dropped(paths, {.preprocessing = {.image_size = 4}, .batch_size = 8}); }
      // All 100,000 would take far longer.
      CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
    }
}

TEST_CASE("options that mean nothing are refused", "[data][image_loader]") {
  CHECK(error_text<softf1::value_error>([] { image_loader({}, {.batch_size = 0}); }) ==
        "image_loader: batch_size must be at least 1, got 0");
  CHECK(error_text<softf1::value_error>([] { image_loader({}, {.preprocessing = {.image_size = 0}}); }) ==
        "image_loader: image_size must be at least 1, got 0");
  CHECK(error_text<softf1::value_error>([] { image_loader({}, {.threads = -1}); }) ==
        "image_loader: threads must be at least 0, got -1");
}

}  // namespace data_image_loader_test
