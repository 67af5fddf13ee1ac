#include <softf1/models/architectures.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <softf1/core/random.hpp>
#include <softf1/io/make_array.hpp>
#include <softf1/layers/forward_plan.hpp>
#include <softf1/layers/summary.hpp>
#include <softf1/models/cut.hpp>
#include <softf1/models/load_weights.hpp>

#include "models/plans.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace networks_tests {

using namespace softf1::models;
using namespace plans;
using nlohmann::json;
using softf1::layers::forward_plan;
using softf1::layers::network;
using softf1::layers::sample_shape;
using context = softf1::context<softf1::cpu>;

// The formula of tests/conformance/network_expectations.py.
std::vector<float> formula(std::uint64_t seed, std::uint64_t stream, std::size_t n, double centre, double bound) {
  softf1::random_stream const random(seed, softf1::random_purpose::test, stream);
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = static_cast<float>(centre + bound * (2 * (static_cast<double>(random.bits(i) >> 8) * 0x1p-24) - 1));
  return values;
}

std::vector<double> flat(json const& rows) {
  std::vector<double> all;
  for (auto const& row : rows)
    for (auto const& x : row) all.push_back(x.get<double>());
  return all;
}

// The narrow network that a peer was asked about; the classifier only where it is to be compared.
architecture asked(std::string const& name, json const& answers, std::size_t classes) {
  auto const& options = answers.at("options");
  if (!answers.at("cases").at(0).contains("logits")) classes = 0;
  auto const padding = softf1::layers::padding_named(answers.at("padding").get<std::string>());
  auto const epsilon = answers.at("batch_norm_epsilon").get<double>();
  if (name == "resnet_50")
    return resnet({.units = options.at("units").get<std::array<std::size_t, 4>>(),
                   .inner = options.at("inner").get<double>(),
                   .classes = classes,
                   .padding = padding,
                   .epsilon = epsilon});
  if (name == "resnet_v2_50")
    return resnet_v2({.units = options.at("units").get<std::array<std::size_t, 4>>(),
                      .channels = options.at("channels").get<std::size_t>(),
                      .classes = classes,
                      .padding = padding,
                      .epsilon = epsilon});
  return architecture_named(
      name, {.width = options.at("width").get<double>(), .classes = classes, .padding = padding, .epsilon = epsilon});
}

template <class T>
void check_answers(architecture const& of, softf1::io::safetensors_file const& file, json const& one,
                   std::vector<float> const& pixels, std::size_t n, double tolerance) {
  context ctx;
  std::size_t const size = one.at("image_size").get<std::size_t>();
  network<T> net(ctx, {size, size, 3}, of.blocks, std::nullopt);
  weights_reader(file, of).load(ctx, net);
  std::vector<T> const x(pixels.begin(), pixels.end());
  auto const features = flat(one.at("features"));
  auto const last = one.contains("logits") ? flat(one.at("logits")) : features;
  CHECK(largest_difference(planned(ctx, forward_plan<T>(ctx, net, of.features), x, n), features) <= tolerance);
  CHECK(largest_difference(planned(ctx, forward_plan<T>(ctx, net), x, n), last) <= tolerance);
  auto const y = net.forward(ctx, {}, {x.data(), {n, size, size, 3}});
  CHECK(largest_difference(std::vector<T>(y.data(), y.data() + y.size()), last) <= tolerance);
}

TEST_CASE("networks of random weights give what torchvision, timm and Keras give", "[models][conformance]") {
  softf1_test::temp_directory const folder;
  for (std::string const name :
       {"mobilenet_v2", "resnet_50", "resnet_v2_50", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0"}) {
    std::ifstream stream(softf1_test::source_dir() / "tests" / "conformance" / (name + "_expectations.json"));
    json const all = json::parse(stream);
    auto const seed = all.at("seed").get<std::uint64_t>();
    for (auto const& [peer, answers] : all.at("models").items()) {
      INFO(name << " of " << answers.at("made_with").get<std::string>());
      std::vector<softf1::io::named_array> tensors;
      for (auto const& t : answers.at("tensors")) {
        auto const shape = t.at(1).get<std::vector<std::size_t>>();
        std::size_t n = 1;
        for (std::size_t extent : shape) n *= extent;
        auto values = formula(seed, tensors.size(), n, t.at(2).get<double>(), t.at(3).get<double>());
        tensors.push_back({t.at(0).get<std::string>(), softf1::io::make_array(std::move(values), shape)});
      }
      auto const path = (folder / (name + peer + ".safetensors")).string();
      softf1::io::write_safetensors(path, tensors);
      auto const file = softf1::io::read_safetensors(path);
      auto const of = asked(name, answers, all.at("classes").get<std::size_t>());
      CHECK(name_of(weights_reader(file, of).names()) == peer);
      for (auto const& one : answers.at("cases")) {
        std::size_t const size = one.at("image_size").get<std::size_t>(), n = all.at("images").get<std::size_t>();
        INFO("images of " << size << " pixels");
        auto const pixels = formula(seed, all.at("image_stream").get<std::uint64_t>(), n * size * size * 3, 0, 1);
        check_answers<double>(of, file, one, pixels, n, 1e-6);
        check_answers<float>(of, file, one, pixels, n, 1e-3);
      }
    }
  }
}

TEST_CASE("networks have as many numbers as are published", "[models]") {
  context ctx;
  struct row {
    std::string name;
    std::size_t classes, trained, features;  // `trained` as torchvision and Keras count them
  };
  // torchvision's documentation of models; ResNet-V2: Keras counts 25,613,800 and 44,675,560 with running statistics.
  for (row const& r :
       {row{"resnet_50", 1000, 25'557'032, 2048}, row{"resnet_101", 1000, 44'549'160, 2048},
        row{"resnet_v2_50", 1000, 25'613'800 - 45'440, 2048}, row{"resnet_v2_101", 1000, 44'675'560 - 97'664, 2048},
        row{"mobilenet_v2", 1000, 3'504'872, 1280}, row{"mobilenet_v3_small", 1000, 2'542'856, 576},
        row{"mobilenet_v3_large", 1000, 5'483'032, 960}, row{"efficientnet_b0", 1000, 5'288'548, 1280}}) {
    INFO(r.name);
    auto const of = architecture_named(r.name, {.classes = r.classes});
    network<float> const net(ctx, {32, 32, 3}, of.blocks, std::nullopt);
    CHECK(softf1::layers::summarise(net).trained == r.trained);
    for (std::size_t i = 0; i < net.nodes().size(); ++i)
      if (net.nodes()[i].name == of.features) CHECK(net.shape_after(i) == sample_shape{1, 1, r.features});
  }
}

TEST_CASE("architectures of the list fit together, and are cut between their units", "[models]") {
  context ctx;
  for (auto const& known : known_architectures) {
    INFO(known.name);
    auto const of = known.make({.width = 0.25});
    CHECK(of.name == known.name);
    network<float> const net(ctx, {64, 64, 3}, of.blocks, std::nullopt);
    for (auto const& b : of.names)
      CHECK(std::count_if(of.blocks.begin(), of.blocks.end(), [&](auto const& x) { return x.name == b.torchvision; }) ==
            1);
    for (auto const& name : cuts_of(of)) {
      auto const parts = cut_at(of, name);
      CHECK_NOTHROW(softf1::layers::resolve(parts.tail));
    }
  }
  auto const text = softf1_test::error_text<softf1::value_error>([] { architecture_named("resnet"); });
  CHECK(text ==
        "no architecture is named 'resnet', there are mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large, "
        "resnet_50, resnet_101, resnet_v2_50, resnet_v2_101, efficientnet_b0, pixels");
}

}  // namespace networks_tests
