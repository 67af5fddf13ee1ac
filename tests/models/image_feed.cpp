#include <softf1/models/image_feed.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

namespace image_feed_tests {

using namespace small_models;
namespace data = softf1::data;

constexpr std::size_t side = 8, dimension = side * side * 3;

/// Pixels are their own features.
batch_extractor pixels_as_they_are() {
  batch_extractor e;
  e.input.image_size = side;
  e.dimension = dimension;
  e.run = [](data::image_batch const& images, softf1::matrix_view<float> to) {
    std::copy(images.pixels.data(), images.pixels.data() + to.size(), to.data());
  };
  return e;
}

/// Six pictures, of which the last five are the training rows.
struct pictures {
  softf1_test::temp_directory folder;
  std::shared_ptr<data::image_source const> source;
  batch_extractor const extractor = pixels_as_they_are();

  pictures() {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < 6; ++i) {
      paths.push_back((folder / (std::to_string(i) + ".png")).string());
      put_picture(paths[i], picture(i));
    }
    source = std::make_shared<data::image_files>(paths);
  }

  std::unique_ptr<image_feed> feed(data::cache_kind kind, int threads) const {
    data::image_loader_options how{
        .threads = threads, .augmentation = softf1::image::parse_augmentation("random_resized_crop+flip"), .seed = 3};
    if (kind != data::cache_kind::none) how.cache = std::make_shared<data::image_cache>(kind, 1 << 20);
    return std::make_unique<image_feed>(extractor, source, std::vector<std::size_t>{1, 2, 3, 4, 5}, how);
  }
};

/// As a sampler draws them: seven rows of five, with repeats within a batch and over batches of three.
std::vector<std::uint64_t> const order{4, 1, 4, 0, 4, 1, 2};
constexpr std::size_t batch = 3;

/// The features of an epoch from one of its batches on.
std::vector<float> rest_of(image_feed& feed, std::size_t epoch, std::size_t done = 0) {
  std::size_t const first = done * batch;
  std::vector<float> all((order.size() - first) * dimension);
  feed.begin({epoch, order, first, batch});
  for (std::size_t at = first; at < order.size(); at += batch)
    feed.load({&all[(at - first) * dimension], std::min(batch, order.size() - at), dimension});
  return all;
}

std::vector<float> row_of(std::vector<float> const& all, std::size_t place) {
  auto const at = all.begin() + static_cast<std::ptrdiff_t>(place * dimension);
  return {at, at + static_cast<std::ptrdiff_t>(dimension)};
}

}  // namespace image_feed_tests

TEST_CASE("images that are drawn more than once are augmented anew, and a run that goes on meets the same",
          "[models][image_feed]") {
  using namespace image_feed_tests;
  using enum data::cache_kind;
  pictures const p;
  auto const plain = p.feed(none, 1);
  auto const first = rest_of(*plain, 1), second = rest_of(*plain, 2);
  CHECK(second != first);
  for (auto const& [a, b] : std::vector<std::pair<std::size_t, std::size_t>>{{0, 2}, {0, 4}, {2, 4}, {1, 5}, {0, 1}})
    CHECK(row_of(first, a) != row_of(first, b));
  for (auto const kind : {none, encoded, decoded})
    for (int const threads : {1, 3}) {
      INFO("cache " << static_cast<int>(kind) << ", " << threads << " threads");
      auto const feed = p.feed(kind, threads);
      // The second epoch finds what the first one kept.
      CHECK(rest_of(*feed, 1) == first);
      CHECK(rest_of(*feed, 2) == second);
      for (std::size_t done = 1; done <= 2; ++done) {
        INFO("after " << done << " batches");
        std::vector<float> const expected(second.begin() + static_cast<std::ptrdiff_t>(done * batch * dimension),
                                          second.end());
        CHECK(rest_of(*p.feed(kind, threads), 2, done) == expected);
        CHECK(rest_of(*feed, 2, done) == expected);
      }
    }
}
