#include <softf1/layers/forward_plan.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/layer_cases.hpp"

namespace forward_plan_tests {

using namespace softf1_test;
using namespace softf1::layers;
using softf1::context;
using softf1::cpu;

struct problem {
  sample_shape in;
  table blocks;
  std::uint64_t seed = 1;
};

template <class T, class B>
struct filled_network {
  network<T, B> net;

  // All arrays random; the first ones of a longer table are those of a shorter one.
  filled_network(context<B>& ctx, problem const& p) : net(ctx, p.in, p.blocks, p.seed) {
    add(ctx, net.parameters(), p.seed + 1, 0.3);
    add(ctx, net.state(), p.seed + 2, 0.5);
  }

 private:
  static void add(context<B>& ctx, softf1::vector_view<T, B> to, std::uint64_t seed, double spread) {
    auto values = download(ctx, to);
    auto const more = layer_numbers<double>(values.size(), seed, spread);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] += static_cast<T>(more[k]);
    upload_to(ctx, values, to);
  }
};

template <class T>
std::vector<T> inputs(sample_shape in, std::size_t images) {
  return layer_numbers<T>(images * in.size(), 77, 2);
}

template <class T, class B>
std::vector<T> planned(context<B>& ctx, forward_plan<T, B> const& plan, std::vector<T> const& x) {
  sample_shape const in = plan.input_shape();
  std::size_t const n = x.size() / in.size(), d = plan.output_shape().size();
  auto const from = upload(ctx, x);
  auto y = upload(ctx, std::vector<T>(n * d, stored<T>(-77)));
  plan.run(ctx, {from.data(), {n, in.height, in.width, in.channels}}, {y.data(), n, d});
  return download(ctx, y);
}

template <class T, class B>
std::vector<T> trained(context<B>& ctx, network<T, B>& net, std::vector<T> const& x) {
  sample_shape const in = net.input_shape();
  auto const from = upload(ctx, x);
  return download(
      ctx, elements_of(net.forward(ctx, {}, {from.data(), {x.size() / in.size(), in.height, in.width, in.channels}})));
}

// The largest difference, relative to the largest number expected.
template <class T, class U>
double difference(std::vector<T> const& got, std::vector<U> const& expected) {
  if (got.size() != expected.size()) return HUGE_VAL;
  double most = 1e-30, off = 0;
  for (std::size_t k = 0; k < got.size(); ++k) {
    most = std::max(most, std::fabs(number(expected[k])));
    double const error = std::fabs(number(got[k]) - number(expected[k]));
    off = std::isnan(error) ? HUGE_VAL : std::max(off, error);
  }
  return off / most;
}

// Of plan and network.
template <class T, class B>
double error_of(context<B>& ctx, problem const& p, std::size_t images, std::string const& end_point = {}) {
  filled_network<T, B> whole(ctx, p);
  forward_plan<T, B> const plan(ctx, whole.net, end_point);
  // The network that ends there.
  auto shorter = p;
  std::size_t last = p.blocks.size();
  for (std::size_t k = 0; k < p.blocks.size(); ++k)
    if (!end_point.empty() && p.blocks[k].name == end_point) last = k + 1;
  shorter.blocks.erase(shorter.blocks.begin() + static_cast<std::ptrdiff_t>(last), shorter.blocks.end());
  filled_network<T, B> cut(ctx, shorter);
  auto const x = inputs<T>(p.in, images);
  if (plan.output_shape() != cut.net.output_shape()) return HUGE_VAL;
  return difference(planned(ctx, plan, x), trained(ctx, cut.net, x));
}

class random_choices {
 public:
  explicit random_choices(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_.below(next_++, n); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  softf1::random_stream random_;
  std::uint64_t next_ = 0;
};

any_layer random_layer(random_choices& random, sample_shape in, bool may_pool) {
  auto const pad = random.one_in(2) ? padding::tensorflow_same : padding::symmetric;
  std::size_t const size = random.one_in(3) ? 1 : 3, stride = random.one_in(4) && in.height > 1 ? 2 : 1;
  std::size_t const out = random.one_in(2) ? in.channels : 1 + random.below(20);
  switch (random.below(may_pool ? 16 : 15)) {
    case 0:
      return convolution({.out = out,
                          .size = size,
                          .stride = stride,
                          .padding = pad,
                          .bias = random.one_in(2),
                          .groups = out == in.channels && random.one_in(2) ? in.channels
                                    : in.channels % 2 == 0 && out % 2 == 0 ? std::size_t{2}
                                                                           : std::size_t{1}});
    case 1:
      return dense({.out = out, .bias = random.one_in(2)});
    case 2:
      return depthwise_convolution({.size = random.one_in(2) ? size : 5, .stride = stride, .padding = pad});
    case 3:
    case 4:
      return batch_norm({.epsilon = random.one_in(2) ? 1e-5 : 1e-3});
    case 5:
      return relu{};
    case 6:
      return relu6{};
    case 7:
      return dropout{};
    case 8:
      return swish{};
    case 9:
      return random.one_in(2) ? any_layer(hard_swish{}) : any_layer(hard_sigmoid{});
    case 10:
      return sigmoid{};
    case 11:
      return squeeze_excite(
          {.reduced = 1 + random.below(4),
           .inner = random.one_in(2) ? softf1::activation::relu : softf1::activation::swish,
           .gate = random.one_in(2) ? softf1::activation::sigmoid : softf1::activation::hard_sigmoid});
    case 12:
      return layer_norm{};
    case 13:
      return max_pool({.size = size, .stride = stride, .padding = pad});
    case 14:
      if (random.one_in(4)) return flatten{};
      return average_pool({.size = size, .stride = stride, .padding = pad, .count_padding = random.one_in(2)});
    default:
      return global_average_pool{};
  }
}

// Blocks read the one before, or any; and add any of their shape.
problem random_table(std::uint64_t seed) {
  random_choices random(seed);
  problem p{{2 + random.below(6), 2 + random.below(6), 1 + random.below(20)}, {}, seed};
  std::vector<sample_shape> shapes;
  std::size_t const blocks = 1 + random.below(14);
  for (std::size_t k = 0; k < blocks; ++k) {
    block_links links;
    sample_shape in = k == 0 ? p.in : shapes.back();
    if (k > 0 && random.one_in(5)) {
      std::size_t const from = random.below(k);
      links.input = std::to_string(from);
      in = shapes[from];
    }
    auto const layer = random_layer(random, in, k + 3 > blocks);
    shapes.push_back(
        std::visit([&](auto const& l) { return l.template make<float, softf1::cpu>(in)->output_shape(); }, layer));
    if (k > 0 && random.one_in(3)) {
      std::size_t const other = random.below(k);
      if (shapes[other] == shapes.back()) links.add = std::to_string(other);
    }
    std::visit([&](auto const& l) { p.blocks.emplace_back(l, std::to_string(k), links); }, layer);
  }
  return p;
}

std::string text(problem const& p) {
  std::string text = shape_text(p.in);
  for (auto const& b : p.blocks) {
    text += " | " + b.name + " " + std::string(name_of(b.layer));
    if (!b.links.input.empty()) text += " of " + b.links.input;
    if (!b.links.add.empty()) text += " + " + b.links.add;
  }
  return text;
}

// A small ResNet of pre-activation: its normalised maps are read by the next convolution, by a shortcut with a
// convolution of its own, and by a pooled shortcut; and it ends in a norm. Source: He et al., "Identity mappings in deep
// residual networks", 2016.
problem small_pre_activation_resnet() {
  return {{15, 13, 3},
          {{convolution({.out = 8, .size = 3, .stride = 2, .padding = padding::symmetric, .bias = true}), "conv1"},
           {max_pool({.size = 3, .stride = 2, .padding = padding::symmetric}), "pool1"},
           {batch_norm{}, "1.preact.norm"},
           {relu{}, "1.preact"},
           {convolution({.out = 16, .bias = true}), "1.shortcut"},
           {convolution({.out = 4}), "1.conv1", {.input = "1.preact"}},
           {batch_norm{}, "1.norm1"},
           {relu{}, "1.relu1"},
           {convolution({.out = 4, .size = 3, .padding = padding::symmetric}), "1.conv2"},
           {batch_norm{}, "1.norm2"},
           {relu{}, "1.relu2"},
           {convolution({.out = 16, .bias = true}), "1.conv3", {.add = "1.shortcut"}},
           {batch_norm{}, "2.preact.norm"},
           {relu{}, "2.preact"},
           {max_pool({.size = 1, .stride = 2, .padding = padding::valid}), "2.shortcut", {.input = "1.conv3"}},
           {convolution({.out = 4}), "2.conv1", {.input = "2.preact"}},
           {batch_norm{}, "2.norm1"},
           {relu{}, "2.relu1"},
           {convolution({.out = 4, .size = 3, .stride = 2, .padding = padding::symmetric}), "2.conv2"},
           {batch_norm{}, "2.norm2"},
           {relu{}, "2.relu2"},
           {convolution({.out = 16, .bias = true}), "2.conv3", {.add = "2.shortcut"}},
           {batch_norm{}, "postnorm"},
           {relu{}, "postrelu"},
           {global_average_pool{}, "pool"},
           {dense({.out = 5}), "logits"}}};
}

// A small MobileNet: stem, an inverted residual with a gate, features, head.
problem small_mobilenet() {
  return {{12, 10, 3},
          {{convolution({.out = 16, .size = 3, .stride = 2}), "0"},
           {batch_norm{}, "1"},
           {relu6{}, "2"},
           {convolution({.out = 40}), "3"},
           {batch_norm{}, "4"},
           {relu6{}, "5"},
           {depthwise_convolution{}, "6"},
           {batch_norm{}, "7"},
           {swish{}, "8"},
           {squeeze_excite({.reduced = 4}), "gate"},
           {convolution({.out = 16}), "9"},
           {batch_norm{}, "10", {.add = "2"}},
           {global_average_pool{}, "11"},
           {dropout{}, "12"},
           {dense({.out = 20}), "13"},
           {hard_swish{}, "14"},
           {dense({.out = 7}), "15"}}};
}

}  // namespace forward_plan_tests

TEMPLATE_TEST_CASE("forward plans compute what the networks of random tables do", "[layers][forward_plan]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace forward_plan_tests;
  context<TestType> ctx;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    auto const p = random_table(seed);
    INFO("seed " << seed << ": " << text(p));
    CHECK(error_of<double>(ctx, p, 2) <= 1e-12);
    if (seed % 5 == 0) CHECK(error_of<float>(ctx, p, 2) <= 1e-5);
  }
}

TEMPLATE_TEST_CASE("forward plans end at any block", "[layers][forward_plan]", SOFTF1_TEST_BACKENDS) {
  using namespace forward_plan_tests;
  context<TestType> ctx;
  for (std::uint64_t seed = 1000; seed < 1030; ++seed) {
    auto const p = random_table(seed);
    for (auto const& b : p.blocks) {
      INFO("seed " << seed << ", end-point " << b.name << ": " << text(p));
      CHECK(error_of<double>(ctx, p, 2, b.name) <= 1e-12);
    }
  }
  network<float, TestType> net(ctx, {1, 1, 2}, {{dense{}, "a"}});
  CHECK(error_text<softf1::value_error>([&] { forward_plan<float, TestType>(ctx, net, "b"); }) ==
        "forward_plan: the network has no block 'b'");
}

TEMPLATE_TEST_CASE("forward plans of tables that cannot be folded plainly", "[layers][forward_plan]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace forward_plan_tests;
  context<TestType> ctx;
  struct {
    std::string what;
    table blocks;
    std::size_t steps;
  } const rows[] = {
      {"convolution, batch-norm and relu6 are one step", {convolution({.out = 4}), batch_norm{}, relu6{}}, 1},
      {"batch-norm first", {batch_norm{}, relu{}}, 1},
      {"a rectifier twice", {relu{}, relu6{}}, 2},
      {"batch-norm of what another block reads too",
       {{convolution({.out = 4}), "0"}, batch_norm{}, {relu{}, "2", {.input = "0", .add = "1"}}},
       4},
      {"a residual behind a rectifier", {{convolution({.out = 3}), "0"}, {relu{}, "1", {.add = "0"}}}, 3},
      {"a residual before a rectifier",
       {{convolution({.out = 3}), "0"}, {convolution({.out = 3}), "1", {.add = "0"}}, relu{}},
       2},
      {"a residual that is made after the step it would go into",
       {{convolution({.out = 3}), "0"},
        {convolution({.out = 3}), "1", {.input = "0"}},
        {convolution({.out = 3}), "2", {.input = "0"}},
        {batch_norm{}, "3", {.input = "1", .add = "2"}}},
       4},
      {"a last block of which nobody's is behind it",
       {{convolution({.out = 3}), "0"},
        {convolution({.out = 3}), "1", {.input = "0"}},
        {convolution({.out = 5}), "2", {.input = "0"}},
        {relu{}, "3", {.input = "1"}}},
       2},
      {"a residual of pooled features",
       {{dense({.out = 3}), "0"},
        {global_average_pool{}, "1"},
        {global_average_pool{}, "2", {.input = "0", .add = "1"}}},
       4},
      {"activations that bend are fused too", {convolution({.out = 4}), batch_norm{}, hard_swish{}, swish{}}, 2},
      {"squeeze and excitation", {convolution({.out = 4}), squeeze_excite({.reduced = 2}), swish{}}, 6},
      {"a flattened map is read as a vector", {convolution({.out = 4}), flatten{}, batch_norm{}, dense({.out = 2})}, 3},
      {"a flattened input", {flatten{}, dense({.out = 2})}, 2},
      {"a flattened end", {convolution({.out = 4}), relu{}, flatten{}}, 1},
      {"dilated windows, and zeros that are counted",
       {convolution({.out = 4, .size = 3, .padding = padding::symmetric, .dilation = 2}),
        depthwise_convolution({.padding = padding::symmetric, .dilation = 2}),
        convolution({.out = 4, .size = 3, .stride = 2, .zeros = zero_border{2, 1, 0, 2}}),
        depthwise_convolution({.zeros = zero_border{0, 2, 1, 1}})},
       4},
      {"dropout is left out", {dense({.out = 4}), relu{}, dropout{}, dense({.out = 2})}, 2},
  };
  for (auto const& row : rows) {
    INFO(row.what);
    problem const p{{4, 3, 3}, row.blocks};
    CHECK(error_of<double>(ctx, p, 2) <= 1e-13);
    filled_network<double, TestType> filled(ctx, p);
    CHECK(forward_plan<double, TestType>(ctx, filled.net).steps() == row.steps);
  }
}

TEMPLATE_TEST_CASE("a pre-activation network ends at any of its maps, and infers as it was trained",
                   "[layers][forward_plan]", SOFTF1_TEST_BACKENDS) {
  using namespace forward_plan_tests;
  context<TestType> ctx;
  auto const p = small_pre_activation_resnet();
  for (auto const& b : p.blocks) {
    INFO(b.name);
    CHECK(error_of<double>(ctx, p, 3, b.name) <= 1e-12);
  }
  CHECK(error_of<float>(ctx, p, 3) <= 1e-5);
  filled_network<double, TestType> filled(ctx, p);
  // Norms and rectifiers are steps where two blocks read what they would go into (1.preact's is the input's, pooled).
  CHECK(forward_plan<double, TestType>(ctx, filled.net).steps() == 15);
}

TEMPLATE_TEST_CASE("a forward plan gives an image the same bits in any batch, on any number of threads",
                   "[layers][forward_plan][threads]", float, double) {
  using namespace forward_plan_tests;
  using T = TestType;
  auto const p = small_mobilenet();
  context<cpu> one({.threads = 1});
  filled_network<T, cpu> filled(one, p);
  forward_plan<T> const plan(one, filled.net);
  auto const x = inputs<T>(p.in, 13);
  auto const expected = planned(one, plan, x);
  for (int threads : {2, 3, 8}) {
    context<cpu> ctx({.threads = threads});
    CHECK(planned(ctx, plan, x) == expected);
  }
  std::vector<T> alone;
  for (std::size_t i = 0; i < 13; ++i) {
    auto const at = x.begin() + static_cast<std::ptrdiff_t>(i * p.in.size());
    auto const y = planned(one, plan, std::vector<T>(at, at + static_cast<std::ptrdiff_t>(p.in.size())));
    alone.insert(alone.end(), y.begin(), y.end());
  }
  CHECK(alone == expected);
}

TEMPLATE_TEST_CASE("a forward plan takes more images than a device has at work at once", "[layers][forward_plan]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace forward_plan_tests;
  context<TestType> ctx;
  for (std::size_t images : sizes{63, 64, 65, 130}) {
    INFO(images << " images");
    CHECK(error_of<double>(ctx, small_mobilenet(), images) <= 1e-12);
  }
}

#if defined(SOFTF1_DEVICE_CODE)
TEMPLATE_TEST_CASE("a forward plan that stores half or bfloat16 is that of float, up to rounding",
                   "[layers][forward_plan]", softf1::half, softf1::bfloat16) {
  using namespace forward_plan_tests;
  using T = TestType;
  context<softf1::cuda> ctx;
  // Of what is stored, between up to fourteen steps; sums may be rounded once more before the bias is added.
  double const rounding = std::is_same_v<T, softf1::half> ? 0x1p-11 : 0x1p-8;
  std::vector<problem> problems{small_mobilenet()};
  for (std::uint64_t seed = 2000; seed < 2020; ++seed) problems.push_back(random_table(seed));
  double most = 0;
  for (auto const& p : problems) {
    INFO(text(p));
    filled_network<float, softf1::cuda> filled(ctx, p);
    forward_plan<float, softf1::cuda> const exact(ctx, filled.net);
    forward_plan<T, softf1::cuda> const plan(ctx, filled.net);
    CHECK(plan.workspace_bytes(ctx) <= exact.workspace_bytes(ctx));
    auto x = inputs<float>(p.in, 70);
    std::vector<T> rounded;
    for (float& v : x) v = static_cast<float>(rounded.emplace_back(T(v)));
    double const error = difference(planned(ctx, plan, rounded), planned(ctx, exact, x));
    // Normalisation over channels makes more of rounding.
    CHECK(error <= (text(p).find("layer_norm") == std::string::npos ? 20 : 40) * rounding);
    most = std::max(most, error);
  }
  CHECK(most >= rounding / 4);
}
#endif

TEST_CASE("threads share a forward plan", "[layers][forward_plan][threads]") {
  using namespace forward_plan_tests;
  auto const p = small_mobilenet();
  context<cpu> ctx({.threads = 1});
  filled_network<float, cpu> filled(ctx, p);
  forward_plan<float> const plan(ctx, filled.net);
  auto const x = inputs<float>(p.in, 5);
  auto const expected = planned(ctx, plan, x);
  std::vector<std::vector<float>> got(4);
  {
    std::vector<std::thread> threads;
    for (auto& result : got)
      threads.emplace_back([&] {
        context<cpu> mine({.threads = 1});
        for (int k = 0; k < 20; ++k) result = planned(mine, plan, x);
      });
    for (auto& t : threads) t.join();
  }
  for (auto const& result : got) CHECK(result == expected);
}

TEST_CASE("every instruction set runs a forward plan", "[layers][forward_plan]") {
  using namespace forward_plan_tests;
  auto const p = small_mobilenet();
  context<cpu> ctx;
  filled_network<float, cpu> filled(ctx, p);
  auto const x = inputs<float>(p.in, 3);
  auto const expected = trained(ctx, filled.net, x);
  forward_plan<float> const plan(ctx, filled.net);
  for (auto set : {softf1::instruction_set::baseline, softf1::instruction_set::avx2, softf1::instruction_set::avx512}) {
    if (set > softf1::best_instruction_set()) continue;
    INFO(name_of(set));
    context<cpu> narrow({.set = set});
    auto const y = planned(narrow, plan, x);
    for (std::size_t k = 0; k < y.size(); ++k) CHECK(y[k] == Approx(expected[k]).margin(1e-5));
  }
}

TEMPLATE_TEST_CASE("a forward plan keeps its weights, passes NaN on, and takes no images", "[layers][forward_plan]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace forward_plan_tests;
  auto const p = small_mobilenet();
  context<TestType> ctx;
  filled_network<double, TestType> filled(ctx, p);
  forward_plan<double, TestType> const plan(ctx, filled.net);
  auto x = inputs<double>(p.in, 2);
  auto const expected = planned(ctx, plan, x);
  softf1::fill(ctx, filled.net.parameters(), 0);
  CHECK(planned(ctx, plan, x) == expected);
  CHECK(planned(ctx, plan, std::vector<double>()).empty());
  CHECK(plan.workspace_bytes(ctx) >= 2 * 6 * 5 * 40 * sizeof(double));
  x[p.in.size() + 70] = std::nan("");
  auto const y = planned(ctx, plan, x);
  CHECK(std::equal(y.begin(), y.begin() + 7, expected.begin()));
  for (std::size_t k = 7; k < 14; ++k) CHECK(std::isnan(y[k]));
}

TEST_CASE("forward plans refuse what does not fit", "[layers][forward_plan][errors]") {
  using namespace forward_plan_tests;
  context<cpu> ctx;
  network<float> net(ctx, {2, 2, 3}, {dense({.out = 4})});
  forward_plan<float> const plan(ctx, net);
  std::vector<float> memory(100);
  CHECK(error_text<softf1::shape_error>([&] {
          plan.run(ctx, {memory.data(), {2, 2, 3, 3}}, {memory.data(), 2, 16});
        }) == "forward_plan: x must have shape (2, 2, 2, 3), got (2, 2, 3, 3)");
  CHECK(error_text<softf1::shape_error>([&] { plan.run(ctx, {memory.data(), {2, 2, 2, 3}}, {memory.data(), 2, 4}); }) ==
        "forward_plan: out must have shape (2, 16), got (2, 4)");
  network<float> wide(ctx, {9, 9, 2}, {{depthwise_convolution({.size = 9}), "wide"}});
  CHECK(error_text<softf1::value_error>([&] { forward_plan<float>(ctx, wide); }) ==
        "forward_plan: the window of block 'wide' must be at most 7 wide, got 9");
}
