#include <softf1/models/extractor.hpp>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace extractor_tests {

using namespace small_models;
using softf1_test::error_text;

std::vector<float> pixels_of(extractor const& e, std::size_t count) {
  std::size_t const size = e.input().image_size;
  std::vector<float> pixels(count * size * size * 3);
  for (std::size_t i = 0; i < count; ++i)
    softf1::image::preprocess(picture(i), e.input(), {pixels.data() + i * size * size * 3, {size, size, 3}});
  return pixels;
}

std::vector<float> features_of(extractor const& e, std::vector<float> const& pixels, std::size_t count,
                               int threads = 1) {
  context ctx({.threads = threads});
  std::size_t const size = e.input().image_size;
  std::vector<float> features(count * e.dimension());
  e.run(ctx, {pixels.data(), {count, size, size, 3}}, {features.data(), count, e.dimension()});
  return features;
}

std::vector<float> features_of(extractor const& e, std::size_t count = 3, int threads = 1) {
  return features_of(e, pixels_of(e, count), count, threads);
}

struct weights_file {
  softf1_test::temp_directory folder;
  std::vector<named_array> arrays = torch_weights(0.1, 4);
  std::string path = (folder / "w.safetensors").string();

  void write(metadata const& about = {}) const { softf1::write_safetensors(path, arrays, about); }
  extractor read(extractor_options const& options = {.image_size = 32}) const {
    context ctx({.threads = 1});
    return extractor::from_file(ctx, path, options);
  }
};

TEST_CASE("an extractor's identity comes from shapes, names and metadata of its file") {
  weights_file const w;
  w.write();
  auto const plain = w.read({});
  extractor_identity expected;
  expected.width = 0.1;
  expected.weights = plain.identity().weights;
  CHECK(plain.identity() == expected);
  CHECK(plain.dimension() == 1280);
  CHECK(expected.weights.starts_with("fnv1a:"));
  CHECK(expected.weights.size() == 6 + 16);
  CHECK_FALSE(plain.identity().is_random());
  CHECK(plain.summary().trained == 0);

  w.write({{"batch_norm_epsilon", "0.25"},
           {"padding", "symmetric"},
           {"pixels", "imagenet"},
           {"resize", "crop"},
           {"filter", "bilinear"},
           {"image_size", "64"},
           {"resize_to", "70"},
           {"author", "nobody"}});
  auto const told = w.read({});
  expected.epsilon = 0.25;
  expected.padding = softf1::layers::padding::symmetric;
  expected.input = {64, softf1::image::resize_mode::crop, softf1::image::resize_filter::bilinear,
                    softf1::image::pixel_range::imagenet};
  expected.input.resize_to = 70;
  CHECK(told.identity() == expected);
  CHECK(w.read({.image_size = 64}).input().resize_to == 70);
  CHECK(w.read({.resize_to = 80}).input().resize_to == 80);

  auto const overridden = w.read({.padding = softf1::layers::padding::tensorflow_same,
                                  .pixels = softf1::image::pixel_range::zero_one,
                                  .resize = softf1::image::resize_mode::stretch,
                                  .filter = softf1::image::resize_filter::antialiased,
                                  .image_size = 32});
  expected.padding = softf1::layers::padding::tensorflow_same;
  expected.input = {32, softf1::image::resize_mode::stretch, softf1::image::resize_filter::antialiased,
                    softf1::image::pixel_range::zero_one};
  CHECK(overridden.identity() == expected);
}

TEST_CASE("metadata that say nothing sensible are an io_error that names file and key") {
  weights_file const w;
  struct row {
    std::string key, value, fragment;
  };
  for (row const& r :
       {row{"batch_norm_epsilon", "small", "must be a number, got 'small'"}, row{"batch_norm_epsilon", "-1", "-1"},
        row{"batch_norm_epsilon", "nan", "nan"}, row{"padding", "same", "'same'"},
        row{"pixels", "", "there are minus_one_one, zero_one, imagenet"}, row{"resize", "Crop", "'Crop'"},
        row{"filter", "nearest", "'nearest'"}, row{"image_size", "big", "must be a number, got 'big'"},
        row{"image_size", "31", "31"}, row{"image_size", "-5", "-5"}, row{"image_size", "nan", "nan"},
        row{"image_size", "64.5", "64.5"}, row{"image_size", "1e300", "1e"}, row{"resize_to", "31", "31"}}) {
    w.write({{r.key, r.value}});
    auto const text = error_text<softf1::io_error>([&] { w.read({}); });
    INFO(r.key << " = " << r.value << ": " << text);
    CHECK(text.starts_with(w.path + ": metadata '" + r.key + "': "));
    CHECK(text.find(r.fragment, w.path.size()) != text.npos);
  }
  for (std::size_t size : {0u, 31u, 4097u})
    CHECK(error_text<softf1::value_error>([&] { w.write(), w.read({.image_size = size}); }) ==
          "extractor: image_size must be from 32 to 4096, got " + std::to_string(size));
}

TEST_CASE("an extractor from a file computes what the network with these weights computes") {
  weights_file const w;
  w.write();
  auto const e = w.read();
  auto const features = features_of(e, 4);
  context ctx({.threads = 1});
  network net(ctx, {32, 32, 3}, mobilenet_v2({.width = 0.1}).blocks, std::nullopt);
  draw_random_weights(ctx, net, 4);
  auto const pixels = pixels_of(e, 4);
  auto const expected = softf1::layers::elements_of(net.forward(ctx, {}, {pixels.data(), {4, 32, 32, 3}}));
  REQUIRE(features.size() == expected.size());
  for (std::size_t k = 0; k < features.size(); ++k) CHECK(std::abs(features[k] - expected(k)) < 1e-3f);
}

TEST_CASE("random extractors are functions of their seed, and give features of a good size") {
  auto const a = small_extractor(1), again = small_extractor(1), b = small_extractor(2);
  CHECK(a.identity() == again.identity());
  CHECK_FALSE(a.identity() == b.identity());
  CHECK(a.identity().is_random());
  CHECK(a.arrays("x.").empty());
  auto const features = features_of(a, 4);
  CHECK(features_of(again, 4) == features);
  CHECK(features_of(b, 4) != features);
  double sum = 0, squares = 0;
  std::size_t moving = 0;
  for (std::size_t k = 0; k < features.size(); ++k) {
    REQUIRE(std::isfinite(features[k]));
    sum += features[k];
    squares += features[k] * features[k];
    moving += features[k] != features[k % 1280];
  }
  double const n = static_cast<double>(features.size()), mean = sum / n;
  CHECK((mean > 0.1 && mean < 2));
  CHECK((std::sqrt(squares / n - mean * mean) > 0.1 && std::sqrt(squares / n - mean * mean) < 2));
  CHECK(moving > 1280);
}

TEST_CASE("extractor::random draws the full network") {
  context ctx;
  auto const e = extractor::random(ctx, 12, {.pixels = softf1::image::pixel_range::zero_one, .image_size = 32});
  CHECK(e.identity().weights == "random:seed=12");
  CHECK(e.identity().width == 1);
  CHECK(e.input().pixels == softf1::image::pixel_range::zero_one);
  CHECK(e.summary().total() == 2'257'984);
  CHECK(e.summary().frozen == 2'257'984);
  auto const restored = extractor::restore(ctx, e.identity(), {});
  CHECK(features_of(restored, 2) == features_of(e, 2));
  CHECK_THROWS_AS(extractor::random(ctx, 0, {.image_size = 8}), softf1::value_error);
}

TEST_CASE("an inner block's maps are features as well") {
  context ctx({.threads = 1});
  auto id = small_identity();
  auto const whole = extractor::restore(ctx, id, {});
  CHECK(whole.output_shape() == softf1::layers::sample_shape{1, 1, 1280});
  id.end_point = "features.2.conv.0.2";
  auto const maps = extractor::restore(ctx, id, {});
  CHECK(maps.output_shape() == softf1::layers::sample_shape{16, 16, 48});
  CHECK(maps.dimension() == 16 * 16 * 48);
  CHECK(to_text(maps.identity()).ends_with(", end-point features.2.conv.0.2"));
  CHECK(identity_from_json(to_json(id), "f") == id);
  auto const net = whole.network(ctx);
  auto const pixels = pixels_of(maps, 2);
  softf1::layers::forward_plan<float> const plan(ctx, net, id.end_point);
  std::vector<float> expected(2 * maps.dimension());
  plan.run(ctx, {pixels.data(), {2, 32, 32, 3}}, {expected.data(), 2, maps.dimension()});
  CHECK(features_of(maps, 2) == expected);
  id.end_point = "features.2";
  CHECK(extractor::restore(ctx, id, {}).output_shape() == softf1::layers::sample_shape{8, 8, 8});
  CHECK(error_text<softf1::value_error>([&] { extractor::random(ctx, 0, {.end_point = "top"}); }) ==
        "mobilenet_v2: there is no end-point 'top'");
}

TEST_CASE("the architecture pixels gives prepared pixels") {
  context ctx({.threads = 1});
  auto const e = extractor::random(ctx, 0, {.architecture = "pixels", .image_size = 8});
  CHECK(e.identity().weights == "none");
  CHECK_FALSE(e.identity().is_random());
  CHECK(e.output_shape() == softf1::layers::sample_shape{8, 8, 3});
  CHECK(e.summary().total() == 0);
  CHECK(features_of(e, 3) == pixels_of(e, 3));
  auto const again = extractor::restore(ctx, identity_from_json(to_json(e.identity()), "f"), {});
  CHECK(again.identity() == e.identity());
  weights_file const w;
  w.write();
  CHECK(error_text<softf1::value_error>([&] { w.read({.architecture = "pixels"}); }) ==
        "extractor: the architecture pixels has no weights");
}

TEST_CASE("an image's features have the same bits in any batch and at any number of threads") {
  auto const e = small_extractor();
  auto const whole = features_of(e, 5);
  CHECK(features_of(e, 5, 3) == whole);
  auto const pixels = pixels_of(e, 5);
  std::size_t const image = 32 * 32 * 3, d = e.dimension();
  for (std::size_t i = 0; i < 5; ++i) {
    std::vector<float> const alone(pixels.begin() + static_cast<std::ptrdiff_t>(i * image),
                                   pixels.begin() + static_cast<std::ptrdiff_t>((i + 1) * image));
    CHECK(features_of(e, alone, 1) == std::vector<float>(&whole[i * d], &whole[i * d] + d));
  }
  CHECK(features_of(e, 0).empty());
}

TEST_CASE("restore takes the weights that an identity names, and no others") {
  weights_file const w;
  w.write();
  auto const e = w.read();
  context ctx({.threads = 1});
  auto const restored = extractor::restore(ctx, e.identity(), w.path);
  CHECK(restored.identity() == e.identity());
  CHECK(features_of(restored) == features_of(e));

  auto const bundled = (w.folder / "bundle.safetensors").string();
  auto arrays = e.arrays("inner.");
  arrays.push_back({"other", softf1::io::make_array(std::vector<float>{1}, {1})});
  softf1::write_safetensors(bundled, arrays);
  auto const inner = extractor::restore(ctx, e.identity(), bundled, "inner.");
  CHECK(features_of(inner) == features_of(e));
  auto const again = inner.arrays("");
  REQUIRE(again.size() == w.arrays.size());
  auto const refused = error_text<softf1::io_error>([&] { extractor::restore(ctx, e.identity(), bundled); });
  CHECK(refused.starts_with(bundled + ": expected the weights " + e.identity().weights +
                            ", with which the model was trained, got fnv1a:"));
  CHECK_THROWS_AS(extractor::restore(ctx, e.identity(), (w.folder / "absent").string()), softf1::io_error);
  auto id = e.identity();
  id.architecture = "resnet50";
  CHECK(error_text<softf1::io_error>([&] { extractor::restore(ctx, id, w.path); })
            .starts_with(w.path +
                         ": the extractor is none of this softf1's (no architecture is named 'resnet50', there "
                         "are mobilenet_v2, "));
}

TEST_CASE("weights of another architecture are refused") {
  weights_file w;
  softf1::write_safetensors(w.path, {{"conv1.weight", softf1::io::make_array(std::vector<float>{1, 2}, {2})}});
  auto const text = error_text<softf1::io_error>([&] { w.read(); });
  INFO(text);
  CHECK(text.starts_with(w.path + ": the weights are not those of mobilenet_v2; missing: features.0.0.weight, "));
  CHECK(text.find("unexpected: conv1.weight") != text.npos);
  w.arrays.pop_back();
  w.write();
  CHECK(error_text<softf1::io_error>([&] { w.read(); }).find("missing: ") != std::string::npos);
}

TEST_CASE("the hash of weights depends on names, types, shapes and bytes, not on their order in the file") {
  softf1_test::temp_directory const folder;
  auto const path = (folder / "h.safetensors").string();
  auto const hash = [&](std::vector<named_array> const& arrays, metadata const& about = {},
                        std::string const& prefix = {}) {
    softf1::write_safetensors(path, arrays, about);
    return detail::hash_of(softf1::io::safetensors_file(path), prefix);
  };
  auto const array = [](std::string name, std::vector<float> values, std::vector<std::size_t> shape) {
    return named_array{std::move(name), softf1::io::make_array(std::move(values), std::move(shape))};
  };
  auto const a = array("a", {1, 2, 3, 4}, {4}), b = array("b", {5}, {1});
  auto const first = hash({a, b});
  CHECK(hash({b, a}) == first);
  CHECK(hash({a, b}, {{"pixels", "zero_one"}}) == first);
  CHECK(hash({array("p.a", {1, 2, 3, 4}, {4}), array("p.b", {5}, {1}), array("q", {1}, {1})}, {}, "p.") == first);
  std::set<std::string> const others{
      hash({array("A", {1, 2, 3, 4}, {4}), b}),
      hash({array("a", {1, 2, 3, 4}, {2, 2}), b}),
      hash({array("a", {1, 2, 3, 5}, {4}), b}),
      hash({array("a", {1, 2, 4, 3}, {4}), b}),
      hash({a}),
      hash({a, array("b", {-5}, {1})}),
      hash({a, {"b", softf1::io::make_array(std::vector<std::int32_t>{1084227584}, {1})}}),
      hash({array("a", {1, 2, 3}, {3}), array("b", {4, 5}, {2})}),
      first};
  CHECK(others.size() == 9);
}

TEST_CASE("an identity reads back from its file form, and bad ones are refused") {
  auto id = small_identity(3);
  id.epsilon = 1e-3;
  id.padding = softf1::layers::padding::symmetric;
  id.input.pixels = softf1::image::pixel_range::imagenet;
  id.input.resize = softf1::image::resize_mode::crop;
  id.input.filter = softf1::image::resize_filter::bilinear;
  auto const form = to_json(id);
  CHECK(identity_from_json(form, "f") == id);
  CHECK(to_text(id) ==
        "mobilenet_v2 0.05, 32 x 32 pixels, resize crop (bilinear), pixels imagenet, padding symmetric, weights "
        "random:seed=3");
  CHECK_FALSE(form.contains("resize_to"));
  auto larger = id;
  larger.input.resize_to = 40;
  CHECK(identity_from_json(to_json(larger), "f") == larger);
  CHECK(to_text(larger).find("resize crop to 40 (bilinear)") != std::string::npos);
  struct row {
    std::string key;
    softf1::io::json_value value;
  };
  for (row const& r :
       {row{"width", "wide"}, row{"width", -1}, row{"width", 1000}, row{"padding", "same"}, row{"padding", 3},
        row{"image_size", "x"}, row{"image_size", -1}, row{"image_size", 1e9}, row{"pixels", "none"},
        row{"resize", "none"}, row{"filter", "none"}, row{"weights", 1}, row{"batch_norm_epsilon", "x"},
        row{"batch_norm_epsilon", -1}, row{"resize_to", 31}, row{"resize_to", "x"}, row{"resize_to", -1}}) {
    auto bad = form;
    bad[r.key] = r.value;
    auto const text = error_text<softf1::io_error>([&] { identity_from_json(bad, "f"); });
    INFO(r.key << " = " << r.value << ": " << text);
    CHECK(text.starts_with("f: the extractor's description is not one ("));
  }
  auto wide = form;
  wide["width"] = 2;
  CHECK(identity_from_json(wide, "f").width == 2);
  wide["architecture"] = "resnet_v2_101";
  CHECK(error_text<softf1::io_error>([&] { identity_from_json(wide, "f"); }).find("at most 1, got 2") !=
        std::string::npos);
  for (auto const& [key, value] : form.items()) {
    auto bad = form;
    bad.erase(key);
    INFO(key);
    CHECK_THROWS_AS(identity_from_json(bad, "f"), softf1::io_error);
  }
}

}  // namespace extractor_tests
