// What runs out of memory says so and leaves its context as it was: typed over softf1::cuda alone, where
// SOFTF1_TEST_BACKENDS has it.
#include "support/scarce_memory.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <functional>
#include <memory>
#include <vector>

#include <softf1/layers/forward_plan.hpp>

#include "support/layer_cases.hpp"

namespace layers_memory_tests {

using namespace softf1_test;
using namespace softf1::layers;
using context = softf1::context<softf1::cuda>;
using work = std::function<std::vector<double>()>;
using net = network<float, softf1::cuda>;

constexpr sample_shape input{12, 10, 3};
constexpr std::size_t images = 9, outputs = 5;

table blocks() {
  return {{convolution({.out = 16, .size = 3, .stride = 2}), "stem"},
          batch_norm{},
          {relu6{}, "start"},
          depthwise_convolution{},
          {convolution({.out = 16, .size = 3, .bias = true}), "mixed", {.add = "start"}},
          {convolution({.out = 16}), "side", {.input = "start", .add = "mixed"}},
          dropout({.rate = 0.3}),
          global_average_pool{},
          dense({.out = outputs})};
}

std::vector<double> wide(std::vector<float> const& x) { return {x.begin(), x.end()}; }

// A step of training, its gradients from 0.
std::vector<double> step(context& ctx, net& of) {
  auto const x = upload(ctx, layer_numbers<float>(images * input.size(), 3));
  auto const slopes = upload(ctx, layer_numbers<float>(images * outputs, 4));
  feature_maps<const float, softf1::cuda> const from(x.data(), {images, input.height, input.width, input.channels});
  pass<softf1::cuda> const how{.mode = pass_mode::training, .seed = 5};
  softf1::fill(ctx, of.gradients(ctx), 0);
  auto all = wide(download(ctx, elements_of(of.forward(ctx, how, from))));
  of.backward(ctx, how, from, {slopes.data(), {images, 1, 1, outputs}});
  auto const gradients = wide(download(ctx, of.gradients(ctx)));
  all.insert(all.end(), gradients.begin(), gradients.end());
  return all;
}

}  // namespace layers_memory_tests

TEMPLATE_TEST_CASE("a network that runs out of memory says so, and can be trained afterwards", "[layers][memory]",
                   softf1::cuda) {
  using namespace layers_memory_tests;
  // A new one, and one that was there before.
  std::size_t const made = check_scarce_memory([](context& ctx) -> work {
    return [&ctx] {
      net of(ctx, input, blocks(), 1);
      return step(ctx, of);
    };
  });
  CHECK((made >= 12 && made < 60));
  std::size_t const kept = check_scarce_memory([](context& ctx) -> work {
    return [&ctx, of = std::make_shared<net>(ctx, input, blocks(), 1)] { return step(ctx, *of); };
  });
  CHECK((kept >= 10 && kept < made));
}

TEMPLATE_TEST_CASE("a forward plan that runs out of memory says so, and can be run afterwards", "[layers][memory]",
                   softf1::cuda) {
  using namespace layers_memory_tests;
  std::size_t const failures = check_scarce_memory([](context& ctx) -> work {
    return [&ctx, of = std::make_shared<net>(ctx, input, blocks(), 1)] {
      forward_plan<float, softf1::cuda> const plan(ctx, *of);
      auto const x = upload(ctx, layer_numbers<float>(images * input.size(), 3));
      softf1::buffer<float, softf1::cuda> y(ctx, images * outputs);
      plan.run(ctx, {x.data(), {images, input.height, input.width, input.channels}}, y.matrix(images, outputs));
      return wide(download(ctx, y));
    };
  });
  CHECK((failures >= 10 && failures < 40));
}

#endif
