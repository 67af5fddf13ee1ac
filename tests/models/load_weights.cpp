#include <softf1/models/load_weights.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <softf1/io/make_array.hpp>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace load_weights_tests {

using namespace softf1::models;
using softf1::io::named_array;
using softf1::layers::network;
using context = softf1::context<softf1::cpu>;
using numbers = std::vector<float>;
using shape = std::vector<std::size_t>;

constexpr softf1::layers::sample_shape input{6, 6, 3};

architecture small() {
  using namespace softf1::layers;
  return {.name = "small",
          .blocks = {{convolution({.out = 2, .size = 2, .bias = true}), "a.0"},
                     {batch_norm{}, "a.1"},
                     {relu6{}, "a.2"},
                     {depthwise_convolution({.size = 3}), "d"},
                     {global_average_pool{}, "pool"},
                     {dense({.out = 5}), "classifier.1"}},
          .names = {{"a.0", "ta", "Ka"},
                    {"a.1", "tb", "Kb"},
                    {"d", "td", "Kd"},
                    {"classifier.1", "classifier", "predictions"}},
          .features = "pool"};
}

// An array whose element at (i, j, k, l) is 1000 i + 100 j + 10 k + l, axes counted as `order` says.
named_array counted(std::string name, shape const& of, std::vector<int> const& order) {
  numbers values;
  std::vector<std::size_t> at(of.size());
  for (bool more = true; more;) {
    float value = 0;
    for (int axis : order) value = 10 * value + static_cast<float>(at[static_cast<std::size_t>(axis)]);
    values.push_back(value);
    more = false;
    for (std::size_t k = of.size(); k-- > 0 && !more;) {
      more = ++at[k] < of[k];
      if (!more) at[k] = 0;
    }
  }
  return {std::move(name), softf1::io::make_array(std::move(values), of)};
}

named_array ramp(std::string name, float first, std::size_t n = 2) {
  numbers values(n);
  for (std::size_t k = 0; k < n; ++k) values[k] = first + static_cast<float>(k);
  return {std::move(name), softf1::io::make_array(std::move(values), {n})};
}

// What the network holds is counted by (row, column, in, out), whatever the order in the file.
std::vector<named_array> arrays(key_names names) {
  if (names == key_names::keras)
    return {counted("Ka/kernel", {2, 2, 3, 2}, {0, 1, 2, 3}),
            ramp("Ka/bias", 10),
            ramp("Kb/gamma", 20),
            ramp("Kb/beta", 30),
            ramp("Kb/moving_mean", 40),
            ramp("Kb/moving_variance", 50),
            counted("Kd/depthwise_kernel", {3, 3, 2, 1}, {0, 1, 2}),
            counted("predictions/kernel", {2, 5}, {0, 1}),
            ramp("predictions/bias", 60, 5)};
  bool const timm = names == key_names::timm;
  std::string const a = timm ? "ta" : "a.0", b = timm ? "tb" : "a.1", d = timm ? "td" : "d",
                    c = timm ? "classifier" : "classifier.1";
  return {counted(a + ".weight", {2, 3, 2, 2}, {2, 3, 1, 0}),
          ramp(a + ".bias", 10),
          ramp(b + ".weight", 20),
          ramp(b + ".bias", 30),
          ramp(b + ".running_mean", 40),
          ramp(b + ".running_var", 50),
          ramp(b + ".num_batches_tracked", 99, 1),
          counted(d + ".weight", {2, 1, 3, 3}, {2, 3, 0}),
          counted(c + ".weight", {5, 2}, {1, 0}),
          ramp(c + ".bias", 60, 5)};
}

struct stored_file {
  softf1_test::temp_directory folder;
  std::string path = (folder / "weights.safetensors").string();
  softf1::io::safetensors_file file;

  explicit stored_file(std::vector<named_array> const& tensors) : file(write(path, tensors)) {}

  static softf1::io::safetensors_file write(std::string const& to, std::vector<named_array> const& tensors) {
    softf1::io::write_safetensors(to, tensors);
    return softf1::io::read_safetensors(to);
  }
};

numbers values_of(network<float> const& net) {
  numbers all;
  for (auto const& p : net.named()) all.insert(all.end(), p.values.data(), p.values.data() + p.values.size());
  return all;
}

// In the order of the network's arrays.
numbers expected() {
  numbers all;
  auto const add = [&](named_array const& a) {
    auto const values = a.values.as<float>();
    all.insert(all.end(), values.begin(), values.end());
  };
  for (auto const& a : arrays(key_names::keras)) add(a);
  return all;
}

std::string load_error(stored_file const& from, std::string const& prefix = {}) {
  context ctx;
  network<float> net(ctx, input, small().blocks, 3);
  auto const before = values_of(net);
  auto const text =
      softf1_test::error_text<softf1::io_error>([&] { weights_reader(from.file, small(), prefix).load(ctx, net); });
  // Nothing is loaded by half.
  CHECK(values_of(net) == before);
  return text;
}

}  // namespace load_weights_tests

TEST_CASE("weights of three libraries come to one order", "[models][load_weights]") {
  using namespace load_weights_tests;
  context ctx;
  for (auto names : {key_names::torchvision, key_names::timm, key_names::keras}) {
    INFO(name_of(names));
    stored_file const stored(arrays(names));
    weights_reader const reader(stored.file, small());
    CHECK(reader.names() == names);
    CHECK(reader.differences().missing.empty());
    CHECK(reader.differences().unexpected.empty());
    CHECK(reader.out_channels("a.0") == 2);
    CHECK(reader.out_channels("classifier.1") == 5);
    CHECK(reader.out_channels("b.0") == 0);
    network<float> net(ctx, input, small().blocks, 3);
    reader.load(ctx, net);
    CHECK(values_of(net) == expected());
    // A network without the classifier that the file has.
    auto cut = small();
    cut.blocks.pop_back();
    network<float> features(ctx, input, cut.blocks, 3);
    weights_reader(stored.file, cut).load(ctx, features);
    auto all = expected();
    all.resize(all.size() - 15);
    CHECK(values_of(features) == all);
  }
}

TEST_CASE("weights below a prefix", "[models][load_weights]") {
  using namespace load_weights_tests;
  auto tensors = arrays(key_names::torchvision);
  for (auto& t : tensors) t.name = "module." + t.name;
  tensors.push_back(ramp("optimizer.step", 1));
  stored_file const stored(tensors);
  context ctx;
  network<float> net(ctx, input, small().blocks, 3);
  weights_reader(stored.file, small(), "module.").load(ctx, net);
  CHECK(values_of(net) == expected());
}

TEST_CASE("weights of another network are refused", "[models][load_weights][errors]") {
  using namespace load_weights_tests;
  auto tensors = arrays(key_names::torchvision);
  tensors[2].name = "a.1.scale";
  {
    stored_file const stored(tensors);
    CHECK(load_error(stored) ==
          stored.path + ": the weights are not those of small; missing: a.1.weight; unexpected: a.1.scale");
  }
  tensors = arrays(key_names::torchvision);
  tensors.erase(tensors.begin() + 1);
  {
    stored_file const stored(tensors);
    CHECK(load_error(stored) == stored.path + ": the weights are not those of small; missing: a.0.bias");
  }
  // The last array: the ones before must not have been written.
  tensors = arrays(key_names::torchvision);
  tensors.back() = ramp("classifier.1.bias", 0, 4);
  {
    stored_file const stored(tensors);
    CHECK(load_error(stored) == stored.path + ": classifier.1.bias must have shape (5,), got (4,)");
  }
  // An array in another library's order.
  tensors = arrays(key_names::timm);
  tensors.front() = counted("ta.weight", {2, 2, 3, 2}, {0, 1, 2, 3});
  {
    stored_file const stored(tensors);
    CHECK(load_error(stored) == stored.path + ": ta.weight must have shape (2, 3, 2, 2), got (2, 2, 3, 2)");
  }
  {
    stored_file const stored({ramp("x", 1)});
    auto const text = load_error(stored);
    CHECK(text.find("missing: a.0.weight, a.0.bias, a.1.weight, a.1.bias, a.1.running_mean, … (9 in all)") !=
          std::string::npos);
  }
}
