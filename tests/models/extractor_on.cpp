#include <softf1/models/extractor_on.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <softf1/image/decode.hpp>
#include <softf1/models/extract.hpp>
#include <softf1/models/model.hpp>

#include "models/small.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace extractor_on_tests {

using namespace small_models;
using softf1_test::error_text;

/// Images as levels, and their features by the extractor on the host, which is given the same levels.
struct sample {
  std::size_t count, size;
  std::vector<std::uint8_t> bytes;
  std::vector<float> features;

  sample(extractor const& e, std::vector<softf1::rgb_image> const& images)
      : count(images.size()),
        size(e.input().image_size),
        bytes(count * size * size * 3),
        features(count * e.dimension()) {
    auto const scaling = softf1::image::scaling_of(e.input().pixels);
    std::vector<float> pixels(bytes.size());
    for (std::size_t i = 0; i < count; ++i)
      softf1::preprocess(images[i], e.input(),
                         softf1::tensor_view<std::uint8_t, 3>(&bytes[i * size * size * 3], {size, size, 3}));
    for (std::size_t k = 0; k < bytes.size(); ++k) pixels[k] = scaling(bytes[k], k % 3);
    context ctx({.threads = 1});
    e.run(ctx, {pixels.data(), {count, size, size, 3}}, {features.data(), count, e.dimension()});
  }

  softf1::tensor_view<const std::uint8_t, 4> view() const { return {bytes.data(), {count, size, size, 3}}; }

  /// Distances of the features by `on` from those of the host, by the deviation of these.
  struct distances {
    double largest = INFINITY, root_mean_square = INFINITY;
  };
  template <class T, class B>
  distances distance(softf1::context<B>& ctx, extractor_on<T, B> const& on) const {
    std::vector<float> found(features.size(), -9.0f);
    on.run_from_host(ctx, view(), {found.data(), count, on.dimension()});
    double largest = 0, sum = 0, squares = 0, apart = 0;
    for (std::size_t k = 0; k < found.size(); ++k) {
      double const d = static_cast<double>(found[k]) - features[k];
      largest = std::max(largest, std::abs(d));
      apart += d * d;
      sum += features[k];
      squares += static_cast<double>(features[k]) * features[k];
      if (!std::isfinite(found[k])) return {};
    }
    double const n = static_cast<double>(found.size());
    double const deviation = std::sqrt(squares / n - sum / n * (sum / n));
    return {largest / deviation, std::sqrt(apart / n) / deviation};
  }
};

std::vector<softf1::rgb_image> pictures(std::size_t count) {
  std::vector<softf1::rgb_image> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(picture(i));
  return all;
}

extractor small_with(softf1::image::pixel_range range) {
  auto id = small_identity();
  id.input.pixels = range;
  context ctx({.threads = 1});
  return extractor::restore(ctx, id, {});
}

TEMPLATE_TEST_CASE("an extractor on a backend gives the features of the host's for the same levels", "[models]",
                   SOFTF1_TEST_BACKENDS) {
  using softf1::image::pixel_range;
  for (auto const range : {pixel_range::minus_one_one, pixel_range::zero_one, pixel_range::imagenet}) {
    auto const e = small_with(range);
    softf1::context<TestType> ctx;
    extractor_on<float, TestType> const on(ctx, e);
    CHECK(on.identity() == e.identity());
    CHECK(on.dimension() == e.dimension());
    CHECK(on.precision().empty());
    // More than run at once.
    CHECK(sample(e, pictures(range == pixel_range::imagenet ? 67 : 3)).distance(ctx, on).largest < 1e-4);
    CHECK(sample(e, {}).features.empty());
  }
}

TEMPLATE_TEST_CASE("an extractor on a backend takes images that lie there", "[models]", SOFTF1_TEST_BACKENDS) {
  auto const e = small_extractor();
  sample const s(e, pictures(5));
  softf1::context<TestType> ctx;
  extractor_on<float, TestType> const on(ctx, e);
  auto const bytes = softf1_test::upload(ctx, s.bytes);
  softf1::buffer<float, TestType> features(ctx, s.features.size());
  on.run(ctx, {bytes.data(), {5, 32, 32, 3}}, features.matrix(5, on.dimension()));
  auto const there = softf1_test::download(ctx, features);
  std::vector<float> back(there.size());
  on.run_from_host(ctx, s.view(), {back.data(), 5, on.dimension()});
  CHECK(there == back);

  CHECK(error_text<softf1::shape_error>([&] {
          on.run(ctx, {bytes.data(), {5, 32, 31, 3}}, features.matrix(5, on.dimension()));
        }) == "pixel_plan: images must have shape (5, 32, 32, 3), got (5, 32, 31, 3)");
  CHECK(error_text<softf1::shape_error>([&] {
          on.run_from_host(ctx, s.view(), {back.data(), 4, on.dimension()});
        }) == "pixel_plan: features must have shape (5, 1280), got (4, 1280)");
}

TEMPLATE_TEST_CASE("networks of a backend have the weights of the host's, from files and drawn", "[models]",
                   SOFTF1_TEST_BACKENDS) {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "w.safetensors").string();
  softf1::write_safetensors(path, torch_weights(0.1, 4));
  context host({.threads = 1});
  softf1::context<TestType> ctx;
  for (auto const& e : {extractor::from_file(host, path, {.image_size = 32}), small_extractor(3)}) {
    auto const here = e.network(host);
    auto const there = e.network(ctx);
    auto const copied = network_on(ctx, here);
    for (auto const* net : {&there, &copied}) {
      std::vector<float> parameters(here.parameters().size()), state(here.state().size());
      copy(ctx, net->parameters(), softf1::vector_view<float>(parameters.data(), parameters.size()));
      copy(ctx, net->state(), softf1::vector_view<float>(state.data(), state.size()));
      CHECK(std::equal(parameters.begin(), parameters.end(), here.parameters().data()));
      CHECK(std::equal(state.begin(), state.end(), here.state().data()));
    }
  }
}

TEMPLATE_TEST_CASE("extract_features on a backend is extract_features on the host but for rounded levels", "[models]",
                   SOFTF1_TEST_BACKENDS) {
  auto const e = small_extractor();
  softf1_test::temp_directory const folder;
  std::vector<std::string> paths, ids;
  for (std::size_t i = 0; i < 7; ++i) {
    ids.push_back("id" + std::to_string(i));
    paths.push_back((folder / (ids[i] + ".png")).string());
    if (i != 2) put_picture(paths[i], picture(i, 32, 32));
  }
  context host({.threads = 2});
  softf1::context<TestType> ctx;
  extractor_on<float, TestType> const on(ctx, e);
  auto const expected = extract_features(host, e, paths, ids);
  // Pictures of the network's own size have whole levels in either form.
  for (std::size_t run = 0; run < 2; ++run) {
    softf1::data::feature_cache cache((folder / "cache").string(), cache_key(on, "x"), on.dimension());
    auto const found = extract_features(ctx, on, paths, ids, {.batch_size = 3, .cache = &cache});
    CHECK(found.rows == expected.rows);
    CHECK(found.failures.size() == 1);
    CHECK(found.cached == (run == 0 ? 0 : 6));
    REQUIRE(found.values.size() == expected.values.size());
    double largest = 0;
    for (std::size_t k = 0; k < found.values.size(); ++k)
      largest = std::max(largest, std::abs(static_cast<double>(found.values[k]) - expected.values[k]));
    CHECK(largest < 1e-4);
  }
}

TEMPLATE_TEST_CASE("a model's head gives the same logits on any backend", "[models]", SOFTF1_TEST_BACKENDS) {
  model m;
  m.labels = {"a", "b"};
  m.input = {1, 1, 3};
  m.head = {{softf1::layers::dense{.out = 4}, "hidden"},
            {softf1::layers::relu{}, "relu"},
            {softf1::layers::dense{.out = 2}, "output"}};
  for (auto const& [name, size] :
       {std::pair{"hidden.weight", 12}, {"hidden.bias", 4}, {"output.weight", 8}, {"output.bias", 2}})
    for (int k = 0; k < size; ++k) m.arrays[name].push_back(std::sin(static_cast<float>(k + size)));
  std::vector<float> const features{1, 2, 3, -1, 0.5f, 2, 0, 0, 0};
  softf1::matrix_view<const float> const x(features.data(), 3, 3);
  std::vector<float> expected(6), found(6);
  context host;
  predict_logits(host, m, x, {expected.data(), 3, 2});
  softf1::context<TestType> ctx;
  predict_logits_from_host(ctx, m, x, softf1::matrix_view<float>(found.data(), 3, 2));
  for (std::size_t k = 0; k < 6; ++k) CHECK(found[k] == Approx(expected[k]).epsilon(1e-5));
  // In pieces.
  std::fill(found.begin(), found.end(), 0.0f);
  run_rows(ctx, softf1::layers::forward_plan<float, TestType>(ctx, head_network(ctx, m)), x,
           softf1::matrix_view<float>(found.data(), 3, 2), 2);
  for (std::size_t k = 0; k < 6; ++k) CHECK(found[k] == Approx(expected[k]).epsilon(1e-5));
  CHECK(error_text<softf1::shape_error>([&] {
          predict_logits_from_host(ctx, m, x, softf1::matrix_view<float>(found.data(), 2, 2));
        }) == "run_rows: y must have shape (3, 2), got (2, 2)");
}

TEST_CASE("cache keys tell features of floats, of bytes and of other precisions apart") {
  auto const e = small_extractor();
  context ctx;
  extractor_on<float> const on(ctx, e);
  auto const floats = cache_key(e, "x"), bytes = cache_key(on, "x");
  CHECK(bytes == cache_key_of_bytes(e.identity(), "", "x"));
  CHECK(bytes != floats);
  CHECK(bytes.find(R"("bytes":true)") != std::string::npos);
  CHECK(bytes.find("precision") == std::string::npos);
  auto const rounded = cache_key_of_bytes(e.identity(), "bf16", "x");
  CHECK(rounded.find(R"("precision":"bf16")") != std::string::npos);
  CHECK(rounded != cache_key_of_bytes(e.identity(), "fp16", "x"));
  CHECK(rounded != cache_key_of_bytes(e.identity(), "bf16", "y"));
}

#if defined(SOFTF1_DEVICE_CODE)

/// Root mean squares: stored with 10 or 7 bits behind the point, each of some 50 layers is rounded; sums are float.
void check_precisions(extractor const& e, sample const& s, double half_distance, double bfloat16_distance) {
  using softf1::product_precision;
  softf1::context<softf1::cuda> ctx, tf32({.precision = product_precision::tf32});
  extractor_on<softf1::half, softf1::cuda> const by_half(ctx, e);
  extractor_on<softf1::bfloat16, softf1::cuda> const by_bfloat16(ctx, e);
  extractor_on<float, softf1::cuda> const by_tf32(tf32, e);
  CHECK(by_half.precision() == "fp16");
  CHECK(by_bfloat16.precision() == "bf16");
  CHECK(by_tf32.precision() == "tf32");
  CHECK(cache_key(by_half, "x") != cache_key(by_bfloat16, "x"));
  double const of_half = s.distance(ctx, by_half).root_mean_square,
               bfloat16 = s.distance(ctx, by_bfloat16).root_mean_square,
               rounded = s.distance(tf32, by_tf32).root_mean_square;
  CHECK(of_half < half_distance);
  CHECK(bfloat16 < bfloat16_distance);
  CHECK(rounded < half_distance);
  // Each really is rounded.
  CHECK(of_half > half_distance / 50);
  CHECK(bfloat16 > bfloat16_distance / 50);
  CHECK(rounded > half_distance / 200);
}

DEVICE_TEST_CASE("an extractor on the device stores half and bfloat16", "[models]") {
  auto const e = small_extractor();
  check_precisions(e, sample(e, pictures(4)), 0.05, 0.2);
}

DEVICE_TEST_CASE("with trained weights, features of photographs are those of the host", "[models][data]") {
  auto const weights = softf1_test::data("weights/mobilenet_v2_1.0_224"), photos = softf1_test::data("photos");
  if (!weights || !photos) SOFTF1_SKIP("no data folders weights/mobilenet_v2_1.0_224 and photos");
  std::vector<softf1::rgb_image> images;
  for (auto const& entry : std::filesystem::directory_iterator(*photos))
    if (entry.path().extension() == ".jpg") images.push_back(softf1::read_image(entry.path().string()));
  REQUIRE(!images.empty());
  context host;
  auto const e = extractor::from_file(host, (*weights / "torchvision.safetensors").string());
  sample const s(e, images);
  softf1::context<softf1::cuda> ctx;
  CHECK(s.distance(ctx, extractor_on<float, softf1::cuda>(ctx, e)).largest < 1e-4);
  check_precisions(e, s, 0.05, 0.2);
}

#endif

}  // namespace extractor_on_tests
