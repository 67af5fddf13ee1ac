// Value and gradient of losses, beside a copy. Bytes: logits and targets in, gradient out.
#include <softf1/losses/all.hpp>

#include "measure.cuh"

namespace {

using namespace softf1_bench;

void copies(results& out, context<device>& ctx) {
  constexpr std::size_t bytes = std::size_t{1} << 30;
  std::vector<softf1::buffer<float, device>> parts;
  for (int k = 0; k < 4; ++k) {
    parts.emplace_back(ctx, bytes / sizeof(float));
    fill(ctx, parts.back().view(), 1.0f);
  }
  double const time =
      milliseconds(ctx, [&](std::size_t k) { copy(ctx, std::as_const(parts[k % 2]).view(), parts[2 + k % 2].view()); });
  out.add({"copy", "1 GiB", "softf1", time, 2.0 * bytes});
}

template <class Loss>
void value_and_gradient(results& out, context<device>& ctx, Loss const& loss, std::size_t rows) {
  constexpr std::size_t labels = 80;
  std::size_t const cells = rows * labels, bytes = 3 * cells * sizeof(float), sets = sets_for(bytes);
  std::vector<score_set<float>> data;
  std::vector<softf1::buffer<float, device>> gradients;
  for (std::size_t k = 0; k < sets; ++k) {
    data.emplace_back(ctx, rows, labels, k);
    gradients.emplace_back(ctx, cells);
  }
  softf1::loss_union<Loss, device> all(ctx, loss, labels);
  softf1::buffer<double, device> value(ctx, 1);
  measure(out, ctx,
          {std::string(Loss::name) + ", value and gradient", shape_of(rows, labels), "softf1", 0,
           static_cast<double>(bytes)},
          sets, [&](std::size_t k) {
            all.value_and_gradient(ctx, data[k].z(), data[k].y(), value.view(), gradients[k].matrix(rows, labels));
          });
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmarks(argc, argv, [](results& out) {
    context<device> ctx;
    copies(out, ctx);
    ctx.trim();
    for (std::size_t rows : {std::size_t{65536}, std::size_t{1048576}}) {
      value_and_gradient(out, ctx, softf1::losses::binary_cross_entropy{}, rows);
      ctx.trim();
      value_and_gradient(out, ctx, softf1::losses::soft_f1{}, rows);
      ctx.trim();
    }
  });
}
