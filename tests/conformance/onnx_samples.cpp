// Writes ONNX files and what softf1 gives for their inputs, for onnx_check.py: onnx_samples FOLDER.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <softf1/io/make_array.hpp>
#include <softf1/models/onnx.hpp>
#include <softf1/training/heads.hpp>

#include "../support/layer_cases.hpp"

namespace {

using namespace softf1;
using namespace softf1::layers;
using network_of_floats = network<float>;

constexpr std::size_t rows = 5;

class samples {
 public:
  explicit samples(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }

  std::string file(std::string const& name) const { return (folder_ / (name + ".onnx")).string(); }
  void add(std::string const& name, std::vector<float> values, std::vector<std::size_t> shape) {
    arrays_.push_back({name, io::make_array(std::move(values), std::move(shape))});
  }
  void write() const { io::write_safetensors((folder_ / "expected.safetensors").string(), arrays_); }

 private:
  std::filesystem::path folder_;
  std::vector<io::named_array> arrays_;
};

/// Weights in ±1, variances around 1.
void draw(network_of_floats& net, std::uint64_t seed) {
  for (auto const& p : net.named()) {
    auto const numbers = softf1_test::layer_numbers<float>(p.size(), ++seed);
    for (std::size_t k = 0; k < p.size(); ++k)
      p.values(k) = p.name.ends_with("running_var") ? 1 + numbers[k] / 2 : numbers[k];
  }
}

std::vector<std::size_t> shape_of(sample_shape s) {
  if (s.pixels() == 1) return {rows, s.channels};
  return {rows, s.height, s.width, s.channels};
}

void add_network(samples& all, std::string const& name, sample_shape in, table blocks, double spread = 1) {
  context<cpu> ctx({.threads = 1});
  network_of_floats net(ctx, in, std::move(blocks), std::nullopt);
  draw(net, 7);
  auto const x = softf1_test::layer_numbers<float>(rows * in.size(), 3, spread);
  auto const y = elements_of(net.forward(ctx, {}, {x.data(), {rows, in.height, in.width, in.channels}}));
  write_onnx(all.file(name), net);
  all.add(name + "/x", x, shape_of(in));
  all.add(name + "/y", {y.data(), y.data() + y.size()}, {rows, net.output_shape().size()});
}

void add_networks(samples& all) {
  using enum padding;
  for (auto const& c : softf1_test::layer_cases())
    add_network(
        all,
        "layer " + c.name.substr(0, c.name.find(" / ")) + std::to_string(c.in.size()) + std::to_string(c.name.size()),
        c.in, {{c.layer, "layer"}}, c.spread);
  add_network(all, "residuals", {7, 5, 3},
              {{convolution({.out = 4, .size = 3, .stride = 2}), "a"},
               {batch_norm({}), "b"},
               {hard_swish{}, "c"},
               {squeeze_excite({.reduced = 2}), "d"},
               {convolution({.out = 4, .bias = true}), "e", {.add = "c"}},
               {relu6{}, "f"},
               {batch_norm({}), "g", {.input = "f", .add = "a"}},
               {max_pool({.size = 2, .stride = 1}), "h"},
               {flatten{}, "i"},
               {dense({.out = 6}), "j"},
               {layer_norm({}), "k"},
               {dense({.out = 6}), "l", {.add = "j"}},
               {swish{}, "m"}});
  add_network(all, "padded maxima", {5, 4, 3},
              {{max_pool({.size = 3, .padding = symmetric, .count_padding = true}), "a"},
               {max_pool({.size = 2, .zeros = zero_border{0, 1, 0, 0}, .count_padding = true}), "b"}});
  add_network(all, "flat maps with a residual", {2, 3, 2},
              {{relu{}, "a"}, {flatten{}, "b"}, {dense({.out = 12}), "c", {.add = "b"}}, {layers::sigmoid{}, "d"}});
  add_network(all, "windows on one pixel", {1, 1, 3},
              {{convolution({.out = 4, .size = 3, .bias = true}), "a"},
               {depthwise_convolution({.size = 3}), "b"},
               {squeeze_excite({.reduced = 2}), "c"},
               {global_average_pool{}, "d"},
               {max_pool({.size = 1, .stride = 1}), "e"}});
}

void add_heads(samples& all) {
  training::heads::for_each([&]<class Head>() {
    for (std::size_t side : {1, 16}) {
      sample_shape const in{side, side, 3};
      if (side == 1 && Head::name == "convnet") continue;
      for (std::size_t hidden : {0, 4})
        add_network(all, "head " + std::string(Head::name) + std::to_string(side) + std::to_string(hidden), in,
                    training::head_named(Head::name, in, 3, {.hidden = hidden}));
    }
  });
}

models::model model_of(models::extractor const& extractor, models::task task, table head) {
  context<cpu> ctx({.threads = 1});
  models::model m;
  m.task = task;
  m.labels = {"cat", "dog",
              "b\xc3\xbc"
              "ffel"};
  if (task == models::task::multiclass)
    m.rule = argmax{};
  else
    m.rule = threshold_set{.thresholds = {0.25, -1, std::numeric_limits<double>::infinity()}};
  m.extractor = extractor.identity();
  m.input = extractor.output_shape();
  m.head = std::move(head);
  m.arrays = models::arrays_of(network_of_floats(ctx, m.input, m.head, 5));
  return m;
}

void add_model(samples& all, std::string const& name, models::extractor const& extractor, models::task task,
               table head) {
  context<cpu> ctx({.threads = 1});
  auto const m = model_of(extractor, task, std::move(head));
  std::size_t const size = extractor.input().image_size, dimension = extractor.dimension();
  auto const pixels = softf1_test::layer_numbers<float>(rows * size * size * 3, 3);
  std::vector<float> features(rows * dimension), logits(rows * m.labels.size());
  extractor.run(ctx, {pixels.data(), {rows, size, size, 3}}, {features.data(), rows, dimension});
  models::predict_logits(ctx, m, matrix_view<const float>(features.data(), rows, dimension),
                         matrix_view<float>(logits.data(), rows, m.labels.size()));
  write_onnx(all.file(name), m, &extractor);
  write_onnx(all.file(name + ", head"), m, nullptr, {.opset = 20, .batch = rows});
  all.add(name + "/pixels", pixels, {rows, size, size, 3});
  all.add(name + ", head/features", features, shape_of(extractor.output_shape()));
  for (std::string const& part : {name, name + ", head"}) all.add(part + "/logits", logits, {rows, m.labels.size()});
}

void add_models(samples& all) {
  context<cpu> ctx({.threads = 1});
  using models::task;
  auto const random = [&](std::string const& architecture, std::string const& end_point, std::size_t size) {
    return models::extractor::random(ctx, 1,
                                     {.architecture = architecture, .end_point = end_point, .image_size = size});
  };
  add_model(all, "mobilenet_v2", random("mobilenet_v2", "", 64), task::multilabel,
            {{dense({.out = 8}), "hidden"}, {relu{}, "relu"}, {dropout{0.5}, "drop"}, {dense({.out = 3}), "output"}});
  add_model(all, "mobilenet_v3_small", random("mobilenet_v3_small", "", 64), task::multilabel,
            {{dense({.out = 3}), "output"}});
  add_model(all, "efficientnet_b0", random("efficientnet_b0", "features.4.0", 64), task::multilabel,
            {{global_average_pool{}, "mean"}, {dense({.out = 3}), "output"}});
  add_model(all, "resnet_50", random("resnet_50", "layer2.1.relu", 32), task::multiclass,
            {{convolution({.out = 4, .size = 3}), "conv"},
             {relu{}, "relu"},
             {flatten{}, "flat"},
             {dense({.out = 3}), "output"}});
  add_model(all, "resnet_v2_50", random("resnet_v2_50", "block1.unit_3.conv3", 32), task::multilabel,
            {{global_average_pool{}, "mean"}, {layer_norm({}), "norm"}, {dense({.out = 3}), "output"}});
  add_model(all, "pixels", random("pixels", "", 16), task::multilabel,
            {{convolution({.out = 4, .size = 3, .stride = 2}), "conv"},
             {batch_norm({}), "norm"},
             {relu{}, "relu"},
             {flatten{}, "flat"},
             {dense({.out = 3}), "output"}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  samples all(argv[1]);
  add_networks(all);
  add_heads(all);
  add_models(all);
  all.write();
}
