#include <softf1/data/image_loader.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>

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

/// Pixels of everything that a loader gives, as floats or levels.
template <class T>
std::vector<T> pixels_of(image_loader& loader) {
  std::vector<T> all;
  for (image_batch batch; loader.next(batch);) {
    if constexpr (sizeof(T) == 1)
      all.insert(all.end(), batch.bytes.data(), batch.bytes.data() + batch.bytes.size());
    else
      all.insert(all.end(), batch.pixels.data(), batch.pixels.data() + batch.pixels.size());
  }
  return all;
}

TEST_CASE("rows of a source come in the order wanted, augmented alike by any threads, prefetching and cache",
          "[data][image_loader]") {
  softf1_test::temp_directory const folder;
  auto const paths = make_files(folder, 9);
  auto const source = std::make_shared<softf1::image_files const>(paths);
  std::vector<std::size_t> const rows{7, 2, 2, 0, 8, 2, 5};
  std::size_t const repeats[] = {0, 0, 1, 0, 0, 2, 0};
  softf1::preprocessing const how{.image_size = 8};
  auto const what = softf1::parse_augmentation("random_crop:resize=10+flip+contrast+hue:delta=0.2");
  std::vector<float> expected(rows.size() * 192);
  for (std::size_t k = 0; k < rows.size(); ++k)
    softf1::augment(
        softf1::read_image(paths[rows[k]]), what, how,
        softf1::random_stream(5, softf1::random_purpose::augment, 3, rows[k] + (std::uint64_t{repeats[k]} << 40)),
        softf1::tensor_view<float, 3>(&expected[k * 192], {8, 8, 3}));
  for (auto const kind :
       {softf1::cache_kind::none, softf1::cache_kind::encoded, softf1::cache_kind::decoded, softf1::cache_kind::mapped})
    for (std::size_t const limit : {std::size_t{2000}, std::size_t{1} << 20}) {
      auto const cache = std::make_shared<softf1::image_cache>(kind, limit);
      for (int const threads : {0, 1, 3})
        for (std::size_t const prefetch : {std::size_t{1}, softf1::automatic_prefetch}) {
          image_loader loader(source, rows,
                              {.preprocessing = how,
                               .batch_size = 2,
                               .prefetch = prefetch,
                               .threads = threads,
                               .augmentation = what,
                               .seed = 5,
                               .epoch = 3,
                               .cache = cache});
          CHECK(pixels_of<float>(loader) == expected);
          CHECK(loader.rows() == rows);
        }
      CHECK(cache->bytes() <= limit);
      if (kind != softf1::cache_kind::none && limit > 2000) {
        CHECK(cache->images() == 5);
        CHECK(cache->hits() > cache->misses());
        CHECK(cache->misses() >= 5);
      }
    }
  softf1::image_loader_options const options{.preprocessing = how, .augmentation = what, .seed = 5, .epoch = 4};
  image_loader other_epoch(source, rows, options);
  CHECK(pixels_of<float>(other_epoch) != expected);
}

TEST_CASE("crops of an image lie together, without those of images that fail", "[data][image_loader]") {
  softf1_test::temp_directory const folder;
  auto paths = make_files(folder, 4);
  auto const list = softf1::parse_crops("ten_crop:resize=9");
  softf1::preprocessing const how{.image_size = 8};
  std::vector<std::uint8_t> expected(4 * 1920);
  for (std::size_t k = 0; k < 4; ++k)
    softf1::image::crops(softf1::read_image(paths[k]), list, how,
                         softf1::tensor_view<std::uint8_t, 4>(&expected[k * 1920], {10, 8, 8, 3}));
  paths.insert(paths.begin() + 1, "/none");
  image_loader loader(paths, {.preprocessing = how, .batch_size = 3, .bytes = true, .crops = list});
  image_batch batch;
  REQUIRE(loader.next(batch));
  CHECK(batch.indices == std::vector<std::size_t>{0, 2});
  CHECK(batch.crops == 10);
  CHECK(batch.bytes.shape() == std::array<std::size_t, 4>{20, 8, 8, 3});
  std::vector<std::uint8_t> all(batch.bytes.data(), batch.bytes.data() + batch.bytes.size());
  auto const rest = pixels_of<std::uint8_t>(loader);
  all.insert(all.end(), rest.begin(), rest.end());
  CHECK(all == expected);
}

/// Images of one pixel that take a while.
class slow_images final : public softf1::image_source {
 public:
  explicit slow_images(std::chrono::milliseconds pause) : pause_(pause), file_(softf1::encode_png({1, 1})) {}
  std::size_t size() const override { return 400; }
  std::string name(std::size_t) const override { return "slow"; }
  std::span<std::byte const> read(std::size_t, std::vector<std::byte>&) const override {
    std::this_thread::sleep_for(pause_);
    return file_;
  }

 private:
  std::chrono::milliseconds pause_;
  std::vector<std::byte> file_;
};

TEST_CASE("more is read ahead where the consumer waits, fewer workers run where it does not", "[data][image_loader]") {
  std::vector<std::size_t> rows(200);
  softf1::image_loader_options options{
      .preprocessing = {.image_size = 1}, .batch_size = 4, .prefetch = softf1::automatic_prefetch};
  image_batch batch;
  {
    image_loader loader(std::make_shared<slow_images>(std::chrono::milliseconds(1)), rows, options);
    CHECK(loader.prefetch() == 2);
    while (loader.next(batch)) CHECK(loader.prefetch() <= 16);
    CHECK(loader.prefetch() > 2);
    auto const profile = loader.profile();
    CHECK(profile.images == 200);
    CHECK(profile.read >= 0.2);
    CHECK(profile.consumer_waited > 0);
    CHECK(profile.images_per_second() == Approx(200 / profile.elapsed));
  }
  // Each batch takes 12 bytes as bytes: room for four of them.
  options.bytes = true;
  options.max_batch_bytes = 48;
  {
    image_loader loader(std::make_shared<slow_images>(std::chrono::milliseconds(1)), rows, options);
    while (loader.next(batch)) CHECK(loader.prefetch() <= 3);
  }
  {
    image_loader loader(std::make_shared<slow_images>(std::chrono::milliseconds(0)), rows, options);
    std::size_t const all = loader.active_workers();
    CHECK(all == std::max(1u, std::thread::hardware_concurrency()));
    for (int k = 0; k < 20 && loader.next(batch); ++k) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK((loader.active_workers() < all || all == 1));
    CHECK(loader.profile().workers_waited > 0);
  }
}

TEST_CASE("profiles add up and are told in lines", "[data][image_loader]") {
  softf1::input_profile profile{.images = 10,
                                .read = 0.001,
                                .decode = 0.02,
                                .transform = 0.005,
                                .consumer_waited = 0.5,
                                .workers_waited = 0.1,
                                .elapsed = 1};
  CHECK(profile.slowest() == "decode");
  CHECK(softf1::input_profile{.read = 3, .decode = 2, .consumer_waited = 1, .elapsed = 19}.slowest() == "read");
  CHECK(softf1::input_profile{.decode = 2, .transform = 3, .consumer_waited = 1, .elapsed = 19}.slowest() ==
        "transform");
  CHECK(softf1::input_profile{.read = 3, .consumer_waited = 1, .elapsed = 21}.slowest() == "consumer");
  profile += profile;
  CHECK(to_text(profile) ==
        "input: 20 images in 2.00 s, 10.0 images/s\n"
        "  read          100.0 us an image\n"
        "  decode       2000.0 us an image\n"
        "  transform     500.0 us an image\n"
        "  waited: the consumer 1.00 s, the workers 0.20 s\n"
        "  slowest: decode\n");
  profile.cache = "5 images";
  CHECK(to_text(profile += softf1::input_profile{}).ends_with("decode\n  cache: 5 images\n"));
}

TEST_CASE("sources, rows and caches that do not fit are refused", "[data][image_loader]") {
  auto const source = std::make_shared<softf1::image_files const>(std::vector<std::string>{"a", "b"});
  auto const text = [&](std::shared_ptr<softf1::image_source const> const& from, std::vector<std::size_t> rows,
                        softf1::image_loader_options const& options) {
    return error_text<softf1::value_error>([&] { image_loader(from, std::move(rows), options); });
  };
  CHECK(text(nullptr, {}, {}) == "image_loader: expected a source of images, got none");
  CHECK(text(source, {1, 2}, {}) == "image_loader: rows must be below 2, got 2 at place 1");
  CHECK(text(source, {0}, {.augmentation = softf1::tutorial_augmentation(), .crops = softf1::parse_crops("flip")}) ==
        "image_loader: an augmentation and crops exclude each other");
  CHECK(text(source, {0}, {.augmentation = {{softf1::image::flip{2}}}}) ==
        "flip: probability must lie in [0, 1], got 2");
  auto const cache = std::make_shared<softf1::image_cache>(softf1::cache_kind::decoded, 1000);
  { image_loader const first(source, {0}, {.cache = cache}); }
  CHECK(text(std::make_shared<softf1::image_files const>(std::vector<std::string>{"a"}), {0}, {.cache = cache}) ==
        "image_cache: it holds images of another source or of other decode options; each needs a cache of its own");
  CHECK(error_text<softf1::value_error>([] { softf1::data::parse_cache_kind("disk"); }) ==
        "no kind of cache is named 'disk', there are none, encoded, decoded, mapped");
}

TEST_CASE("a mapped cache has a file without a name, and a disk that is full ends only the keeping",
          "[data][image_loader]") {
  softf1_test::temp_directory const folder, images;
  auto const paths = make_files(images, 6);
  softf1::image_loader_options options{.preprocessing = {.image_size = 8}};
  auto const expected = load_all(paths, options).pixels;
  auto const cached = [&](rlim_t file_size) {
    auto const before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit all{};
    ::getrlimit(RLIMIT_FSIZE, &all);
    rlimit const less{std::min(file_size, all.rlim_max), all.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &less);
    options.cache =
        std::make_shared<softf1::image_cache>(softf1::cache_kind::mapped, std::size_t{1} << 20, folder.path().string());
    auto const source = std::make_shared<softf1::image_files const>(paths);
    for (int pass = 0; pass < 2; ++pass) {
      image_loader loader(source, {0, 1, 2, 3, 4, 5}, options);
      CHECK(pixels_of<float>(loader) == expected);
      CHECK(loader.failures().empty());
      CHECK(loader.profile().cache == to_text(*options.cache));
    }
    ::setrlimit(RLIMIT_FSIZE, &all);
    std::signal(SIGXFSZ, before);
    CHECK(std::filesystem::is_empty(folder.path()));
    return options.cache;
  };
  auto const whole = cached(RLIM_INFINITY);
  CHECK(whole->images() == 6);
  CHECK(whole->hits() == 6);
  CHECK(whole->trouble().empty());
  auto const none = cached(1000);
  CHECK(none->images() == 0);
  CHECK(none->bytes() == 0);
  CHECK(none->trouble() == "image_cache: cannot write to a file in " + folder.path().string() + ": file too large");
  CHECK(to_text(*none) == "0 images in 0.0 MB, found 0 times, no more since: " + none->trouble());
  CHECK(error_text<softf1::io_error>([] { softf1::image_cache(softf1::cache_kind::mapped, 1, "/none"); }) ==
        "image_cache: cannot create a file in /none: no such file or directory");
}

}  // namespace data_image_loader_test
