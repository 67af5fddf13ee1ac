#include <softf1/models/onnx.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

// That the numbers are right is for tests/conformance/onnx_check.py, which has ONNX Runtime.
namespace onnx_tests {

using namespace small_models;
using namespace softf1::layers;
using float_network = softf1::layers::network<float>;
using protozero::pbf_reader;
using softf1_test::error_text;

/// All fields of that number, as bytes.
std::vector<std::string> fields(std::string const& message, std::uint32_t number) {
  std::vector<std::string> found;
  pbf_reader reader(message);
  while (reader.next()) {
    if (reader.tag() == number)
      found.push_back(reader.get_string());
    else
      reader.skip();
  }
  return found;
}

struct read_file {
  std::string graph, about;
  std::vector<std::string> operators;                           // in the order in which they run
  std::vector<std::pair<std::string, std::vector<int>>> edges;  // inputs and outputs; 0: any number
  std::vector<std::vector<std::int64_t>> constants;             // their extents
  std::vector<std::vector<std::int64_t>> pads;

  explicit read_file(std::string const& path) {
    auto const bytes = bytes_of(path);
    graph = fields(bytes, 7).at(0);
    for (auto const& entry : fields(bytes, 14))
      if (fields(entry, 1).at(0) == "softf1") about = fields(entry, 2).at(0);
    for (auto const& node : fields(graph, 1)) {
      operators.push_back(fields(node, 4).at(0));
      for (auto const& attribute : fields(node, 5))
        if (fields(attribute, 1).at(0) == "pads") pads.push_back(integers(attribute, 8));
    }
    for (std::uint32_t kind : {11u, 12u})
      for (auto const& edge : fields(graph, kind)) {
        edges.push_back({fields(edge, 1).at(0), {}});
        for (auto const& d : fields(fields(fields(fields(edge, 2).at(0), 1).at(0), 2).at(0), 1))
          edges.back().second.push_back(fields(d, 2).empty() ? static_cast<int>(integers(d, 1).at(0)) : 0);
      }
    for (auto const& tensor : fields(graph, 5)) {
      pbf_reader reader(tensor);
      if (!reader.next(1)) {
        constants.push_back({});
        continue;
      }
      auto const extents = reader.get_packed_int64();
      constants.emplace_back(extents.begin(), extents.end());
    }
  }

  static std::vector<std::int64_t> integers(std::string const& message, std::uint32_t number) {
    std::vector<std::int64_t> found;
    pbf_reader reader(message);
    while (reader.next(number)) found.push_back(reader.get_int64());
    return found;
  }
};

using texts = std::vector<std::string>;
using edges = std::vector<std::pair<std::string, std::vector<int>>>;

/// A model of images of 8 × 8 that was trained from its first layer on.
model image_model() {
  model m;
  m.labels = {"cat", "dog"};
  m.rule = softf1::threshold_set{.thresholds = {0, std::numeric_limits<double>::infinity()}};
  m.extractor.architecture = "pixels";
  m.extractor.input.image_size = 8;
  m.extractor.weights = extractor_identity::no_weights;
  m.input = {8, 8, 3};
  m.head = {{convolution{.out = 4, .size = 3, .stride = 2}, "conv"},
            {batch_norm{}, "norm"},
            {relu6{}, "relu"},
            {flatten{}, "flat"},
            {dense{.out = 2}, "output"}};
  context ctx;
  m.arrays = arrays_of(float_network(ctx, m.input, m.head, 5));
  return m;
}

struct onnx_path {
  softf1_test::temp_directory folder;
  std::string path = (folder / "model.onnx").string();
};

}  // namespace onnx_tests

TEST_CASE("a whole network is written folded, from pixels to probabilities", "[models][onnx]") {
  using namespace onnx_tests;
  onnx_path const to;
  auto const m = image_model();
  context ctx;
  auto const whole = extractor::restore(ctx, m.extractor, {});
  softf1::write_onnx(to.path, m, &whole);
  read_file const file(to.path);
  CHECK(file.operators == texts{"Conv", "Clip", "Transpose", "Flatten", "Gemm", "Identity", "Sigmoid"});
  CHECK(file.edges == edges{{"pixels", {0, 3, 8, 8}}, {"logits", {0, 2}}, {"probabilities", {0, 2}}});
  // TensorFlow's padding: the one row and column of zeros go after the image.
  CHECK(file.pads == std::vector<std::vector<std::int64_t>>{{0, 0, 1, 1}});
  CHECK(std::count(file.constants.begin(), file.constants.end(), std::vector<std::int64_t>{4, 3, 3, 3}) == 1);
  CHECK(std::count(file.constants.begin(), file.constants.end(), std::vector<std::int64_t>{64, 2}) == 1);
  auto const about = softf1::io::parse_json(file.about);
  CHECK(about.at("format") == "softf1.onnx");
  CHECK(about.at("labels") == softf1::io::json_value{"cat", "dog"});
  CHECK(about.at("task") == "multilabel");
  CHECK(about.at("thresholds").at("logit") == softf1::io::json_value{0.0, "inf"});
  CHECK(about.at("thresholds").at("probability") == softf1::io::json_value{0.5, "inf"});
  CHECK(about.at("preprocessing").at("image_size") == 8);
  CHECK(about.at("preprocessing").at("shift").at(2) == 127.5);
}

TEST_CASE("a head alone takes features as they are extracted", "[models][onnx]") {
  using namespace onnx_tests;
  onnx_path const to;
  auto m = image_model();
  m.task = task::multiclass;
  m.rule = softf1::argmax{};
  softf1::write_onnx(to.path, m, nullptr, {.input_name = "maps", .batch = 3});
  read_file const file(to.path);
  CHECK(file.operators.front() == "Transpose");
  CHECK(file.operators.back() == "Softmax");
  CHECK(file.edges == edges{{"maps", {3, 8, 8, 3}}, {"logits", {3, 2}}, {"probabilities", {3, 2}}});
  auto const about = softf1::io::parse_json(file.about);
  CHECK(about.at("thresholds") == softf1::io::json_value{{"logit", {nullptr, nullptr}}});
  CHECK(about.at("decision").at("kind") == "argmax");
  CHECK_FALSE(about.contains("preprocessing"));
  m.source = source::features;
  softf1::write_onnx(to.path, m);
  CHECK_FALSE(softf1::io::parse_json(read_file(to.path).about).contains("extractor"));
}

TEST_CASE("every layer has nodes of ONNX", "[models][onnx]") {
  using namespace onnx_tests;
  onnx_path const to;
  context ctx;
  struct row {
    any_layer layer;
    texts operators;
  };
  std::vector<row> const rows{
      {dense{.out = 2}, {"Conv"}},
      {convolution{.out = 2, .size = 3}, {"Conv"}},
      {depthwise_convolution{}, {"Conv"}},
      {batch_norm{}, {"Conv"}},
      {layer_norm{}, {"Transpose", "LayerNormalization", "Transpose"}},
      {relu{}, {"Relu"}},
      {relu6{}, {"Clip"}},
      {swish{}, {"Sigmoid", "Mul"}},
      {hard_swish{}, {"HardSigmoid", "Mul"}},
      {softf1::layers::sigmoid{}, {"Sigmoid"}},
      {hard_sigmoid{}, {"HardSigmoid"}},
      {squeeze_excite{}, {"GlobalAveragePool", "Flatten", "Gemm", "Relu", "Gemm", "Sigmoid", "Reshape", "Mul"}},
      {max_pool{}, {"MaxPool"}},
      {average_pool{}, {"AveragePool"}},
      {global_average_pool{}, {"GlobalAveragePool", "Flatten"}},
      {flatten{}, {}},
      {dropout{}, {}},
  };
  REQUIRE(rows.size() == softf1::layers::all::size);
  for (auto const& r : rows) {
    INFO(name_of(r.layer));
    float_network const net(ctx, {4, 6, 3}, {{r.layer, "layer"}}, 1);
    softf1::write_onnx(to.path, net);
    texts expected{"Transpose"};
    expected.insert(expected.end(), r.operators.begin(), r.operators.end());
    if (net.output_shape().pixels() > 1 || name_of(r.layer) == "flatten")
      expected.insert(expected.end(), {"Transpose", "Flatten"});
    expected.push_back("Identity");
    read_file const file(to.path);
    CHECK(file.operators == expected);
    CHECK(file.edges.at(1).second == std::vector<int>{0, static_cast<int>(net.output_shape().size())});
  }
}

TEST_CASE("what cannot be written as ONNX is refused in a sentence, and no file is left", "[models][onnx]") {
  using namespace onnx_tests;
  onnx_path const to;
  context ctx;
  auto const m = image_model();
  auto const refused = [&](std::string const& sentence, auto const& call) {
    INFO(sentence);
    CHECK(error_text<softf1::value_error>(call).starts_with("write_onnx: " + sentence));
    CHECK_FALSE(std::filesystem::exists(to.path));
  };
  refused("opset must be from 13 to 21, got 12", [&] { softf1::write_onnx(to.path, m, nullptr, {.opset = 12}); });
  refused("batch must be at least 1, got 0", [&] { softf1::write_onnx(to.path, m, nullptr, {.batch = 0}); });
  refused("the input must not have the name of an output, got logits",
          [&] { softf1::write_onnx(to.path, m, nullptr, {.input_name = "logits"}); });
  float_network const normed(ctx, {1, 1, 3}, {{layer_norm{}, "norm"}}, 1);
  refused("layer_norm needs operators of version 17 or later, got 13",
          [&] { softf1::write_onnx(to.path, normed, {.opset = 13}); });
  auto other = m.extractor;
  other.input.image_size = 9;
  auto const wrong = extractor::restore(ctx, other, {});
  refused("expected the model's extractor, pixels", [&] { softf1::write_onnx(to.path, m, &wrong); });
  auto of_features = m;
  of_features.source = source::features;
  auto const right = extractor::restore(ctx, m.extractor, {});
  refused("the model predicts from features", [&] { softf1::write_onnx(to.path, of_features, &right); });
  auto named = m;
  named.labels[0] = "\xff";
  refused("labels must be UTF-8", [&] { softf1::write_onnx(to.path, named); });
  CHECK_THROWS_AS(softf1::write_onnx((to.folder / "none/of.onnx").string(), m), softf1::io_error);
}
