// Features of images by MobileNetV2 1.0, 224 × 224, folded for inference.
#include <softf1/layers/forward_plan.hpp>
#include <softf1/models/mobilenet_v2.hpp>

#include "measure.cuh"

namespace {

using namespace softf1_bench;

constexpr std::size_t size = 224, width = 1280;

template <class T>
void mobilenet_v2(results& out, context<device>& ctx, softf1::layers::network<float, device> const& net,
                  std::string const& end_point, std::string const& type) {
  softf1::layers::forward_plan<T, device> const plan(ctx, net, end_point);
  for (std::size_t images : {std::size_t{64}, std::size_t{256}}) {
    constexpr std::size_t sets = 2;
    std::vector<softf1::buffer<T, device>> pixels, features;
    for (std::size_t k = 0; k < sets; ++k) {
      pixels.push_back(random_numbers<T>(ctx, images * size * size * 3, k));
      features.emplace_back(ctx, images * width);
    }
    measure(out, ctx, {"MobileNetV2 features, " + type, std::to_string(images) + " x 224 x 224", "softf1", 0}, sets,
            [&](std::size_t k) {
              softf1::layers::feature_maps<const T, device> const x(pixels[k].data(), {images, size, size, 3});
              plan.run(ctx, x, features[k].matrix(images, width));
            });
    ctx.trim();
  }
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, [](results& out) {
    context<device> ctx;
    auto const network = softf1::models::mobilenet_v2();
    softf1::layers::network<float, device> const net(ctx, {size, size, 3}, network.blocks, 1);
    mobilenet_v2<softf1::half>(out, ctx, net, network.features, "fp16");
    mobilenet_v2<softf1::bfloat16>(out, ctx, net, network.features, "bf16");
    mobilenet_v2<float>(out, ctx, net, network.features, "float");
  });
}
