#include <softf1/models/score_images.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace score_images_tests {

using namespace small_models;
using softf1::image::parse_crops;

/// Encoded pictures, of which the fourth cannot be read.
class encoded_pictures final : public softf1::image_source {
 public:
  std::size_t size() const override { return 7; }
  std::string name(std::size_t i) const override { return "picture " + std::to_string(i); }
  std::span<std::byte const> read(std::size_t i, std::vector<std::byte>& memory) const override {
    if (i == 3)
      memory.assign(5, std::byte{1});
    else
      memory = softf1::image::encode_png(picture(i));
    return memory;
  }
};

/// A linear head of two labels.
void head(softf1::matrix_view<const float> x, softf1::matrix_view<float> z) {
  for (std::size_t i = 0; i < x.rows(); ++i)
    for (std::size_t j = 0; j < 2; ++j) {
      z(i, j) = 0;
      for (std::size_t k = 0; k < x.cols(); ++k) z(i, j) += x(i, k) * static_cast<float>((k * 7 + 3 * j) % 5) - 0.01f;
    }
}

struct set {
  context ctx{{.threads = 2}};
  extractor const e = small_extractor();
  batch_extractor const batches = batches_of(ctx, e);
  std::shared_ptr<encoded_pictures const> images = std::make_shared<encoded_pictures>();

  scored_images score(score_images_options const& options = {}) const {
    return score_images(batches, head, 2, images, options);
  }

  /// The logits of each crop of one picture, by hand.
  std::vector<float> logits_of(std::size_t i, softf1::crop_list const& list) {
    std::size_t const c = list.count();
    std::vector<float> pixels(c * 32 * 32 * 3), features(c * e.dimension()), logits(c * 2);
    softf1::image::crops(picture(i), list, e.input(), {pixels.data(), {c, 32, 32, 3}});
    e.run(ctx, {pixels.data(), {c, 32, 32, 3}}, {features.data(), c, e.dimension()});
    head({features.data(), c, e.dimension()}, {logits.data(), c, 2});
    return logits;
  }
};

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

TEST_CASE("score_images of one crop gives the plain logits, whatever the batches, the reduction and the order") {
  set s;
  auto const plain = s.score();
  CHECK(plain.rows == std::vector<std::size_t>{0, 1, 2, 4, 5, 6});
  REQUIRE(plain.failures.size() == 1);
  CHECK(plain.failures[0].index == 3);
  CHECK(plain.failures[0].reason.find("picture 3") != std::string::npos);
  for (std::size_t k = 0; k < plain.rows.size(); ++k)
    CHECK(s.logits_of(plain.rows[k], {}) == std::vector<float>(&plain.logits[2 * k], &plain.logits[2 * k] + 2));
  for (auto reduce : {crop_reduction::mean, crop_reduction::max, crop_reduction::mean_logit})
    for (std::size_t batch : {1u, 3u}) {
      auto const again = s.score({.crops = parse_crops("plain"), .reduce = reduce, .batch_size = batch});
      CHECK(again.logits == plain.logits);
      CHECK(again.rows == plain.rows);
    }
  auto const some = s.score({.rows = {5, 3, 0}});
  CHECK(some.rows == std::vector<std::size_t>{5, 0});
  CHECK(some.failures[0].index == 3);
  CHECK(std::equal(some.logits.begin() + 2, some.logits.end(), plain.logits.begin()));
}

TEST_CASE("score_images reduces crops as it is told") {
  set s;
  auto const list = parse_crops("ten_crop:resize=40+flip");
  auto const mean = s.score({.crops = list}), max = s.score({.crops = list, .reduce = crop_reduction::max}),
             logit = s.score({.crops = list, .reduce = crop_reduction::mean_logit, .batch_size = 100});
  for (std::size_t k = 0; k < mean.rows.size(); ++k) {
    auto const z = s.logits_of(mean.rows[k], list);
    for (std::size_t j = 0; j < 2; ++j) {
      double p = 0, highest = -1e9, sum = 0;
      for (std::size_t c = 0; c < 12; ++c) {
        auto const x = static_cast<double>(z[2 * c + j]);
        p += sigmoid(x) / 12;
        highest = std::max(highest, x);
        sum += x / 12;
      }
      CHECK(sigmoid(static_cast<double>(mean.logits[2 * k + j])) == Approx(p).epsilon(1e-6));
      CHECK(static_cast<double>(max.logits[2 * k + j]) == highest);
      CHECK(static_cast<double>(logit.logits[2 * k + j]) == Approx(sum).epsilon(1e-6));
    }
  }
  CHECK(mean.logits != max.logits);
  CHECK(mean.logits != logit.logits);
}

TEST_CASE("reduce_crops is finite at the ends, and averages the softmax of one label a row") {
  std::vector<float> const z{800, -800, 1, 900, -2, 3};
  std::vector<float> out(3);
  softf1::matrix_view<const float> const two(z.data(), 2, 3);
  softf1::matrix_view<float> const to(out.data(), 1, 3);
  reduce_crops(two, 2, crop_reduction::mean, task::multilabel, to);
  CHECK(out[0] > 600);
  CHECK(out[0] < 700);
  CHECK(static_cast<double>(out[1]) == Approx(std::log(sigmoid(-2) / 2 / (1 - sigmoid(-2) / 2))));

  std::vector<float> const rows{0, 0, 0, std::log(6.0f), std::log(3.0f), 0};
  softf1::matrix_view<const float> const crops(rows.data(), 2, 3);
  reduce_crops(crops, 2, crop_reduction::mean, task::multiclass, to);
  double const shares[] = {(1 / 3. + .6) / 2, (1 / 3. + .3) / 2, (1 / 3. + .1) / 2};
  for (std::size_t j = 0; j < 3; ++j) CHECK(std::exp(static_cast<double>(out[j])) == Approx(shares[j]).epsilon(1e-6));
  reduce_crops(crops, 2, crop_reduction::max, task::multiclass, to);
  double const largest[] = {.6, 1 / 3., 1 / 3.};
  for (std::size_t j = 0; j < 3; ++j) CHECK(std::exp(static_cast<double>(out[j])) == Approx(largest[j]).epsilon(1e-6));
}

TEST_CASE("score_images stops where it is told, and names what it refuses") {
  set s;
  std::vector<std::size_t> heard;
  auto const some = s.score({.batch_size = 2,
                             .progress = [&](std::size_t done, std::size_t) { heard.push_back(done); },
                             .stop_requested = [&] { return heard.size() == 2; }});
  CHECK(some.stopped);
  CHECK(heard == std::vector<std::size_t>{2, 4});
  CHECK(some.rows == std::vector<std::size_t>{0, 1, 2});
  for (auto r : {crop_reduction::mean, crop_reduction::max, crop_reduction::mean_logit})
    CHECK(crop_reduction_named(name_of(r)) == r);
  CHECK(softf1_test::error_text<softf1::value_error>([] { crop_reduction_named("median"); }) ==
        "no reduction of crops is named 'median', there are mean, max, mean_logit");
  CHECK(softf1_test::error_text<softf1::value_error>([&] { score_images(s.batches, head, 0, s.images); }) ==
        "score_images: expected at least 1 label, got 0");
  CHECK(softf1_test::error_text<softf1::value_error>([&] { s.score({.batch_size = 0}); }) ==
        "score_images: batch_size must be at least 1, got 0");
}

}  // namespace score_images_tests
