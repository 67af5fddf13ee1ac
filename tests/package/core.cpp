#include <cstdio>
#include <vector>

#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/scores/all.hpp>

int main() {
  std::vector<double> const logits{2, -1, -1, 1, 1, 1}, targets{1, 0, 1, 1, 1, 0};
  auto const z = softf1::as_matrix(logits, 3, 2), y = softf1::as_matrix(targets, 3, 2);
  std::printf("macro F1 %.6f, soft loss %.6f\n", softf1::macro(softf1::f_beta{}, z, y),
              softf1::loss_value(softf1::soft_f1{}, z, y));
}
