#include <cstdio>
#include <vector>

#include <thrust/device_vector.h>

#include <softf1/interop/thrust.hpp>
#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/scores/all.hpp>
#include <softf1/thresholds/best.hpp>

// What a user's own device code holds is taken as it is.
int main() {
  std::size_t const rows = 3, labels = 2;
  std::vector<float> const host_logits{2, -1, -1, 1, 1, 1}, host_targets{1, 0, 1, 1, 1, 0};
  thrust::device_vector<float> const logits(host_logits), targets(host_targets);
  thrust::device_vector<float> gradient(rows * labels);
  thrust::device_vector<double> value(1);

  softf1::context<softf1::cuda> ctx;
  auto const z = softf1::as_matrix(logits, rows, labels), y = softf1::as_matrix(targets, rows, labels);
  softf1::value_and_gradient(ctx, softf1::soft_f1{}, z, y, softf1::to_view<1>(value, "", ""),
                             softf1::as_matrix(gradient, rows, labels));
  auto const set = softf1::best_thresholds(ctx, softf1::f_beta{}, z, y);
  ctx.synchronise();
  std::printf("macro F1 %.6f, soft loss %.6f, gradient %.4f, thresholds %g %g\n",
              softf1::macro(ctx, softf1::f_beta{}, z, y), static_cast<double>(value[0]),
              static_cast<double>(static_cast<float>(gradient[0])), set.thresholds[0], set.thresholds[1]);
}
