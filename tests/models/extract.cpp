#include <softf1/models/extract.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace extract_tests {

using namespace small_models;
using softf1::data::feature_cache;

/// Ten pictures, of which the fourth and the last cannot be read.
struct pictures {
  softf1_test::temp_directory folder;
  std::vector<std::string> paths = {}, ids = {};
  extractor const e = small_extractor();

  pictures() {
    for (std::size_t i = 0; i < 10; ++i) {
      ids.push_back("id" + std::to_string(i));
      paths.push_back((folder / (ids[i] + ".png")).string());
      if (i == 3)
        put_bytes(paths[i], "no image");
      else if (i < 9)
        put_picture(paths[i], picture(i));
    }
  }

  extracted_features extract(extract_options const& options = {}, int threads = 2) const {
    context ctx({.threads = threads});
    return extract_features(ctx, e, paths, ids, options);
  }
  std::string cache_folder() const { return (folder / "cache").string(); }
  feature_cache cache() const { return {cache_folder(), cache_key(e, "there"), e.dimension()}; }
};

std::vector<std::size_t> const readable{0, 1, 2, 4, 5, 6, 7, 8};

void check_complete(extracted_features const& f, pictures const& p) {
  CHECK(f.rows == readable);
  CHECK(f.dimension == 1280);
  CHECK(f.values.size() == 8 * 1280);
  CHECK(f.view().rows() == 8);
  CHECK_FALSE(f.stopped);
  REQUIRE(f.failures.size() == 2);
  CHECK(f.failures[0].index == 3);
  CHECK(f.failures[1].index == 9);
  for (auto const& failure : f.failures) CHECK(failure.reason.find(p.paths[failure.index]) != std::string::npos);
}

TEST_CASE("extract_features gives each image its features, whatever the batches and threads") {
  pictures const p;
  auto const whole = p.extract();
  check_complete(whole, p);
  CHECK(whole.cached == 0);
  context ctx({.threads = 1});
  std::vector<float> pixels(32 * 32 * 3), features(1280);
  for (std::size_t k = 0; k < readable.size(); ++k) {
    softf1::image::preprocess(picture(readable[k]), p.e.input(), {pixels.data(), {32, 32, 3}});
    p.e.run(ctx, {pixels.data(), {1, 32, 32, 3}}, {features.data(), 1, 1280});
    CHECK(features == std::vector<float>(&whole.values[k * 1280], &whole.values[k * 1280] + 1280));
  }
  for (std::size_t batch : {1u, 3u, 10u})
    for (int threads : {1, 3}) {
      auto const again = p.extract({.batch_size = batch}, threads);
      check_complete(again, p);
      CHECK(again.values == whole.values);
    }
}

TEST_CASE("a second extraction takes what the cache has") {
  pictures const p;
  auto const plain = p.extract();
  for (std::size_t run = 0; run < 3; ++run) {
    auto cache = p.cache();
    auto const f = p.extract({.batch_size = 3, .cache = &cache});
    check_complete(f, p);
    CHECK(f.values == plain.values);
    CHECK(f.cached == (run == 0 ? 0 : 8));
  }
  // A file with another content is read again.
  put_picture(p.paths[5], picture(77));
  std::filesystem::last_write_time(p.paths[5], std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  auto cache = p.cache();
  auto const f = p.extract({.cache = &cache});
  CHECK(f.cached == 7);
  for (std::size_t k = 0; k < 8; ++k)
    CHECK(std::equal(f.values.begin() + static_cast<std::ptrdiff_t>(k * 1280),
                     f.values.begin() + static_cast<std::ptrdiff_t>((k + 1) * 1280),
                     plain.values.begin() + static_cast<std::ptrdiff_t>(k * 1280)) == (f.rows[k] != 5));
}

TEST_CASE("an extraction that was stopped goes on from there") {
  pictures const p;
  auto const plain = p.extract();
  std::vector<std::vector<std::size_t>> heard;
  {
    auto cache = p.cache();
    std::size_t asked = 0;
    auto const f = p.extract({.batch_size = 3,
                              .cache = &cache,
                              .progress = [&](std::size_t done, std::size_t of) { heard.push_back({done, of}); },
                              .stop_requested = [&] { return ++asked == 2; }});
    CHECK(f.stopped);
    CHECK(f.rows == std::vector<std::size_t>{0, 1, 2, 4, 5});
    CHECK(f.failures.size() == 1);
    CHECK(std::equal(f.values.begin(), f.values.end(), plain.values.begin()));
    CHECK(heard == std::vector<std::vector<std::size_t>>{{3, 10}, {6, 10}});
  }
  auto cache = p.cache();
  heard.clear();
  auto const f = p.extract({.batch_size = 3, .cache = &cache, .progress = [&](std::size_t done, std::size_t of) {
                              heard.push_back({done, of});
                            }});
  check_complete(f, p);
  CHECK(f.cached == 5);
  CHECK(f.values == plain.values);
  CHECK(heard == std::vector<std::vector<std::size_t>>{{3, 5}, {5, 5}});

  // Asked behind the last batch, there is nothing to stop.
  CHECK_FALSE(p.extract({.stop_requested = [] { return true; }}).stopped);
}

TEST_CASE("cache keys tell extractors and folders apart") {
  auto const a = small_extractor(1), b = small_extractor(2);
  CHECK(cache_key(a, "x") == cache_key(a, "x"));
  CHECK(cache_key(a, "x") != cache_key(b, "x"));
  CHECK(cache_key(a, "x") != cache_key(a, "y"));
}

TEST_CASE("extract_features takes no images, and refuses another number of ids") {
  pictures const p;
  context ctx;
  auto const f = extract_features(ctx, p.e, {}, {});
  CHECK(f.rows.empty());
  CHECK(f.dimension == 1280);
  CHECK(softf1_test::error_text<softf1::shape_error>([&] { extract_features(ctx, p.e, p.paths, {"a"}); }) ==
        "extract_features: ids must have shape (10,), got (1,)");
}

}  // namespace extract_tests
