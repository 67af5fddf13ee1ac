// Layers in training, forward and backward, in images a second: layers_torch.py has the same shapes in PyTorch.
//
// Threads: OMP_NUM_THREADS.
#include <softf1/layers/network.hpp>

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <softf1/backend/transfer.hpp>
#include <softf1/core/random.hpp>
#include <softf1/losses/all.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/training/heads.hpp>

namespace {

using namespace softf1;
using namespace softf1::layers;

std::vector<float> numbers(std::size_t n, std::uint64_t seed) {
  random_stream const random(seed);
  std::vector<float> all(n);
  for (std::size_t k = 0; k < n; ++k) all[k] = 2 * random.uniform<float>(k) - 1;
  return all;
}

feature_maps<float, cpu> maps(buffer<float>& memory, std::size_t images, sample_shape s) {
  return {memory.data(), {images, s.height, s.width, s.channels}};
}

/// A network on images of its shape, whose own gradients are not asked for.
void train(benchmark::State& state, sample_shape in, table const& blocks, std::size_t images) {
  context<cpu> ctx;
  network<float> net(ctx, in, blocks);
  auto x = upload(ctx, numbers(images * in.size(), 1));
  auto grad_y = upload(ctx, numbers(images * net.output_shape().size(), 2));
  pass<cpu> const how{.mode = pass_mode::training};
  auto const step = [&] {
    fill(ctx, net.gradients(ctx), 0.0f);
    benchmark::DoNotOptimize(net.forward(ctx, how, maps(x, images, in)).data());
    net.backward(ctx, how, maps(x, images, in), maps(grad_y, images, net.output_shape()));
  };
  step();
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(images));
}

/// One layer, with the gradient of its input.
void layer(benchmark::State& state, sample_shape in, any_layer const& options, std::size_t images) {
  context<cpu> ctx;
  auto const one = std::visit([&](auto const& l) { return l.template make<float, cpu>(in); }, options);
  std::vector<buffer<float>> memory;
  for (auto& p : one->parameters()) {
    p.values = memory.emplace_back(upload(ctx, numbers(p.size(), 3))).view();
    p.gradients = memory.emplace_back(upload(ctx, std::vector<float>(p.size()))).view();
  }
  sample_shape const out = one->output_shape();
  auto x = upload(ctx, numbers(images * in.size(), 1)), grad_y = upload(ctx, numbers(images * out.size(), 2));
  buffer<float> y(ctx, images * out.size()), grad_x(ctx, images * in.size());
  pass<cpu> const how{.mode = pass_mode::training};
  auto const step = [&] {
    one->forward(ctx, how, maps(x, images, in), maps(y, images, out));
    one->backward(ctx, how, maps(x, images, in), maps(y, images, out), maps(grad_y, images, out),
                  maps(grad_x, images, in));
    benchmark::ClobberMemory();
  };
  step();
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(images));
}

void head(benchmark::State& state) {
  sample_shape const in{7, 7, 2048};
  train(state, in, training::head_named("convolutions", in, 18), 32);
}

void inverted_residual(benchmark::State& state) {
  table const blocks{
      {batch_norm{}, "in"}, {convolution{.out = 144}, "expand"},    {batch_norm{}, "norm1"},
      {relu6{}, "relu1"},   {depthwise_convolution{}, "depthwise"}, {batch_norm{}, "norm2"},
      {relu6{}, "relu2"},   {convolution{.out = 24}, "project"},    {batch_norm{}, "norm3", {.add = "in"}}};
  train(state, {56, 56, 24}, blocks, 16);
}

void convolution_3x3(benchmark::State& state) {
  layer(state, {56, 56, 64},
        convolution{.out = 64, .size = 3, .stride = static_cast<std::size_t>(state.range(0)), .bias = true}, 16);
}

/// A step of training: forward, binary cross-entropy, backward, SGD with momentum.
void convnet(benchmark::State& state) {
  constexpr std::size_t images = 32, labels = 18;
  sample_shape const in{64, 64, 3};
  context<cpu> ctx;
  network<float> net(ctx, in, training::head_named("convnet", in, labels));
  auto x = upload(ctx, numbers(images * in.size(), 1));
  auto const targets = upload(ctx, std::vector<float>(images * labels, 1.0f));
  buffer<float> slopes(ctx, images * labels);
  buffer<double> value(ctx, 1);
  loss_union<losses::binary_cross_entropy, cpu> loss(ctx, {}, labels);
  optimizer<float, cpu> rule(ctx, sgd{.momentum = 0.9}, net.parameters().size());
  pass<cpu> const how{.mode = pass_mode::training};
  auto const step = [&] {
    fill(ctx, net.gradients(ctx), 0.0f);
    auto const logits = net.forward(ctx, how, maps(x, images, in));
    loss.value_and_gradient(ctx, matrix_view<const float>(logits.data(), images, labels),
                            matrix_view<const float>(targets.data(), images, labels), value.view(),
                            slopes.matrix(images, labels));
    net.backward(ctx, how, maps(x, images, in), maps(slopes, images, net.output_shape()));
    rule.step(ctx, net.parameters(), net.gradients(ctx), 1e-3);
  };
  step();
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(images));
}

BENCHMARK(head)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(inverted_residual)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(convolution_3x3)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(convnet)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
