#include <softf1/models/mobilenet_v2.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/image/decode.hpp>
#include <softf1/image/preprocess.hpp>
#include <softf1/io/npy.hpp>
#include <softf1/layers/forward_plan.hpp>
#include <softf1/layers/summary.hpp>
#include <softf1/models/load_weights.hpp>

#include "models/plans.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace mobilenet_v2_tests {

using namespace softf1::models;
using namespace plans;
using softf1::layers::forward_plan;
using softf1::layers::network;
using softf1::layers::padding;
using softf1::layers::sample_shape;
using context = softf1::context<softf1::cpu>;

constexpr sample_shape photo{224, 224, 3};

network<float> empty_network(context& ctx, architecture const& of, sample_shape in = photo) {
  return {ctx, in, of.blocks, std::nullopt};
}

// Numbers of summarise().
struct numbers {
  std::size_t total, trained;
};
numbers counted(std::size_t head) {
  context ctx;
  auto const features = summarise(empty_network(ctx, mobilenet_v2()), true);
  if (head == 0) return {features.total(), summarise(empty_network(ctx, mobilenet_v2())).trained};
  using namespace softf1::layers;
  auto const top = summarise(
      network<float>(ctx, {1, 1, 1280}, {dense({.out = 1024}), relu{}, dropout{}, dense({.out = head})}, std::nullopt));
  return {features.total() + top.total(), top.trained};
}

struct images {
  std::vector<float> pixels;  // NHWC
  std::size_t count;
};

images read_nchw(std::string const& path) {
  auto const array = softf1::io::read_npy(path);
  auto const from = array.as<float>();
  std::size_t const n = array.shape().at(0), pixels = photo.pixels();
  std::vector<float> to(from.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < pixels; ++p) to[(i * pixels + p) * 3 + c] = from[(i * 3 + c) * pixels + p];
  return {std::move(to), n};
}

std::string reference(std::string const& what, padding p) {
  return "ref_" + what + (p == padding::symmetric ? "_pad_sym.npy" : "_pad_tf.npy");
}

// Classes of a photo, best first.
std::vector<std::size_t> classes_of(context& ctx, forward_plan<float> const& plan, std::string const& path) {
  std::vector<float> pixels(photo.size());
  softf1::image::preprocess(softf1::image::read_image(path), {.resize = softf1::image::resize_mode::crop},
                            {pixels.data(), {224, 224, 3}});
  auto const logits = planned(ctx, plan, pixels, 1);
  std::vector<std::size_t> order(logits.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  return order;
}

}  // namespace mobilenet_v2_tests

TEST_CASE("MobileNetV2 has as many numbers as Keras counts", "[models][mobilenet_v2]") {
  using namespace mobilenet_v2_tests;
  CHECK(counted(0).total == 2'257'984);
  CHECK(counted(0).trained == 2'223'872);
  CHECK(counted(3).total == 3'572'803);
  CHECK(counted(3).trained == 1'314'819);
  CHECK(counted(18).trained == 1'330'194);
}

TEST_CASE("widths of MobileNetV2 are multiples of 8", "[models][mobilenet_v2]") {
  using namespace mobilenet_v2_tests;
  struct {
    double width;
    std::size_t first, second, last, features;
  } const table[] = {{0.35, 16, 8, 112, 1280}, {0.5, 16, 8, 160, 1280},  {0.75, 24, 16, 240, 1280},
                     {1, 32, 16, 320, 1280},   {1.3, 40, 24, 416, 1664}, {1.4, 48, 24, 448, 1792}};
  context ctx;
  for (auto const& row : table) {
    INFO("width " << row.width);
    auto const of = mobilenet_v2({.width = row.width});
    auto const net = empty_network(ctx, of, {64, 96, 3});
    auto const shape = [&](std::string const& name) {
      for (std::size_t i = 0; i < net.nodes().size(); ++i)
        if (net.nodes()[i].name == name) return net.shape_after(i);
      return sample_shape{0, 0, 0};
    };
    CHECK(shape("features.0.2") == sample_shape{32, 48, row.first});
    CHECK(shape("features.1.conv.2") == sample_shape{32, 48, row.second});
    CHECK(shape("features.17.conv.3") == sample_shape{2, 3, row.last});
    CHECK(shape("features.18.2") == sample_shape{2, 3, row.features});
    CHECK(shape(of.features) == sample_shape{1, 1, row.features});
    CHECK(std::count_if(of.blocks.begin(), of.blocks.end(), [](auto const& b) { return !b.links.add.empty(); }) == 10);
  }
  CHECK(softf1_test::error_text<softf1::value_error>([] { mobilenet_v2({.width = 0}); }) ==
        "mobilenet_v2: width must be > 0, got 0");
}

TEST_CASE("MobileNetV2 1.0 of trained weights gives the reference's features and logits", "[models][data]") {
  using namespace mobilenet_v2_tests;
  auto const folder = softf1_test::data("weights/mobilenet_v2_1.0_224");
  if (!folder) SOFTF1_SKIP("no data folder weights/mobilenet_v2_1.0_224");
  auto const x = read_nchw((*folder / "input_nchw.npy").string());
  auto const file = softf1::io::read_safetensors((*folder / "torchvision.safetensors").string());
  for (auto p : {padding::tensorflow_same, padding::symmetric}) {
    INFO(name_of(p));
    auto const of = mobilenet_v2({.classes = 1000, .padding = p});
    context ctx;
    auto net = empty_network(ctx, of);
    weights_reader(file, of).load(ctx, net);
    auto const features = softf1::io::read_npy((*folder / reference("features", p)).string()).as<double>();
    auto const logits = softf1::io::read_npy((*folder / reference("logits1000", p)).string()).as<double>();
    CHECK(largest_difference(planned(ctx, forward_plan<float>(ctx, net, of.features), x.pixels, x.count), features) <=
          1e-4);
    CHECK(largest_difference(planned(ctx, forward_plan<float>(ctx, net), x.pixels, x.count), logits) <= 1e-4);
    if (p == padding::symmetric) continue;
    auto const y = net.forward(ctx, {}, {x.pixels.data(), {x.count, 224, 224, 3}});
    CHECK(largest_difference(std::vector<float>(y.data(), y.data() + y.size()), logits) <= 1e-4);
  }
}

TEST_CASE("MobileNetV2 0.35 of trained weights gives the reference's features", "[models][data]") {
  using namespace mobilenet_v2_tests;
  auto const folder = softf1_test::data("weights/mobilenet_v2_0.35_224");
  if (!folder) SOFTF1_SKIP("no data folder weights/mobilenet_v2_0.35_224");
  auto const x = read_nchw((*folder / "input_nchw.npy").string());
  struct {
    std::string file;
    double epsilon;
    key_names names;
  } const table[] = {{"torchvision.safetensors", 1e-5, key_names::torchvision},
                     {"keras_names_eps1e-3.safetensors", 1e-3, key_names::keras}};
  for (auto const& row : table) {
    auto const file = softf1::io::read_safetensors((*folder / row.file).string());
    for (auto p : {padding::tensorflow_same, padding::symmetric}) {
      INFO(row.file << ", " << name_of(p));
      auto const of = mobilenet_v2({.width = 0.35, .padding = p, .epsilon = row.epsilon});
      context ctx;
      auto net = empty_network(ctx, of);
      weights_reader const reader(file, of);
      CHECK(reader.names() == row.names);
      reader.load(ctx, net);
      auto const features = softf1::io::read_npy((*folder / reference("features", p)).string()).as<double>();
      CHECK(largest_difference(planned(ctx, forward_plan<float>(ctx, net), x.pixels, x.count), features) <= 1e-4);
    }
  }
}

TEST_CASE("MobileNetV2 knows what photographs show", "[models][data]") {
  using namespace mobilenet_v2_tests;
  auto const weights = softf1_test::data("weights/mobilenet_v2_1.0_224"), photos = softf1_test::data("photos");
  if (!weights || !photos) SOFTF1_SKIP("no data folders weights/mobilenet_v2_1.0_224 and photos");
  std::vector<std::string> labels;
  std::ifstream lines(*photos / "imagenet_labels.txt");
  for (std::string line; std::getline(lines, line);) labels.push_back(line);
  REQUIRE(labels.size() == 1001);

  context ctx;
  auto const of = mobilenet_v2({.classes = 1000});
  auto net = empty_network(ctx, of);
  weights_reader(softf1::io::read_safetensors((*weights / "torchvision.safetensors").string()), of).load(ctx, net);
  forward_plan<float> const plan(ctx, net);
  struct {
    std::string photo, label;
    std::size_t among;
  } const table[] = {
      {"hot_dog.jpg", "hotdog", 1},        {"dragonfly.bmp", "dragonfly", 1}, {"parrot.jpg", "macaw", 1},
      {"china.jpg", "palace", 1},          {"bird.bmp", "chickadee", 1},      {"cat.bmp", "tabby", 2},
      {"grace_hopper.bmp", "military", 5}, {"flower.jpg", "daisy", 5},        {"owl.jpg", "great grey owl", 5},
  };
  for (auto const& row : table) {
    auto const order = classes_of(ctx, plan, (*photos / row.photo).string());
    std::string found;
    bool is_among = false;
    for (std::size_t k = 0; k < 5; ++k) {
      // Line 0 is the background, which the network has not.
      auto const& label = labels[order[k] + 1];
      is_among = is_among || (k < row.among && label.starts_with(row.label));
      found += label + "; ";
    }
    INFO(row.photo << ": " << found);
    CHECK(is_among);
  }
}
